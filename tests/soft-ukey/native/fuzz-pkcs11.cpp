/** Fuzz targets of the PKCS#11 face: templates of attributes, mechanism parameters with the operations they start, and SM2EnvelopedKey unwrapping. */
#include "fuzz-world.h"

using namespace bidkey;

namespace fuzz {

/** Reads a template out of the input: type, declared length, value. Types are known ones mostly. */
void fuzzTemplates(View input) {
  static const CK_ATTRIBUTE_TYPE known[] = {CKA_CLASS, CKA_TOKEN, CKA_PRIVATE, CKA_LABEL, CKA_VALUE, CKA_KEY_TYPE, CKA_ID, CKA_SENSITIVE, CKA_EXTRACTABLE, CKA_MODULUS, CKA_PUBLIC_EXPONENT, CKA_MODULUS_BITS, CKA_EC_PARAMS,
                                            CKA_EC_POINT, CKA_VALUE_LEN, CKA_CERTIFICATE_TYPE, CKA_START_DATE, CKA_ALLOWED_MECHANISMS, CKA_WRAP_TEMPLATE, 0x80000001};
  const auto call = takeNumber(input, 1);
  std::vector<fixture::Exact> values;
  std::vector<CK_ATTRIBUTE> attributes;
  values.reserve(64);
  while (input.size() >= 2 && values.size() < 64) {
    const CK_ATTRIBUTE_TYPE type = known[takeNumber(input, 1) % std::size(known)];
    const auto form = takeNumber(input, 1);
    values.emplace_back(take(input, form & 0x7f));
    attributes.push_back({type, (form & 0x80) != 0 ? nullptr : values.back().data(), values.back().size()});
  }
  const Faces& open = faces();
  const CK_SESSION_HANDLE session = open.session;
  CK_OBJECT_HANDLE made = 0, publicKey = 0;
  CK_MECHANISM aes{CKM_AES_KEY_GEN, nullptr, 0}, sm2{CKM_SM2_KEY_PAIR_GEN, nullptr, 0};
  CK_ATTRIBUTE* list = attributes.data();
  const CK_ULONG count = attributes.size();
  CK_RV rv = CKR_OK;
  switch (call % 7) {
    case 0: rv = C_CreateObject(session, list, count, &made); break;
    case 1: rv = C_GenerateKey(session, &aes, list, count, &made); break;
    case 2: rv = C_CopyObject(session, open.aesKey, list, count, &made); break;
    case 3: rv = C_FindObjectsInit(session, list, count); C_FindObjectsFinal(session); return;
    case 4: C_GetAttributeValue(session, open.sm2Key, list, count); return;
    case 5: rv = C_GenerateKeyPair(session, &sm2, nullptr, 0, list, count, &publicKey, &made); break;
    default: rv = C_GenerateKeyPair(session, &sm2, list, count, nullptr, 0, &publicKey, &made); break;
  }
  if (rv != CKR_OK) return;
  C_SetAttributeValue(session, made, list, count);
  CK_OBJECT_CLASS objectClass = 0;
  CK_ATTRIBUTE query{CKA_CLASS, &objectClass, sizeof objectClass};
  must(C_GetAttributeValue(session, made, &query, 1) == CKR_OK, "an object without a class");
  std::uint8_t value[64];
  CK_ATTRIBUTE secret{CKA_VALUE, value, sizeof value};
  must(objectClass != CKO_PRIVATE_KEY || C_GetAttributeValue(session, made, &secret, 1) != CKR_OK, "a private key that shows its value");
  if (publicKey != 0) C_DestroyObject(session, publicKey);
  C_DestroyObject(session, made);
}

namespace {

/** A parameter as the input has it; where the standard has a structure, mostly one of its size with a pointer that holds. */
struct Parameter {
  Parameter(View& input, CK_MECHANISM_TYPE type) : label(take(input, takeNumber(input, 1) % 64)), raw(label.size() == 0 ? View() : View(label.data(), label.size())) {
    const auto form = takeNumber(input, 1);
    static const CK_MECHANISM_TYPE digests[] = {CKM_SHA_1, CKM_SHA256, CKM_SHA384, CKM_SHA512, CKM_SHA224, CKM_SM3, 0x7777};
    const CK_MECHANISM_TYPE digest = digests[takeNumber(input, 1) % std::size(digests)];
    const CK_ULONG mgf = takeNumber(input, 1) % 6;
    oaep = {digest, mgf, static_cast<CK_ULONG>(form >> 4 & 1), (form & 0x20) != 0 ? nullptr : label.data(), label.size()};
    pss = {digest, mgf, takeNumber(input, (form & 0x40) != 0 ? 8 : 1)};
    mechanism = {type, raw.data(), raw.size()};
    if ((form & 1) == 0) return;
    if (type == CKM_RSA_PKCS_OAEP) mechanism = {type, &oaep, sizeof oaep};
    if (type == CKM_RSA_PKCS_PSS || type == CKM_SHA256_RSA_PKCS_PSS) mechanism = {type, &pss, sizeof pss};
    if ((form & 2) != 0) mechanism.pParameter = nullptr;
  }
  fixture::Exact label, raw;
  CK_RSA_PKCS_OAEP_PARAMS oaep{};
  CK_RSA_PKCS_PSS_PARAMS pss{};
  CK_MECHANISM mechanism{};
};

CK_OBJECT_HANDLE keyFor(CK_MECHANISM_TYPE type, std::uint64_t choice, bool isPrivate) {
  const Faces& open = faces();
  const CK_OBJECT_HANDLE all[] = {open.sm2Key, open.sm2PublicKey, open.rsaKey, open.rsaPublicKey, open.aesKey, open.sm4Key, open.secretKey};
  if (choice % 8 == 7) return all[choice / 8 % std::size(all)];
  if (type >= CKM_SM3_SM2_RAW && type <= CKM_SM2_ENCRYPT_DER) return isPrivate ? open.sm2Key : open.sm2PublicKey;
  if (type == CKM_SM4_ECB || type == CKM_SM4_CBC || type == CKM_SM4_CBC_PAD) return open.sm4Key;
  if (type >= CKM_AES_ECB && type <= CKM_AES_KEY_WRAP_KWP) return open.aesKey;
  if (type == CKM_SHA256_HMAC) return open.secretKey;
  return isPrivate ? open.rsaKey : open.rsaPublicKey;
}

}  // namespace

/** One operation from its start to its end, with room for the answer that may be too small. */
void fuzzMechanisms(View input) {
  static const CK_MECHANISM_TYPE known[] = {CKM_RSA_PKCS, CKM_RSA_PKCS_OAEP, CKM_RSA_PKCS_PSS, CKM_SHA256_RSA_PKCS, CKM_SHA256_RSA_PKCS_PSS, CKM_SM2_SIGN_DER, CKM_SM2_SIGN_RAW, CKM_SM3_SM2_RAW, CKM_SM3_SM2_Z_DER,
                                            CKM_SM2_ENCRYPT_RAW, CKM_SM2_ENCRYPT_DER, CKM_SM3, CKM_SHA256, CKM_SHA256_HMAC, CKM_AES_ECB, CKM_AES_CBC, CKM_AES_CBC_PAD, CKM_AES_KEY_WRAP, CKM_AES_KEY_WRAP_PAD,
                                            CKM_AES_KEY_WRAP_KWP, CKM_SM4_ECB, CKM_SM4_CBC, CKM_SM4_CBC_PAD};
  const auto call = takeNumber(input, 1);
  const CK_MECHANISM_TYPE type = known[takeNumber(input, 1) % std::size(known)];
  const auto choice = takeNumber(input, 1);
  Parameter parameter(input, type);
  CK_MECHANISM* mechanism = &parameter.mechanism;
  const fixture::Exact room(Bytes(takeNumber(input, 2) % 1100));
  CK_ULONG size = room.size();
  const fixture::Exact first(take(input, takeNumber(input, 1))), data(input);
  const CK_SESSION_HANDLE session = faces().session;
  CK_BYTE_PTR out = room.data();
  CK_OBJECT_HANDLE made = 0;
  const auto begun = [](CK_RV rv) {
    must(rv != CKR_OPERATION_ACTIVE, "an operation that was not ended");
    return rv == CKR_OK;
  };
  // Too little room leaves the operation going on; with the room that was asked for it ends, well or not.
  const auto whole = [&](auto run) {
    if (run(session, data.data(), data.size(), out, &size) != CKR_BUFFER_TOO_SMALL) return;
    Bytes enough(size + 1);
    must(run(session, data.data(), data.size(), enough.data(), &size) != CKR_BUFFER_TOO_SMALL, "the room that was asked for is too small");
  };
  const auto inParts = [&](auto update, auto final) {
    for (const fixture::Exact* part : {&first, &data}) {
      CK_ULONG got = room.size();
      const CK_RV rv = update(session, part->data(), part->size(), out, &got);
      if (rv == CKR_BUFFER_TOO_SMALL) break;
      if (rv != CKR_OK) return;
      must(got <= room.size(), "more written than there is room");
    }
    Bytes enough(2048);
    size = enough.size();
    must(final(session, enough.data(), &size) != CKR_BUFFER_TOO_SMALL, "an end that needs more room than there can be");
  };
  const bool parts = (choice & 0x80) != 0;
  switch (call % 8) {
    case 0:
      if (begun(C_EncryptInit(session, mechanism, keyFor(type, choice, false)))) parts ? inParts(C_EncryptUpdate, C_EncryptFinal) : whole(C_Encrypt);
      break;
    case 1:
      if (begun(C_DecryptInit(session, mechanism, keyFor(type, choice, true)))) parts ? inParts(C_DecryptUpdate, C_DecryptFinal) : whole(C_Decrypt);
      break;
    case 2:
      if (begun(C_SignInit(session, mechanism, keyFor(type, choice, true)))) whole(C_Sign);
      break;
    case 3:
      if (begun(C_VerifyInit(session, mechanism, keyFor(type, choice, false)))) C_Verify(session, first.data(), first.size(), data.data(), data.size());
      break;
    case 4:
      if (begun(C_DigestInit(session, mechanism))) whole(C_Digest);
      break;
    case 5: C_WrapKey(session, mechanism, keyFor(type, choice, false), faces().secretKey, out, &size); break;
    default: {
      CK_OBJECT_CLASS objectClass = call % 8 == 6 ? CKO_PRIVATE_KEY : CKO_SECRET_KEY;
      CK_KEY_TYPE keyType = call % 8 == 6 ? CKK_SM2 : CKK_GENERIC_SECRET;
      CK_ATTRIBUTE list[] = {{CKA_CLASS, &objectClass, sizeof objectClass}, {CKA_KEY_TYPE, &keyType, sizeof keyType}};
      if (C_UnwrapKey(session, mechanism, keyFor(type, choice, true), data.data(), data.size(), list, 2, &made) == CKR_OK) C_DestroyObject(session, made);
    }
  }
}

/** Hostile bytes as they are, or the right envelope of this key after some edits: most of those open, and what is inside is looked at. */
void fuzzUnwrap(View input) {
  const bool asItIs = takeNumber(input, 1) % 2 == 0;
  const Faces& open = faces();
  const fixture::Exact exact(asItIs ? plainBytes(input) : edited(open.envelopeDer, input));
  CK_MECHANISM envelope{CKM_BIDKEY_SM2_ENVELOPED_KEY_UNWRAP, nullptr, 0};
  CK_OBJECT_HANDLE made = 0;
  const CK_RV rv = C_UnwrapKey(open.session, &envelope, open.sm2Key, exact.data(), exact.size(), nullptr, 0, &made);
  must(asItIs || input.size() >= 4 || rv == CKR_OK, "the right envelope does not open");
  if (rv == CKR_OK) C_DestroyObject(open.session, made);
}

}  // namespace fuzz
