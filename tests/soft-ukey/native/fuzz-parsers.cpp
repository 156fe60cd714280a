/**
 * Fuzz driver for everything that parses what a host hands in: attribute templates, SM2 structures, PKCS#8, certificates, SKF blobs, the key file.
 * With clang's libFuzzer it is a target (-fsanitize=fuzzer, BIDKEY_LIBFUZZER); by itself it mutates its own seeds for a bounded number of seconds:
 * `fuzz-parsers <seconds> [seed]`. What is wrong shows as a sanitizer report or a call that returns what it must not.
 */
#include <chrono>
#include <random>

#include "core/key-objects.h"
#include "core/der.h"
#include "core/faults.h"
#include "fixture.h"
#include "include/pkcs11.h"
#include "include/skf.h"

using namespace bidkey;

namespace {

struct Faces { CK_SESSION_HANDLE session = 0; CK_OBJECT_HANDLE sm2Key = 0, aesKey = 0; DEVHANDLE device = nullptr; HAPPLICATION application = nullptr; HCONTAINER container = nullptr; };

void must(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "fuzz-parsers: %s\n", what);
  std::abort();
}

const Faces& faces() {
  static const Faces value = [] {
    fixture::makeFolder();
    fixture::makeKey();
    Faces made;
    CK_SLOT_ID slot = 0;
    CK_ULONG one = 1;
    must(C_Initialize(nullptr) == CKR_OK && C_GetSlotList(CK_TRUE, &slot, &one) == CKR_OK, "slot");
    must(C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &made.session) == CKR_OK, "session");
    must(C_Login(made.session, CKU_USER, reinterpret_cast<CK_UTF8CHAR*>(const_cast<char*>(fixture::userPin)), 8) == CKR_OK, "login");
    CK_MECHANISM sm2{CKM_SM2_KEY_PAIR_GEN, nullptr, 0}, aes{CKM_AES_KEY_GEN, nullptr, 0};
    CK_OBJECT_HANDLE publicKey = 0;
    must(C_GenerateKeyPair(made.session, &sm2, nullptr, 0, nullptr, 0, &publicKey, &made.sm2Key) == CKR_OK, "key pair");
    CK_ULONG size = 32;
    CK_ATTRIBUTE length{CKA_VALUE_LEN, &size, sizeof size};
    must(C_GenerateKey(made.session, &aes, &length, 1, &made.aesKey) == CKR_OK, "AES key");
    char name[] = "BIDKEY-NATIVE", app[] = "BidKeyApp", container[] = "fuzz", pin[] = "28461937";
    ECCPUBLICKEYBLOB blob{};
    must(SKF_ConnectDev(name, &made.device) == SAR_OK && SKF_OpenApplication(made.device, app, &made.application) == SAR_OK, "application");
    must(SKF_VerifyPIN(made.application, USER_TYPE, pin, nullptr) == SAR_OK && SKF_CreateContainer(made.application, container, &made.container) == SAR_OK, "container");
    must(SKF_GenECCKeyPair(made.container, SGD_SM2_1_A, &blob) == SAR_OK, "signing pair");
    return made;
  }();
  return value;
}

