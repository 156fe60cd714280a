/** §5.14 Key management functions: generate, wrap, unwrap. */
#include "key-transport.h"
#include "results.h"

using namespace bidkey;
using namespace bidkey::p11;

namespace {

struct KeyKind { CK_MECHANISM_TYPE mechanism; CK_KEY_TYPE keyType; };
constexpr KeyKind secretKinds[] = {{CKM_AES_KEY_GEN, CKK_AES}, {CKM_SM4_KEY_GEN, CKK_SM4}, {CKM_GENERIC_SECRET_KEY_GEN, CKK_GENERIC_SECRET}};

bool isSecretSize(CK_KEY_TYPE keyType, std::size_t size) {
  if (keyType == CKK_AES) return size == 16 || size == 24 || size == 32;
  if (keyType == CKK_SM4) return size == 16;
  return size >= 1 && size <= 512;
}

AttributeMap readGenerateTemplate(const CK_ATTRIBUTE* attributes, CK_ULONG count, CK_OBJECT_CLASS objectClass, CK_KEY_TYPE keyType) {
  AttributeMap given = readTemplate(attributes, count);
  requireGivable(given, Origin::generated);
  requireNumber(given, CKA_CLASS, objectClass);
  requireNumber(given, CKA_KEY_TYPE, keyType);
  return given;
}

struct PairMaterial { AttributeMap publicKey, privateKey; };

PairMaterial makeRsaPair(const AttributeMap& given) {
  const Object wanted{0, given};
  require(wanted.has(CKA_MODULUS_BITS), CKR_TEMPLATE_INCOMPLETE);
  const auto bits = wanted.number(CKA_MODULUS_BITS);
  require(bits == 2048 || bits == 3072 || bits == 4096, CKR_KEY_SIZE_RANGE);
  const View e = withoutLeadingZeros(wanted.bytes(CKA_PUBLIC_EXPONENT));
  // FIPS 186-4 B.3.1: odd, from 65537 up.
  require(!wanted.has(CKA_PUBLIC_EXPONENT) || (e.size() >= 3 && e.size() <= 32 && (e.back() & 1) == 1), CKR_ATTRIBUTE_VALUE_INVALID);
  const RsaKeyPair pair = rsaGenerate(static_cast<unsigned>(bits), e);
  return {publicAttributes(pair.pub), privateAttributes(pair)};
}

PairMaterial makeSm2Pair(const AttributeMap& given) {
  const Object wanted{0, given};
  require(!wanted.has(CKA_EC_PARAMS) || sameBytes(wanted.bytes(CKA_EC_PARAMS), sm2CurveOidDer), CKR_ATTRIBUTE_VALUE_INVALID);
  const Sm2KeyPair pair = sm2Generate();
  return {publicAttributes(pair.pub), privateAttributes(pair)};
}

/** The value of a secret key or the PKCS#8 of a private key, ready to be wrapped. */
SecureBytes wrappableOf(const Object& key) {
  const auto objectClass = key.number(CKA_CLASS);
  require(objectClass == CKO_SECRET_KEY || objectClass == CKO_PRIVATE_KEY, CKR_KEY_NOT_WRAPPABLE);
  require(key.flag(CKA_EXTRACTABLE), CKR_KEY_UNEXTRACTABLE);
  require(!key.flag(CKA_WRAP_WITH_TRUSTED), CKR_KEY_NOT_WRAPPABLE);
  return objectClass == CKO_SECRET_KEY ? secureBytes(key.bytes(CKA_VALUE)) : pkcs8Of(key);
}

bool isAesWrap(CK_MECHANISM_TYPE type) { return type == CKM_AES_KEY_WRAP || type == CKM_AES_KEY_WRAP_PAD || type == CKM_AES_KEY_WRAP_KWP; }

SecureBytes wrapBytes(Session& session, const CK_MECHANISM& mechanism, CK_OBJECT_HANDLE hWrappingKey, View data) {
  if (isAesWrap(mechanism.mechanism)) {
    require(mechanism.ulParameterLen == 0, CKR_MECHANISM_PARAM_INVALID);
    const Object key = keyFor(session, hWrappingKey, CKO_SECRET_KEY, CKK_AES, CKA_WRAP, mechanism.mechanism);
    return wrapAes(key.bytes(CKA_VALUE), data, mechanism.mechanism != CKM_AES_KEY_WRAP);
  }
  const CipherRule& rule = *cipherRuleOf(mechanism.mechanism);
  const RsaPadding padding = transportPadding(rule, mechanism);
  return secureBytes(transportEncrypt(rule, keyFor(session, hWrappingKey, CKO_PUBLIC_KEY, rule.keyType, CKA_WRAP, mechanism.mechanism), padding, data));
}

SecureBytes unwrapBytes(Session& session, const CK_MECHANISM& mechanism, CK_OBJECT_HANDLE hUnwrappingKey, View wrapped) {
  if (isAesWrap(mechanism.mechanism)) {
    require(mechanism.ulParameterLen == 0, CKR_MECHANISM_PARAM_INVALID);
    const Object key = keyFor(session, hUnwrappingKey, CKO_SECRET_KEY, CKK_AES, CKA_UNWRAP, mechanism.mechanism);
    return unwrapAes(key.bytes(CKA_VALUE), wrapped, mechanism.mechanism != CKM_AES_KEY_WRAP);
  }
  const CipherRule& rule = *cipherRuleOf(mechanism.mechanism);
  const RsaPadding padding = transportPadding(rule, mechanism);
  return transportDecrypt(rule, keyFor(session, hUnwrappingKey, CKO_PRIVATE_KEY, rule.keyType, CKA_UNWRAP, mechanism.mechanism), padding, wrapped);
}

CK_RV unwrapCode(CK_RV code) {
  switch (code) {
    case CKR_KEY_HANDLE_INVALID: return CKR_UNWRAPPING_KEY_HANDLE_INVALID;
    case CKR_KEY_TYPE_INCONSISTENT: return CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT;
    case CKR_KEY_SIZE_RANGE: return CKR_UNWRAPPING_KEY_SIZE_RANGE;
    case CKR_ENCRYPTED_DATA_INVALID: case CKR_DATA_INVALID: return CKR_WRAPPED_KEY_INVALID;
    case CKR_ENCRYPTED_DATA_LEN_RANGE: case CKR_DATA_LEN_RANGE: return CKR_WRAPPED_KEY_LEN_RANGE;
    default: return code;
  }
}

CK_RV wrapCode(CK_RV code) {
  switch (code) {
    case CKR_KEY_HANDLE_INVALID: return CKR_WRAPPING_KEY_HANDLE_INVALID;
    case CKR_KEY_TYPE_INCONSISTENT: return CKR_WRAPPING_KEY_TYPE_INCONSISTENT;
    case CKR_KEY_SIZE_RANGE: return CKR_WRAPPING_KEY_SIZE_RANGE;
    default: return code;
  }
}

/** Runs a step whose codes mean something else in this function. */
template <class Step>
auto translating(CK_RV (*translate)(CK_RV), const Step& step) {
  try {
    return step();
  } catch (const Failure& failure) {
    throw Rv{translate(codeOf(failure))};
  } catch (const Rv& rv) {
    throw Rv{translate(rv.code)};
  }
}

/** The vendor mechanism: an SM2EnvelopedKey, opened by the signing key, becomes the encryption private key. */
AttributeMap openEnveloped(Session& session, const CK_MECHANISM& mechanism, CK_OBJECT_HANDLE hKey, View envelope) {
  require(mechanism.ulParameterLen == 0, CKR_MECHANISM_PARAM_INVALID);
  const Object key = keyFor(session, hKey, CKO_PRIVATE_KEY, CKK_SM2, CKA_UNWRAP, mechanism.mechanism);
  const Sm2KeyPair opener = sm2PairOf(key);
  return privateAttributes(sm2OpenEnvelope(sm2EnvelopeFromDer(envelope), opener.d, opener.pub));
}

/** A bare private key or PKCS#8 with the key type that the template names. */
AttributeMap privateMaterial(const AttributeMap& given, View pkcs8) {
  try {
    AttributeMap material = attributesFromPkcs8(pkcs8);
    requireNumber(given, CKA_KEY_TYPE, Object{0, material}.number(CKA_KEY_TYPE));
    return material;
  } catch (const Failure&) {
    throw Rv{CKR_WRAPPED_KEY_INVALID};
  }
}

AttributeMap secretMaterial(const AttributeMap& given, View value) {
  const Object wanted{0, given};
  require(wanted.has(CKA_KEY_TYPE), CKR_TEMPLATE_INCOMPLETE);
  const auto keyType = wanted.number(CKA_KEY_TYPE);
  require(keyType == CKK_AES || keyType == CKK_SM4 || keyType == CKK_GENERIC_SECRET, CKR_TEMPLATE_INCONSISTENT);
  require(!wanted.has(CKA_VALUE_LEN) || wanted.number(CKA_VALUE_LEN) == value.size(), CKR_TEMPLATE_INCONSISTENT);
  require(isSecretSize(keyType, value.size()), CKR_WRAPPED_KEY_LEN_RANGE);
  return {{CKA_KEY_TYPE, numberBytes(keyType)}, {CKA_VALUE, secureBytes(value)}};
}

}  // namespace

