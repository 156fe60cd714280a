/** Opening the faces for the fuzz targets, and the table of targets. */
#include "fuzz-world.h"

#include <cstddef>

#include "core/der.h"

using namespace bidkey;

namespace fuzz {

namespace {

constexpr Target table[] = {{"templates", fuzzTemplates}, {"mechanisms", fuzzMechanisms}, {"unwrap", fuzzUnwrap},        {"structures", fuzzStructures},
                            {"key-file", fuzzKeyFile},    {"skf-blobs", fuzzSkfBlobs},    {"skf-calls", fuzzSkfCalls}};

template <class Blob>
Bytes bytesOf(const Blob& blob, std::size_t size) {
  return plainBytes(View(reinterpret_cast<const std::uint8_t*>(&blob), size));
}

Sm2Public publicOfBlob(const ECCPUBLICKEYBLOB& blob) {
  Sm2Public pub{};
  std::copy_n(blob.XCoordinate + 32, 32, pub.x.begin());
  std::copy_n(blob.YCoordinate + 32, 32, pub.y.begin());
  return pub;
}

void writeCipher(const Sm2Cipher& cipher, ECCCIPHERBLOB& blob, BYTE* body) {
  std::copy(cipher.x.begin(), cipher.x.end(), blob.XCoordinate + 32);
  std::copy(cipher.y.begin(), cipher.y.end(), blob.YCoordinate + 32);
  std::copy(cipher.hash.begin(), cipher.hash.end(), blob.HASH);
  blob.CipherLen = static_cast<ULONG>(cipher.body.size());
  std::copy(cipher.body.begin(), cipher.body.end(), body);
}

Bytes makeEnvelopeBlob(const Sm2Public& recipient, const Sm2KeyPair& inner) {
  struct { ENVELOPEDKEYBLOB blob; BYTE more[16]; } made{};
  const SecureBytes sessionKey = randomBytes(16), encrypted = encryptBlocks("SM4-ECB", sessionKey, {}, inner.d, false);
  made.blob.Version = 1, made.blob.ulSymmAlgID = SGD_SM4_ECB, made.blob.ulBits = 256, made.blob.PubKey.BitLen = 256;
  std::copy(encrypted.begin(), encrypted.end(), made.blob.cbEncryptedPriKey + 32);
  std::copy(inner.pub.x.begin(), inner.pub.x.end(), made.blob.PubKey.XCoordinate + 32);
  std::copy(inner.pub.y.begin(), inner.pub.y.end(), made.blob.PubKey.YCoordinate + 32);
  writeCipher(sm2Encrypt(recipient, sessionKey), made.blob.ECCCipherBlob, reinterpret_cast<BYTE*>(&made) + offsetof(ENVELOPEDKEYBLOB, ECCCipherBlob) + offsetof(ECCCIPHERBLOB, Cipher));
  return bytesOf(made, sizeof made);
}

Bytes makeSessionKeyBlob(const Sm2Public& recipient) {
  struct { ECCCIPHERBLOB blob; BYTE more[15]; } made{};
  writeCipher(sm2Encrypt(recipient, randomBytes(16)), made.blob, reinterpret_cast<BYTE*>(&made) + offsetof(ECCCIPHERBLOB, Cipher));
  return bytesOf(made, offsetof(ECCCIPHERBLOB, Cipher) + 16);
}

void openPkcs11(Faces& made) {
  CK_SLOT_ID slot = 0;
  CK_ULONG one = 1;
  must(C_Initialize(nullptr) == CKR_OK && C_GetSlotList(CK_TRUE, &slot, &one) == CKR_OK, "slot");
  must(C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &made.session) == CKR_OK, "session");
  must(C_Login(made.session, CKU_USER, reinterpret_cast<CK_UTF8CHAR*>(const_cast<char*>(fixture::userPin)), 8) == CKR_OK, "login");
  CK_MECHANISM sm2{CKM_SM2_KEY_PAIR_GEN, nullptr, 0}, rsa{CKM_RSA_PKCS_KEY_PAIR_GEN, nullptr, 0}, aes{CKM_AES_KEY_GEN, nullptr, 0}, sm4{CKM_SM4_KEY_GEN, nullptr, 0}, secret{CKM_GENERIC_SECRET_KEY_GEN, nullptr, 0};
  must(C_GenerateKeyPair(made.session, &sm2, nullptr, 0, nullptr, 0, &made.sm2PublicKey, &made.sm2Key) == CKR_OK, "SM2 key pair");
  CK_ULONG bits = 2048, size = 32;
  CK_ATTRIBUTE modulus{CKA_MODULUS_BITS, &bits, sizeof bits}, length{CKA_VALUE_LEN, &size, sizeof size};
  must(C_GenerateKeyPair(made.session, &rsa, &modulus, 1, nullptr, 0, &made.rsaPublicKey, &made.rsaKey) == CKR_OK, "RSA key pair");
  must(C_GenerateKey(made.session, &aes, &length, 1, &made.aesKey) == CKR_OK, "AES key");
  must(C_GenerateKey(made.session, &sm4, nullptr, 0, &made.sm4Key) == CKR_OK, "SM4 key");
  must(C_GenerateKey(made.session, &secret, &length, 1, &made.secretKey) == CKR_OK, "secret key");
  std::uint8_t point[67];
  CK_ATTRIBUTE query{CKA_EC_POINT, point, sizeof point};
  must(C_GetAttributeValue(made.session, made.sm2PublicKey, &query, 1) == CKR_OK, "public key");
  made.envelopeDer = makeEnvelopeDer(sm2PublicFromPoint(View(point, query.ulValueLen)), sm2Generate());
}

void openSkf(Faces& made) {
  char name[] = "BIDKEY-NATIVE", app[] = "BidKeyApp", container[] = "fuzz", pin[] = "28461937";
  ECCPUBLICKEYBLOB blob{};
  must(SKF_ConnectDev(name, &made.device) == SAR_OK && SKF_OpenApplication(made.device, app, &made.application) == SAR_OK, "application");
  must(SKF_VerifyPIN(made.application, USER_TYPE, pin, nullptr) == SAR_OK && SKF_CreateContainer(made.application, container, &made.container) == SAR_OK, "container");
  must(SKF_GenECCKeyPair(made.container, SGD_SM2_1_A, &blob) == SAR_OK, "signing pair");
  const Sm2KeyPair inner = sm2Generate();
  made.envelopeBlob = makeEnvelopeBlob(publicOfBlob(blob), inner);
  must(SKF_ImportECCKeyPair(made.container, reinterpret_cast<ENVELOPEDKEYBLOB*>(made.envelopeBlob.data())) == SAR_OK, "encryption pair");
  made.sessionKeyBlob = makeSessionKeyBlob(inner.pub);
}

}  // namespace