/** Reads a template out of the input: type, declared length, value; types are drawn from known ones mostly. */
void fuzzTemplate(View input) {
  static const CK_ATTRIBUTE_TYPE known[] = {CKA_CLASS, CKA_TOKEN, CKA_PRIVATE, CKA_LABEL, CKA_VALUE, CKA_KEY_TYPE, CKA_ID, CKA_SENSITIVE, CKA_EXTRACTABLE, CKA_MODULUS, CKA_PUBLIC_EXPONENT, CKA_MODULUS_BITS, CKA_EC_PARAMS,
                                            CKA_EC_POINT, CKA_VALUE_LEN, CKA_CERTIFICATE_TYPE, CKA_START_DATE, CKA_ALLOWED_MECHANISMS, CKA_WRAP_TEMPLATE, 0x80000001};
  if (input.empty()) return;
  const std::uint8_t call = input[0];
  input = input.subspan(1);
  std::vector<fixture::Exact> values;
  std::vector<CK_ATTRIBUTE> attributes;
  values.reserve(64);
  while (input.size() >= 2 && values.size() < 64) {
    const CK_ATTRIBUTE_TYPE type = known[input[0] % std::size(known)];
    const std::size_t size = std::min<std::size_t>(input[1] & 0x7f, input.size() - 2);
    values.emplace_back(input.subspan(2, size));
    const bool null = (input[1] & 0x80) != 0;
    attributes.push_back({type, null ? nullptr : values.back().data(), size});
    input = input.subspan(2 + size);
  }
  const auto& [session, sm2Key, aesKey, device, application, container] = faces();
  CK_OBJECT_HANDLE made = 0;
  CK_MECHANISM aes{CKM_AES_KEY_GEN, nullptr, 0}, sm2{CKM_SM2_KEY_PAIR_GEN, nullptr, 0};
  CK_ATTRIBUTE* list = attributes.data();
  const CK_ULONG count = attributes.size();
  CK_RV rv = CKR_OK;
  switch (call % 6) {
    case 0: rv = C_CreateObject(session, list, count, &made); break;
    case 1: rv = C_GenerateKey(session, &aes, list, count, &made); break;
    case 2: rv = C_CopyObject(session, aesKey, list, count, &made); break;
    case 3: rv = C_FindObjectsInit(session, list, count); C_FindObjectsFinal(session); return;
    case 4: C_GetAttributeValue(session, sm2Key, list, count); return;
    default: {
      CK_OBJECT_HANDLE publicKey = 0;
      rv = C_GenerateKeyPair(session, &sm2, list, count, nullptr, 0, &publicKey, &made);
      if (rv == CKR_OK) C_DestroyObject(session, publicKey);
    }
  }
  if (rv != CKR_OK) return;
  C_SetAttributeValue(session, made, list, count);
  CK_OBJECT_CLASS objectClass = 0;
  CK_ATTRIBUTE query{CKA_CLASS, &objectClass, sizeof objectClass};
  must(C_GetAttributeValue(session, made, &query, 1) == CKR_OK, "an object without a class");
  C_DestroyObject(session, made);
}

template <class Parse>
void parse(const Parse& run) {
  try {
    run();
  } catch (const Failure&) {
    return;  // a refusal is what hostile bytes deserve
  }
}

void fuzzStructures(View input) {
  const fixture::Exact exact(input);
  const View data(exact.data(), exact.size());
  parse([&] { sm2EnvelopeFromDer(data); });
  parse([&] {
    // What is read strictly must be written the same.
    const Sm2Cipher cipher = sm2CipherFromDer(data);
    must(sameBytes(sm2CipherDer(cipher), data), "an SM2Cipher that was not canonical");
  });
  parse([&] { must(sameBytes(sm2SignatureDer(sm2SignatureRaw(data)), data), "a signature that was not canonical"); });
  parse([&] { sm2CipherFromRaw(data); });
  parse([&] { attributesFromPkcs8(data); });
  parse([&] { certificateAttributes(data); });
  parse([&] { readTokenState(data); });
  // The checksum keeps mutations out: the body is tried with a right one too.
  Bytes sealed = plainBytes(data);
  append(sealed, digestOf("SHA256", data));
  parse([&] { readTokenState(sealed); });
  parseFaultRule(textOf(data));
}

void fuzzUnwrap(View input) {
  const fixture::Exact exact(input);
  const auto& state = faces();
  CK_MECHANISM envelope{CKM_BIDKEY_SM2_ENVELOPED_KEY_UNWRAP, nullptr, 0};
  CK_OBJECT_HANDLE made = 0;
  if (C_UnwrapKey(state.session, &envelope, state.sm2Key, exact.data(), exact.size(), nullptr, 0, &made) == CKR_OK) C_DestroyObject(state.session, made);
}

/** Blobs without a length are given in full size; those with one exactly. */
void fuzzSkf(View input) {
  const auto& state = faces();
  const fixture::Exact exact(input);
  HANDLE key = nullptr;
  if (SKF_ImportSessionKey(state.container, SGD_SM4_CBC, exact.data(), static_cast<ULONG>(exact.size()), &key) == SAR_OK) SKF_CloseHandle(key);
  SKF_ImportCertificate(state.container, 0, exact.data(), static_cast<ULONG>(exact.size()));
  Bytes envelope(372 + 16), cipher(164 + 1024), pub(132), rsa(268);
  for (Bytes* blob : {&envelope, &cipher, &pub, &rsa}) std::memcpy(blob->data(), input.data(), std::min(blob->size(), input.size()));
  const fixture::Exact exactEnvelope(envelope), exactCipher(cipher), exactPub(pub), exactRsa(rsa);
  SKF_ImportECCKeyPair(state.container, reinterpret_cast<ENVELOPEDKEYBLOB*>(exactEnvelope.data()));
  BYTE out[1024];
  ULONG size = sizeof out;
  SKF_ECCDecrypt(state.container, reinterpret_cast<ECCCIPHERBLOB*>(exactCipher.data()), out, &size);
  ECCSIGNATUREBLOB signature{};
  BYTE digest[32] = {1};
  SKF_ECCVerify(state.device, reinterpret_cast<ECCPUBLICKEYBLOB*>(exactPub.data()), digest, 32, &signature);
  size = sizeof out;
  SKF_ExtRSAPubKeyOperation(state.device, reinterpret_cast<RSAPUBLICKEYBLOB*>(exactRsa.data()), exact.data(), static_cast<ULONG>(exact.size()), out, &size);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const View input(data + 1, size - 1);
  switch (data[0] % 4) {
    case 0: fuzzTemplate(input); break;
    case 1: fuzzStructures(input); break;
    case 2: fuzzUnwrap(input); break;
    default: fuzzSkf(input); break;
  }
  return 0;
}