CK_RV C_GenerateKey(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount, CK_OBJECT_HANDLE* phKey) {
  return withSession("C_GenerateKey", hSession, [&](Library& library, Session& session) {
    require(pMechanism != nullptr && phKey != nullptr, CKR_ARGUMENTS_BAD);
    requireMechanism(pMechanism->mechanism, CKF_GENERATE);
    CK_KEY_TYPE keyType = CKK_GENERIC_SECRET;
    for (const auto& kind : secretKinds)
      if (kind.mechanism == pMechanism->mechanism) keyType = kind.keyType;
    const AttributeMap given = readGenerateTemplate(pTemplate, ulCount, CKO_SECRET_KEY, keyType);
    const Object wanted{0, given};
    require(wanted.has(CKA_VALUE_LEN) || keyType == CKK_SM4, CKR_TEMPLATE_INCOMPLETE);
    const std::size_t size = wanted.has(CKA_VALUE_LEN) ? wanted.number(CKA_VALUE_LEN) : 16;
    require(isSecretSize(keyType, size), CKR_KEY_SIZE_RANGE);
    const AttributeMap material{{CKA_KEY_TYPE, numberBytes(keyType)}, {CKA_VALUE, randomBytes(size)}};
    *phKey = storeObject(library, session, completeKey(CKO_SECRET_KEY, given, material, Origin::generated, pMechanism->mechanism));
  });
}

