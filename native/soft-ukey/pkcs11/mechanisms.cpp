/** Mechanism tables (§5.5 C_GetMechanismInfo) and mechanism parameters. */
#include "mechanisms.h"

#include <string_view>

#include "library.h"

namespace bidkey::p11 {

namespace {
constexpr CK_FLAGS signs = CKF_SIGN | CKF_VERIFY, ciphers = CKF_ENCRYPT | CKF_DECRYPT, wraps = CKF_WRAP | CKF_UNWRAP;

constexpr MechanismRow mechanisms[] = {
    {CKM_RSA_PKCS_KEY_PAIR_GEN, 2048, 4096, CKF_GENERATE_KEY_PAIR},
    {CKM_RSA_PKCS, 2048, 4096, signs | ciphers | wraps},
    {CKM_RSA_PKCS_OAEP, 2048, 4096, ciphers | wraps},
    {CKM_RSA_PKCS_PSS, 2048, 4096, signs},
    {CKM_SHA1_RSA_PKCS, 2048, 4096, signs},
    {CKM_SHA256_RSA_PKCS, 2048, 4096, signs},
    {CKM_SHA384_RSA_PKCS, 2048, 4096, signs},
    {CKM_SHA512_RSA_PKCS, 2048, 4096, signs},
    {CKM_SHA1_RSA_PKCS_PSS, 2048, 4096, signs},
    {CKM_SHA256_RSA_PKCS_PSS, 2048, 4096, signs},
    {CKM_SHA384_RSA_PKCS_PSS, 2048, 4096, signs},
    {CKM_SHA512_RSA_PKCS_PSS, 2048, 4096, signs},
    {CKM_SHA_1, 0, 0, CKF_DIGEST},
    {CKM_SHA224, 0, 0, CKF_DIGEST},
    {CKM_SHA256, 0, 0, CKF_DIGEST},
    {CKM_SHA384, 0, 0, CKF_DIGEST},
    {CKM_SHA512, 0, 0, CKF_DIGEST},
    {CKM_SM3, 0, 0, CKF_DIGEST},
    {CKM_SHA256_HMAC, 1, 512, signs},
    {CKM_GENERIC_SECRET_KEY_GEN, 1, 512, CKF_GENERATE},
    {CKM_AES_KEY_GEN, 16, 32, CKF_GENERATE},
    {CKM_AES_ECB, 16, 32, ciphers},
    {CKM_AES_CBC, 16, 32, ciphers},
    {CKM_AES_CBC_PAD, 16, 32, ciphers},
    {CKM_AES_KEY_WRAP, 16, 32, wraps},
    {CKM_AES_KEY_WRAP_PAD, 16, 32, wraps},
    {CKM_AES_KEY_WRAP_KWP, 16, 32, wraps},
    {CKM_SM2_KEY_PAIR_GEN, 256, 256, CKF_GENERATE_KEY_PAIR},
    {CKM_SM2_SIGN_DER, 256, 256, signs},
    {CKM_SM2_SIGN_RAW, 256, 256, signs},
    {CKM_SM3_SM2_RAW, 256, 256, signs},
    {CKM_SM3_SM2_DER, 256, 256, signs},
    {CKM_SM3_SM2_Z_RAW, 256, 256, signs},
    {CKM_SM3_SM2_Z_DER, 256, 256, signs},
    {CKM_SM2_ENCRYPT_RAW, 256, 256, ciphers | wraps},
    {CKM_SM2_ENCRYPT_DER, 256, 256, ciphers | wraps},
    {CKM_SM4_KEY_GEN, 16, 16, CKF_GENERATE},
    {CKM_SM4_ECB, 16, 16, ciphers},
    {CKM_SM4_CBC, 16, 16, ciphers},
    {CKM_SM4_CBC_PAD, 16, 16, ciphers},
    {CKM_BIDKEY_SM2_ENVELOPED_KEY_UNWRAP, 256, 256, CKF_UNWRAP},
};

struct DigestRow { CK_MECHANISM_TYPE type; CK_ULONG mgf; const char* name; };
constexpr DigestRow digests[] = {
    {CKM_SHA_1, CKG_MGF1_SHA1, "SHA1"},     {CKM_SHA256, CKG_MGF1_SHA256, "SHA256"}, {CKM_SHA384, CKG_MGF1_SHA384, "SHA384"},
    {CKM_SHA512, CKG_MGF1_SHA512, "SHA512"}, {CKM_SHA224, 0, "SHA224"},               {CKM_SM3, 0, "SM3"},
};

using SignForm = SignatureRule::Form;
constexpr SignatureRule signatureRules[] = {
    {CKM_RSA_PKCS, CKK_RSA, nullptr, SignForm::rsaPkcs1},
    {CKM_SHA1_RSA_PKCS, CKK_RSA, "SHA1", SignForm::rsaPkcs1},
    {CKM_SHA256_RSA_PKCS, CKK_RSA, "SHA256", SignForm::rsaPkcs1},
    {CKM_SHA384_RSA_PKCS, CKK_RSA, "SHA384", SignForm::rsaPkcs1},
    {CKM_SHA512_RSA_PKCS, CKK_RSA, "SHA512", SignForm::rsaPkcs1},
    {CKM_RSA_PKCS_PSS, CKK_RSA, nullptr, SignForm::rsaPss},
    {CKM_SHA1_RSA_PKCS_PSS, CKK_RSA, "SHA1", SignForm::rsaPss},
    {CKM_SHA256_RSA_PKCS_PSS, CKK_RSA, "SHA256", SignForm::rsaPss},
    {CKM_SHA384_RSA_PKCS_PSS, CKK_RSA, "SHA384", SignForm::rsaPss},
    {CKM_SHA512_RSA_PKCS_PSS, CKK_RSA, "SHA512", SignForm::rsaPss},
    {CKM_SM2_SIGN_DER, CKK_SM2, nullptr, SignForm::sm2Der},
    {CKM_SM2_SIGN_RAW, CKK_SM2, nullptr, SignForm::sm2Raw},
    {CKM_SM3_SM2_RAW, CKK_SM2, "SM3", SignForm::sm2Raw},
    {CKM_SM3_SM2_DER, CKK_SM2, "SM3", SignForm::sm2Der},
    {CKM_SM3_SM2_Z_RAW, CKK_SM2, "SM3", SignForm::sm2Raw},
    {CKM_SM3_SM2_Z_DER, CKK_SM2, "SM3", SignForm::sm2Der},
    {CKM_SHA256_HMAC, CKK_GENERIC_SECRET, "SHA256", SignForm::hmac},
};

using CipherForm = CipherRule::Form;
constexpr CipherRule cipherRules[] = {
    {CKM_RSA_PKCS, CKK_RSA, CipherForm::rsaPkcs1},
    {CKM_RSA_PKCS_OAEP, CKK_RSA, CipherForm::rsaOaep},
    {CKM_SM2_ENCRYPT_RAW, CKK_SM2, CipherForm::sm2Raw},
    {CKM_SM2_ENCRYPT_DER, CKK_SM2, CipherForm::sm2Der},
    {CKM_AES_ECB, CKK_AES, CipherForm::blocks, "ECB", false},
    {CKM_AES_CBC, CKK_AES, CipherForm::blocks, "CBC", false},
    {CKM_AES_CBC_PAD, CKK_AES, CipherForm::blocks, "CBC", true},
    {CKM_SM4_ECB, CKK_SM4, CipherForm::blocks, "ECB", false},
    {CKM_SM4_CBC, CKK_SM4, CipherForm::blocks, "CBC", false},
    {CKM_SM4_CBC_PAD, CKK_SM4, CipherForm::blocks, "CBC", true},
};

template <class Row, std::size_t N>
const Row* rowOf(const Row (&table)[N], CK_MECHANISM_TYPE type) {
  for (const auto& row : table)
    if (row.type == type) return &row;
  return nullptr;
}

const char* digestWithMgf(CK_MECHANISM_TYPE digest) {
  const DigestRow* row = rowOf(digests, digest);
  require(row != nullptr && row->mgf != 0, CKR_MECHANISM_PARAM_INVALID);
  return row->name;
}

const char* digestOfMgf(CK_ULONG mgf) {
  for (const auto& row : digests)
    if (row.mgf != 0 && row.mgf == mgf) return row.name;
  throw Rv{CKR_MECHANISM_PARAM_INVALID};
}

template <class Params>
Params paramsOf(const CK_MECHANISM& mechanism) {
  require(mechanism.pParameter != nullptr && mechanism.ulParameterLen == sizeof(Params), CKR_MECHANISM_PARAM_INVALID);
  Params params;
  std::memcpy(&params, mechanism.pParameter, sizeof params);
  return params;
}
}  // namespace

std::span<const MechanismRow> mechanismTable() { return mechanisms; }

const MechanismRow& requireMechanism(CK_MECHANISM_TYPE type, CK_FLAGS use) {
  const MechanismRow* row = rowOf(mechanisms, type);
  require(row != nullptr && (row->flags & use) == use, CKR_MECHANISM_INVALID);
  return *row;
}

const char* digestNameOf(CK_MECHANISM_TYPE type) {
  const DigestRow* row = rowOf(digests, type);
  return row == nullptr ? nullptr : row->name;
}

const SignatureRule* signatureRuleOf(CK_MECHANISM_TYPE type) { return rowOf(signatureRules, type); }
const CipherRule* cipherRuleOf(CK_MECHANISM_TYPE type) { return rowOf(cipherRules, type); }

RsaPadding oaepPadding(const CK_MECHANISM& mechanism) {
  const auto params = paramsOf<CK_RSA_PKCS_OAEP_PARAMS>(mechanism);
  RsaPadding padding{RsaPadding::Kind::oaep, digestWithMgf(params.hashAlg), digestOfMgf(params.mgf), 0, {}};
  require(params.source == CKZ_DATA_SPECIFIED || (params.source == 0 && params.ulSourceDataLen == 0), CKR_MECHANISM_PARAM_INVALID);
  require((params.pSourceData != nullptr || params.ulSourceDataLen == 0) && params.ulSourceDataLen <= 4096, CKR_MECHANISM_PARAM_INVALID);
  padding.label = plainBytes(input(params.pSourceData, params.ulSourceDataLen));
  return padding;
}

RsaPadding pssPadding(const CK_MECHANISM& mechanism, const char* mechanismDigest) {
  const auto params = paramsOf<CK_RSA_PKCS_PSS_PARAMS>(mechanism);
  const char* digest = digestWithMgf(params.hashAlg);
  require(mechanismDigest == nullptr || std::string_view(digest) == mechanismDigest, CKR_MECHANISM_PARAM_INVALID);
  require(params.sLen <= 190, CKR_MECHANISM_PARAM_INVALID);
  return {RsaPadding::Kind::pss, digest, digestOfMgf(params.mgf), params.sLen, {}};
}

const char* blockCipherName(CK_KEY_TYPE keyType, std::size_t keySize, const char* mode) {
  const bool cbc = std::string_view(mode) == "CBC";
  if (keyType == CKK_SM4 && keySize == 16) return cbc ? "SM4-CBC" : "SM4-ECB";
  if (keyType == CKK_AES && keySize == 16) return cbc ? "AES-128-CBC" : "AES-128-ECB";
  if (keyType == CKK_AES && keySize == 24) return cbc ? "AES-192-CBC" : "AES-192-ECB";
  if (keyType == CKK_AES && keySize == 32) return cbc ? "AES-256-CBC" : "AES-256-ECB";
  throw Rv{CKR_KEY_SIZE_RANGE};
}

}  // namespace bidkey::p11
