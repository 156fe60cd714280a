/** RSA keys, signatures and encryption. */
#include "rsa.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <algorithm>

#include "der.h"
#include "failure.h"

namespace bidkey {

namespace {

struct NumberFree { void operator()(BIGNUM* number) const { BN_clear_free(number); } };
using Number = std::unique_ptr<BIGNUM, NumberFree>;

void require(int result, Fail kind) {
  if (result > 0) return;
  ERR_clear_error();
  throw Failure(kind);
}

SecureBytes partOf(const EVP_PKEY* key, const char* name) {
  BIGNUM* raw = nullptr;
  require(EVP_PKEY_get_bn_param(key, name, &raw), Fail::keyInvalid);
  const Number number(raw);
  SecureBytes out(static_cast<std::size_t>(BN_num_bytes(number.get())));
  BN_bn2bin(number.get(), out.data());
  return out;
}

/** Parameters of EVP_PKEY_fromdata; the numbers must outlive the build. */
class KeyParams {
 public:
  KeyParams() : build_(OSSL_PARAM_BLD_new(), OSSL_PARAM_BLD_free) {}
  void push(const char* name, View value) {
    numbers_.emplace_back(BN_secure_new());
    BN_bin2bn(value.data(), static_cast<int>(value.size()), numbers_.back().get());
    OSSL_PARAM_BLD_push_BN(build_.get(), name, numbers_.back().get());
  }
  PKey make(int selection) {
    OSSL_PARAM* params = OSSL_PARAM_BLD_to_param(build_.get());
    const PKeyCtx ctx(EVP_PKEY_CTX_new_from_name(cryptoContext(), "RSA", nullptr));
    EVP_PKEY* key = nullptr;
    const bool ok = ctx && params != nullptr && EVP_PKEY_fromdata_init(ctx.get()) == 1 && EVP_PKEY_fromdata(ctx.get(), &key, selection, params) == 1;
    OSSL_PARAM_free(params);
    require(ok ? 1 : 0, Fail::keyInvalid);
    return PKey(key);
  }

 private:
  std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)> build_;
  std::vector<Number> numbers_;
};

PKeyCtx contextFor(const PKey& key) {
  PKeyCtx ctx(EVP_PKEY_CTX_new_from_pkey(cryptoContext(), key.get(), nullptr));
  require(ctx ? 1 : 0, Fail::internal);
  return ctx;
}

void applyPadding(EVP_PKEY_CTX* ctx, const RsaPadding& padding, bool signature) {
  using Kind = RsaPadding::Kind;
  const int mode = padding.kind == Kind::pss ? RSA_PKCS1_PSS_PADDING : padding.kind == Kind::oaep ? RSA_PKCS1_OAEP_PADDING : RSA_PKCS1_PADDING;
  std::vector<OSSL_PARAM> params;
  int modeValue = mode, salt = static_cast<int>(padding.saltSize);
  params.push_back(OSSL_PARAM_construct_int(OSSL_PKEY_PARAM_PAD_MODE, &modeValue));
  const auto text = [&](const char* name, const char* value) {
    if (value != nullptr) params.push_back(OSSL_PARAM_construct_utf8_string(name, const_cast<char*>(value), 0));
  };
  if (signature) {
    text(OSSL_SIGNATURE_PARAM_DIGEST, padding.digest);
    if (padding.kind == Kind::pss) {
      text(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, padding.mgfDigest);
      params.push_back(OSSL_PARAM_construct_int(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, &salt));
    }
  } else if (padding.kind == Kind::oaep) {
    text(OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST, padding.digest);
    text(OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST, padding.mgfDigest);
    if (!padding.label.empty())
      params.push_back(OSSL_PARAM_construct_octet_string(OSSL_ASYM_CIPHER_PARAM_OAEP_LABEL, const_cast<std::uint8_t*>(padding.label.data()), padding.label.size()));
  }
  params.push_back(OSSL_PARAM_construct_end());
  require(EVP_PKEY_CTX_set_params(ctx, params.data()), Fail::unsupported);
}

}  // namespace

RsaKeyPair rsaGenerate(unsigned bits, View publicExponent) {
  const PKeyCtx ctx(EVP_PKEY_CTX_new_from_name(cryptoContext(), "RSA", nullptr));
  require(EVP_PKEY_keygen_init(ctx.get()), Fail::internal);
  require(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx.get(), static_cast<int>(bits)), Fail::keySize);
  if (!publicExponent.empty()) {
    const Number e(BN_bin2bn(publicExponent.data(), static_cast<int>(publicExponent.size()), nullptr));
    require(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx.get(), e.get()), Fail::dataInvalid);
  }
  EVP_PKEY* raw = nullptr;
  require(EVP_PKEY_generate(ctx.get(), &raw), Fail::dataInvalid);
  const PKey key(raw);
  return {{plainBytes(partOf(raw, OSSL_PKEY_PARAM_RSA_N)), plainBytes(partOf(raw, OSSL_PKEY_PARAM_RSA_E))},
          partOf(raw, OSSL_PKEY_PARAM_RSA_D), partOf(raw, OSSL_PKEY_PARAM_RSA_FACTOR1), partOf(raw, OSSL_PKEY_PARAM_RSA_FACTOR2),
          partOf(raw, OSSL_PKEY_PARAM_RSA_EXPONENT1), partOf(raw, OSSL_PKEY_PARAM_RSA_EXPONENT2), partOf(raw, OSSL_PKEY_PARAM_RSA_COEFFICIENT1)};
}