CK_RV C_GenerateKeyPair(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, CK_ATTRIBUTE_PTR pPublicTemplate, CK_ULONG ulPublicCount, CK_ATTRIBUTE_PTR pPrivateTemplate, CK_ULONG ulPrivateCount,
                        CK_OBJECT_HANDLE* phPublicKey, CK_OBJECT_HANDLE* phPrivateKey) {
  return withSession("C_GenerateKeyPair", hSession, [&](Library& library, Session& session) {
    require(pMechanism != nullptr && phPublicKey != nullptr && phPrivateKey != nullptr, CKR_ARGUMENTS_BAD);
    requireMechanism(pMechanism->mechanism, CKF_GENERATE_KEY_PAIR);
    const bool rsa = pMechanism->mechanism == CKM_RSA_PKCS_KEY_PAIR_GEN;
    const CK_KEY_TYPE keyType = rsa ? CKK_RSA : CKK_SM2;
    const AttributeMap givenPublic = readGenerateTemplate(pPublicTemplate, ulPublicCount, CKO_PUBLIC_KEY, keyType);
    const AttributeMap givenPrivate = readGenerateTemplate(pPrivateTemplate, ulPrivateCount, CKO_PRIVATE_KEY, keyType);
    // Checked with empty material first: a long generation must not end in a refusal that was plain from the start.
    const AttributeMap probe = completeKey(CKO_PRIVATE_KEY, givenPrivate, {}, Origin::generated, pMechanism->mechanism);
    const Object wanted{0, probe};
    require(!wanted.flag(CKA_TOKEN) || session.isReadWrite(), CKR_SESSION_READ_ONLY);
    require(!wanted.isPrivate() || session.slot->login.isUser(), CKR_USER_NOT_LOGGED_IN);
    const PairMaterial made = rsa ? makeRsaPair(givenPublic) : makeSm2Pair(givenPublic);
    const auto [publicKey, privateKey] = storePair(library, session, completeKey(CKO_PUBLIC_KEY, givenPublic, made.publicKey, Origin::generated, pMechanism->mechanism),
                                                   completeKey(CKO_PRIVATE_KEY, givenPrivate, made.privateKey, Origin::generated, pMechanism->mechanism));
    *phPublicKey = publicKey;
    *phPrivateKey = privateKey;
  });
}