const Faces& faces() {
  static const Faces value = [] {
    fixture::makeFolder();
    fixture::makeKey();
    std::atexit([] { std::filesystem::remove_all(tokenFolder()); });
    Faces made;
    openPkcs11(made);
    openSkf(made);
    return made;
  }();
  return value;
}

void must(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "fuzz: %s\n", what);
  std::abort();
}

Bytes edited(Bytes base, View script) {
  for (; script.size() >= 4 && !base.empty(); script = script.subspan(4)) {
    const std::size_t at = static_cast<std::size_t>(script[1] | script[2] << 8) % base.size();
    const auto place = base.begin() + static_cast<std::ptrdiff_t>(at);
    switch (script[0] % 5) {
      case 0: *place = static_cast<std::uint8_t>(*place ^ script[3]); break;
      case 1: *place = script[3]; break;
      case 2: base.insert(place, script[3]); break;
      case 3: base.erase(place); break;
      default: base.resize(at); break;
    }
  }
  return base;
}

View take(View& input, std::size_t bytes) {
  const View taken = input.first(std::min(bytes, input.size()));
  input = input.subspan(taken.size());
  return taken;
}

std::uint64_t takeNumber(View& input, std::size_t bytes) {
  std::uint64_t number = 0;
  for (const auto byte : take(input, bytes)) number = number << 8 | byte;
  return number;
}

Bytes makeEnvelopeDer(const Sm2Public& recipient, const Sm2KeyPair& inner) {
  const SecureBytes sessionKey = randomBytes(16);
  Bytes point{0}, secret{0};
  append(point, sm2Point(inner.pub));
  append(secret, encryptBlocks("SM4-ECB", sessionKey, {}, inner.d, false));
  const auto algorithm = der::element(der::sequence, bytesOfHex("06082a811ccf55016801"));
  return plainBytes(der::element(der::sequence, der::concatenated({algorithm, sm2CipherDer(sm2Encrypt(recipient, sessionKey)), der::element(der::bitString, point), der::element(der::bitString, secret)})));
}

std::span<const Target> targets() { return table; }

}  // namespace fuzz
