/** The mechanisms of this library as tables; a mechanism that is in no table does not exist. */
#pragma once
#include "../core/key-objects.h"

namespace bidkey::p11 {

struct MechanismRow { CK_MECHANISM_TYPE type; CK_ULONG minKeySize, maxKeySize; CK_FLAGS flags; };
std::span<const MechanismRow> mechanismTable();
/** @throws Rv(CKR_MECHANISM_INVALID) when it does not exist or cannot do that */
const MechanismRow& requireMechanism(CK_MECHANISM_TYPE type, CK_FLAGS use);
/** OpenSSL's name of a digest mechanism, or null. */
const char* digestNameOf(CK_MECHANISM_TYPE type);

struct SignatureRule {
  CK_MECHANISM_TYPE type;
  CK_KEY_TYPE keyType;
  const char* digest;  // null: the caller brings the digest (or DigestInfo)
  enum class Form { rsaPkcs1, rsaPss, sm2Raw, sm2Der, hmac } form;
};
const SignatureRule* signatureRuleOf(CK_MECHANISM_TYPE type);

struct CipherRule {
  CK_MECHANISM_TYPE type;
  CK_KEY_TYPE keyType;
  enum class Form { rsaPkcs1, rsaOaep, sm2Raw, sm2Der, blocks } form;
  const char* mode = nullptr;  // block ciphers: "ECB" or "CBC"
  bool isPadded = false;
};
const CipherRule* cipherRuleOf(CK_MECHANISM_TYPE type);

/** Padding from CK_RSA_PKCS_OAEP_PARAMS. @throws Rv(CKR_MECHANISM_PARAM_INVALID) */
RsaPadding oaepPadding(const CK_MECHANISM& mechanism);
/** Padding from CK_RSA_PKCS_PSS_PARAMS. @throws Rv(CKR_MECHANISM_PARAM_INVALID) */
RsaPadding pssPadding(const CK_MECHANISM& mechanism, const char* mechanismDigest);
/** OpenSSL's name of the block cipher for that key and mode. @throws Rv(CKR_KEY_SIZE_RANGE) */
const char* blockCipherName(CK_KEY_TYPE keyType, std::size_t keySize, const char* mode);

}  // namespace bidkey::p11