CK_RV C_WrapKey(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, CK_OBJECT_HANDLE hWrappingKey, CK_OBJECT_HANDLE hKey, CK_BYTE_PTR pOut, CK_ULONG_PTR pulOutLen) {
  return withSession("C_WrapKey", hSession, [&](Library&, Session& session) {
    require(pMechanism != nullptr && pulOutLen != nullptr, CKR_ARGUMENTS_BAD);
    requireMechanism(pMechanism->mechanism, CKF_WRAP);
    const SecureBytes data = wrappableOf(objectOf(session, hKey, CKR_KEY_HANDLE_INVALID));
    const SecureBytes wrapped = translating(wrapCode, [&] { return wrapBytes(session, *pMechanism, hWrappingKey, data); });
    if (hasRoom(wrapped.size(), pOut, pulOutLen)) giveResult(wrapped, pOut, pulOutLen);
  });
}

CK_RV C_UnwrapKey(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, CK_OBJECT_HANDLE hUnwrappingKey, CK_BYTE_PTR pWrappedKey, CK_ULONG ulWrappedKeyLen, CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount,
                  CK_OBJECT_HANDLE* phKey) {
  return withSession("C_UnwrapKey", hSession, [&](Library& library, Session& session) {
    require(pMechanism != nullptr && phKey != nullptr && pWrappedKey != nullptr, CKR_ARGUMENTS_BAD);
    require(ulWrappedKeyLen <= 16 * 1024, CKR_WRAPPED_KEY_LEN_RANGE);
    requireMechanism(pMechanism->mechanism, CKF_UNWRAP);
    const View wrapped(pWrappedKey, ulWrappedKeyLen);
    const AttributeMap given = readTemplate(pTemplate, ulCount);
    requireGivable(given, Origin::unwrapped);
    const bool enveloped = pMechanism->mechanism == CKM_BIDKEY_SM2_ENVELOPED_KEY_UNWRAP;
    const Object wanted{0, given};
    require(wanted.has(CKA_CLASS) || enveloped, CKR_TEMPLATE_INCOMPLETE);
    const CK_OBJECT_CLASS objectClass = wanted.has(CKA_CLASS) ? wanted.number(CKA_CLASS) : CKO_PRIVATE_KEY;
    require(objectClass == CKO_PRIVATE_KEY || (objectClass == CKO_SECRET_KEY && !enveloped), CKR_TEMPLATE_INCONSISTENT);
    AttributeMap material;
    if (enveloped) {
      requireNumber(given, CKA_KEY_TYPE, CKK_SM2);
      material = translating(unwrapCode, [&] { return openEnveloped(session, *pMechanism, hUnwrappingKey, wrapped); });
    } else {
      const SecureBytes value = translating(unwrapCode, [&] { return unwrapBytes(session, *pMechanism, hUnwrappingKey, wrapped); });
      material = objectClass == CKO_PRIVATE_KEY ? privateMaterial(given, value) : secretMaterial(given, value);
    }
    *phKey = storeObject(library, session, completeKey(objectClass, given, material, Origin::unwrapped, CK_UNAVAILABLE_INFORMATION));
  });
}
