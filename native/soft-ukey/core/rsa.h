/**
 * RSA on OpenSSL's EVP: key pairs by their parts, PKCS#1 v1.5, PSS and OAEP; PKCS#8 in and out for wrapping.
 * Numbers are big-endian without leading zeros.
 */
#pragma once
#include "crypto.h"

namespace bidkey {

struct RsaPublic { Bytes n, e; };
struct RsaKeyPair { RsaPublic pub; SecureBytes d, p, q, dp, dq, qinv; };

RsaKeyPair rsaGenerate(unsigned bits, View publicExponent);
PKey rsaKey(const RsaPublic& pub);
PKey rsaKey(const RsaKeyPair& pair);

/** Padding of a signature or an encryption; names are OpenSSL's. */
struct RsaPadding {
  enum class Kind { pkcs1, pss, oaep } kind = Kind::pkcs1;
  const char* digest = nullptr;
  const char* mgfDigest = nullptr;
  std::size_t saltSize = 0;
  Bytes label;
};

/** Signs a digest (padding.digest set) or, for PKCS#1 without digest, the block handed over (a DigestInfo). */
Bytes rsaSign(const PKey& key, View data, const RsaPadding& padding);
bool rsaVerify(const PKey& key, View data, View signature, const RsaPadding& padding);
Bytes rsaEncrypt(const PKey& key, View plain, const RsaPadding& padding);
/** @throws Failure(cipherInvalid | cipherLength) */
SecureBytes rsaDecrypt(const PKey& key, View cipher, const RsaPadding& padding);
/** Public operation without padding, for SKF_ExtRSAPubKeyOperation. */
Bytes rsaPublicRaw(const PKey& key, View input);

/** From PKCS#1 RSAPrivateKey; checks that the parts belong together. @throws Failure(keyInvalid) */
RsaKeyPair rsaFromPkcs1(View der);
Bytes rsaModulus(const PKey& key);

}  // namespace bidkey