#ifndef BIDKEY_LIBFUZZER
namespace {

/** Right structures of every kind: what mutations start from. */
std::vector<Bytes> seeds() {
  std::vector<Bytes> out;
  const auto add = [&](std::uint8_t target, View data) {
    Bytes seed{target};
    append(seed, data);
    out.push_back(seed);
  };
  const Sm2KeyPair pair = sm2Generate(), inner = sm2Generate();
  const Sm2Cipher cipher = sm2Encrypt(pair.pub, randomBytes(16));
  Bytes bits{0}, secret{0};
  append(bits, sm2Point(inner.pub));
  append(secret, randomBytes(32));
  const auto algorithm = der::element(der::sequence, bytesOfHex("06082a811ccf55016801"));
  const Bytes envelope = plainBytes(der::element(der::sequence, der::concatenated({algorithm, sm2CipherDer(cipher), der::element(der::bitString, bits), der::element(der::bitString, secret)})));
  for (const std::uint8_t target : {1, 2}) add(target, envelope);
  add(1, sm2CipherDer(cipher));
  add(1, sm2SignatureDer(sm2Sign(pair.d, pair.pub, randomBytes(32))));
  add(1, sm2CipherRaw(cipher));
  add(1, pkcs8Of({1, privateAttributes(pair)}));
  const Bytes file = writeTokenState(*tokenOf(fixture::serial)->read());
  add(1, View(file).first(file.size() - 32));
  Bytes blob(372 + 16, 0);
  blob[0] = 1, blob[4] = 1, blob[5] = 4, blob[9] = 1, blob[368] = 16;
  add(3, blob);
  add(3, Bytes(300, 0));
  // C_CreateObject: class secret key, key type AES, value.
  Bytes create{0, 0, 8, 4, 0, 0, 0, 0, 0, 0, 0, 5, 8, 0x1f, 0, 0, 0, 0, 0, 0, 0, 4, 16};
  create.resize(create.size() + 16, 7);
  add(0, create);
  for (std::uint8_t call = 1; call < 6; call++) add(0, Bytes{call, 14, 8, 32, 0, 0, 0, 0, 0, 0, 0, 7, 1, 1, 8, 1, 0});
  return out;
}

Bytes mutated(const Bytes& seed, std::mt19937& random) {
  Bytes out = seed;
  const auto any = [&](std::size_t limit) { return static_cast<std::size_t>(random() % std::max<std::size_t>(limit, 1)); };
  for (std::size_t times = 1 + any(6); times > 0 && out.size() > 1; times--) {
    const std::size_t at = 1 + any(out.size() - 1);
    switch (random() % 6) {
      case 0: out[at] = static_cast<std::uint8_t>(out[at] ^ (1U << any(8))); break;
      case 1: out[at] = static_cast<std::uint8_t>(random()); break;
      case 2: out.resize(at); break;
      case 3: out.insert(out.begin() + static_cast<std::ptrdiff_t>(at), static_cast<std::uint8_t>(random())); break;
      case 4: out[at] = (random() % 2) != 0 ? 0xff : 0x80; break;
      default: out.erase(out.begin() + static_cast<std::ptrdiff_t>(at)); break;
    }
  }
  return out;
}

}  // namespace

int main(int count, char** values) {
  const int seconds = count > 1 ? std::atoi(values[1]) : 10;
  const auto seed = count > 2 ? static_cast<unsigned>(std::strtoul(values[2], nullptr, 10)) : std::random_device{}();
  std::printf("fuzz-parsers: seed %u\n", seed);
  std::fflush(stdout);
  std::mt19937 random(seed);
  faces();
  const auto starts = seeds();
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  std::size_t runs = 0;
  for (const auto& start : starts) LLVMFuzzerTestOneInput(start.data(), start.size());
  for (; std::chrono::steady_clock::now() < until; runs++) {
    const Bytes input = mutated(starts[random() % starts.size()], random);
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
  std::filesystem::remove_all(tokenFolder());
  std::printf("fuzz-parsers: %zu inputs, nothing found\n", runs);
  return 0;
}
#endif