PKey rsaKey(const RsaPublic& pub) {
  KeyParams params;
  params.push(OSSL_PKEY_PARAM_RSA_N, pub.n);
  params.push(OSSL_PKEY_PARAM_RSA_E, pub.e);
  return params.make(EVP_PKEY_PUBLIC_KEY);
}

PKey rsaKey(const RsaKeyPair& pair) {
  KeyParams params;
  params.push(OSSL_PKEY_PARAM_RSA_N, pair.pub.n);
  params.push(OSSL_PKEY_PARAM_RSA_E, pair.pub.e);
  params.push(OSSL_PKEY_PARAM_RSA_D, pair.d);
  params.push(OSSL_PKEY_PARAM_RSA_FACTOR1, pair.p);
  params.push(OSSL_PKEY_PARAM_RSA_FACTOR2, pair.q);
  params.push(OSSL_PKEY_PARAM_RSA_EXPONENT1, pair.dp);
  params.push(OSSL_PKEY_PARAM_RSA_EXPONENT2, pair.dq);
  params.push(OSSL_PKEY_PARAM_RSA_COEFFICIENT1, pair.qinv);
  return params.make(EVP_PKEY_KEYPAIR);
}

Bytes rsaSign(const PKey& key, View data, const RsaPadding& padding) {
  const PKeyCtx ctx = contextFor(key);
  require(EVP_PKEY_sign_init(ctx.get()), Fail::internal);
  applyPadding(ctx.get(), padding, true);
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())));
  std::size_t size = out.size();
  require(EVP_PKEY_sign(ctx.get(), out.data(), &size, data.data(), data.size()), Fail::dataLength);
  out.resize(size);
  return out;
}

bool rsaVerify(const PKey& key, View data, View signature, const RsaPadding& padding) {
  const PKeyCtx ctx = contextFor(key);
  require(EVP_PKEY_verify_init(ctx.get()), Fail::internal);
  applyPadding(ctx.get(), padding, true);
  const bool valid = EVP_PKEY_verify(ctx.get(), signature.data(), signature.size(), data.data(), data.size()) == 1;
  ERR_clear_error();
  return valid;
}

Bytes rsaEncrypt(const PKey& key, View plain, const RsaPadding& padding) {
  const PKeyCtx ctx = contextFor(key);
  require(EVP_PKEY_encrypt_init(ctx.get()), Fail::internal);
  applyPadding(ctx.get(), padding, false);
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())));
  std::size_t size = out.size();
  require(EVP_PKEY_encrypt(ctx.get(), out.data(), &size, plain.data(), plain.size()), Fail::dataLength);
  out.resize(size);
  return out;
}

SecureBytes rsaDecrypt(const PKey& key, View cipher, const RsaPadding& padding) {
  SecureBytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())));
  if (cipher.size() != out.size()) throw Failure(Fail::cipherLength);
  const PKeyCtx ctx = contextFor(key);
  require(EVP_PKEY_decrypt_init(ctx.get()), Fail::internal);
  applyPadding(ctx.get(), padding, false);
  std::size_t size = out.size();
  require(EVP_PKEY_decrypt(ctx.get(), out.data(), &size, cipher.data(), cipher.size()), Fail::cipherInvalid);
  out.resize(size);
  return out;
}

Bytes rsaPublicRaw(const PKey& key, View input) {
  const PKeyCtx ctx = contextFor(key);
  require(EVP_PKEY_encrypt_init(ctx.get()), Fail::internal);
  require(EVP_PKEY_CTX_set_rsa_padding(ctx.get(), RSA_NO_PADDING), Fail::internal);
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())));
  std::size_t size = out.size();
  require(EVP_PKEY_encrypt(ctx.get(), out.data(), &size, input.data(), input.size()), Fail::dataLength);
  out.resize(size);
  return out;
}

RsaKeyPair rsaFromPkcs1(View der) {
  RsaKeyPair pair;
  try {
    der::Reader outer(der);
    der::Reader inner(outer.element(der::sequence));
    outer.end();
    const View version = inner.unsignedInteger();
    if (version.size() != 1 || version[0] != 0) throw Failure(Fail::keyInvalid);
    pair.pub.n = plainBytes(inner.unsignedInteger());
    pair.pub.e = plainBytes(inner.unsignedInteger());
    for (SecureBytes* part : {&pair.d, &pair.p, &pair.q, &pair.dp, &pair.dq, &pair.qinv}) *part = secureBytes(inner.unsignedInteger());
    inner.end();
  } catch (const Failure&) {
    throw Failure(Fail::keyInvalid);
  }
  const std::size_t bits = pair.pub.n.size() * 8;
  if (bits != 2048 && bits != 3072 && bits != 4096) throw Failure(Fail::keySize);
  const PKey key = rsaKey(pair);
  const PKeyCtx ctx = contextFor(key);
  require(EVP_PKEY_pairwise_check(ctx.get()), Fail::keyInvalid);
  return pair;
}

Bytes rsaModulus(const PKey& key) { return plainBytes(partOf(key.get(), OSSL_PKEY_PARAM_RSA_N)); }

}  // namespace bidkey
