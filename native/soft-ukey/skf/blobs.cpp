/** Reading and writing of the packed structures. */
#include "blobs.h"

#include <algorithm>
#include <cstddef>

namespace bidkey::skf {

namespace {
constexpr std::size_t coordinateAt = 32;

Field32 readRightAligned(const BYTE (&field)[64]) {
  require(std::all_of(field, field + coordinateAt, [](BYTE byte) { return byte == 0; }), SAR_INDATAERR);
  Field32 out;
  std::copy_n(field + coordinateAt, out.size(), out.begin());
  return out;
}

void writeRightAligned(View number, BYTE (&field)[64]) {
  std::memset(field, 0, sizeof field);
  std::copy_n(number.begin(), 32, field + coordinateAt);
}

template <std::size_t N>
void writeNumber(View number, BYTE (&field)[N]) {
  const SecureBytes aligned = rightAligned(number, N);
  std::copy(aligned.begin(), aligned.end(), field);
}
}  // namespace

ECCPUBLICKEYBLOB blobOf(const Sm2Public& pub) {
  ECCPUBLICKEYBLOB blob{};
  blob.BitLen = 256;
  writeRightAligned(pub.x, blob.XCoordinate);
  writeRightAligned(pub.y, blob.YCoordinate);
  return blob;
}

Sm2Public sm2PublicOfBlob(const ECCPUBLICKEYBLOB* blob) {
  require(blob != nullptr, SAR_INVALIDPARAMERR);
  require(blob->BitLen == 256, SAR_INDATAERR);
  const Sm2Public pub{readRightAligned(blob->XCoordinate), readRightAligned(blob->YCoordinate)};
  sm2RequireOnCurve(pub);
  return pub;
}

Sm2KeyPair sm2PairOfBlob(const ECCPRIVATEKEYBLOB* blob) {
  require(blob != nullptr, SAR_INVALIDPARAMERR);
  require(blob->BitLen == 256, SAR_INDATAERR);
  Field32 d = readRightAligned(blob->PrivateKey);
  Sm2KeyPair pair{sm2PublicOf(d), secureBytes(d)};
  OPENSSL_cleanse(d.data(), d.size());
  return pair;
}

ECCSIGNATUREBLOB signatureBlobOf(View raw) {
  ECCSIGNATUREBLOB blob{};
  writeRightAligned(raw.first(32), blob.r);
  writeRightAligned(raw.last(32), blob.s);
  return blob;
}

Bytes rawOf(const ECCSIGNATUREBLOB* blob) {
  require(blob != nullptr, SAR_INVALIDPARAMERR);
  const Field32 r = readRightAligned(blob->r), s = readRightAligned(blob->s);
  Bytes raw;
  append(raw, r);
  append(raw, s);
  return raw;
}

std::size_t cipherBlobSize(std::size_t cipherBytes) { return offsetof(ECCCIPHERBLOB, Cipher) + cipherBytes; }

void writeCipherBlob(const Sm2Cipher& cipher, ECCCIPHERBLOB* blob) {
  auto* out = reinterpret_cast<BYTE*>(blob);
  ECCCIPHERBLOB head{};
  writeRightAligned(cipher.x, head.XCoordinate);
  writeRightAligned(cipher.y, head.YCoordinate);
  std::copy(cipher.hash.begin(), cipher.hash.end(), head.HASH);
  head.CipherLen = static_cast<ULONG>(cipher.body.size());
  std::memcpy(out, &head, cipherBlobSize(0));
  std::memcpy(out + cipherBlobSize(0), cipher.body.data(), cipher.body.size());
}

Sm2Cipher readCipherBlob(const BYTE* blob, std::optional<std::size_t> available) {
  require(blob != nullptr, SAR_INVALIDPARAMERR);
  require(!available || *available > cipherBlobSize(0), SAR_INDATALENERR);
  ECCCIPHERBLOB head{};
  std::memcpy(&head, blob, cipherBlobSize(0));
  require(head.CipherLen >= 1 && head.CipherLen <= maxEccPlainBytes, SAR_INDATALENERR);
  require(!available || cipherBlobSize(head.CipherLen) <= *available, SAR_INDATALENERR);
  Sm2Cipher cipher{readRightAligned(head.XCoordinate), readRightAligned(head.YCoordinate), {}, plainBytes(View(blob + cipherBlobSize(0), head.CipherLen))};
  std::copy_n(head.HASH, cipher.hash.size(), cipher.hash.begin());
  return cipher;
}

Sm2Envelope readEnvelopeBlob(const ENVELOPEDKEYBLOB* blob) {
  require(blob != nullptr, SAR_INVALIDPARAMERR);
  require(blob->Version == 1 && blob->ulBits == 256, SAR_INDATAERR);
  // SM1 and SSF33 exist in hardware only.
  require(blob->ulSymmAlgID == SGD_SM4_ECB, SAR_NOTSUPPORTYETERR);
  // The structure does not say how long it is: a session key of SM4 has 16 bytes, nothing more is read.
  require(blob->ECCCipherBlob.CipherLen == 16, SAR_INDATALENERR);
  const auto* cipher = reinterpret_cast<const BYTE*>(blob) + offsetof(ENVELOPEDKEYBLOB, ECCCipherBlob);
  return {readCipherBlob(cipher, cipherBlobSize(16)), sm2PublicOfBlob(&blob->PubKey), plainBytes(View(blob->cbEncryptedPriKey, sizeof blob->cbEncryptedPriKey))};
}

RSAPUBLICKEYBLOB rsaBlobOf(const RsaPublic& pub) {
  RSAPUBLICKEYBLOB blob{};
  const View n = withoutLeadingZeros(pub.n);
  require(n.size() <= sizeof blob.Modulus && withoutLeadingZeros(pub.e).size() <= sizeof blob.PublicExponent, SAR_MODULUSLENERR);
  blob.AlgID = SGD_RSA;
  blob.BitLen = static_cast<ULONG>(n.size() * 8);
  writeNumber(n, blob.Modulus);
  writeNumber(pub.e, blob.PublicExponent);
  return blob;
}

RsaPublic rsaPublicOfBlob(const RSAPUBLICKEYBLOB* blob) {
  require(blob != nullptr, SAR_INVALIDPARAMERR);
  const View n = withoutLeadingZeros(blob->Modulus), e = withoutLeadingZeros(blob->PublicExponent);
  require((blob->BitLen == 1024 || blob->BitLen == 2048) && n.size() * 8 == blob->BitLen && !e.empty(), SAR_MODULUSLENERR);
  return {plainBytes(n), plainBytes(e)};
}

}  // namespace bidkey::skf
