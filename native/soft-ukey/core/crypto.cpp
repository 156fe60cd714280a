/** Digests, ciphers, key wrap, key derivation and random numbers on OpenSSL's EVP. */
#include "crypto.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "failure.h"

namespace bidkey {

OSSL_LIB_CTX* cryptoContext() {
  // Never freed: threads of the host may still be inside a call while the process ends.
  static OSSL_LIB_CTX* const context = [] {
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, nullptr);
    return OSSL_LIB_CTX_new();
  }();
  return context;
}

static int asInt(std::size_t size) {
  if (size > 0x7fffffffU) throw Failure(Fail::dataLength);
  return static_cast<int>(size);
}

void fillRandom(std::span<std::uint8_t> out) {
  if (RAND_bytes_ex(cryptoContext(), out.data(), out.size(), 0) != 1) throw Failure(Fail::random);
}

SecureBytes randomBytes(std::size_t count) {
  SecureBytes out(count);
  fillRandom(out);
  return out;
}

Digest::Digest(const char* name) : ctx_(EVP_MD_CTX_new()) {
  EVP_MD* md = EVP_MD_fetch(cryptoContext(), name, nullptr);
  const bool ok = md != nullptr && EVP_DigestInit_ex2(ctx_.get(), md, nullptr) == 1;
  EVP_MD_free(md);
  if (!ok) throw Failure(Fail::unsupported);
}

void Digest::update(View data) {
  if (EVP_DigestUpdate(ctx_.get(), data.data(), data.size()) != 1) throw Failure(Fail::internal);
}

std::size_t Digest::size() const { return static_cast<std::size_t>(EVP_MD_CTX_get_size(ctx_.get())); }

Bytes Digest::final() {
  Bytes out(size());
  if (EVP_DigestFinal_ex(ctx_.get(), out.data(), nullptr) != 1) throw Failure(Fail::internal);
  return out;
}

Bytes digestOf(const char* name, View data) {
  Digest digest(name);
  digest.update(data);
  return digest.final();
}

SecureBytes hmacOf(const char* digestName, View key, View data) {
  SecureBytes out(EVP_MAX_MD_SIZE);
  std::size_t size = 0;
  if (EVP_Q_mac(cryptoContext(), "HMAC", nullptr, digestName, nullptr, key.data(), key.size(), data.data(), data.size(), out.data(), out.size(), &size) == nullptr)
    throw Failure(Fail::internal);
  out.resize(size);
  return out;
}

BlockCipher::BlockCipher(const char* name, View key, View iv, Direction direction, bool padded)
    : ctx_(EVP_CIPHER_CTX_new()), direction_(direction), padded_(padded) {
  EVP_CIPHER* cipher = EVP_CIPHER_fetch(cryptoContext(), name, nullptr);
  if (cipher == nullptr) throw Failure(Fail::unsupported);
  // Key wrap has an initial value of its own (RFC 3394 §2.2.3) and is given none.
  const bool needsIv = EVP_CIPHER_get_mode(cipher) != EVP_CIPH_WRAP_MODE;
  const bool fits = key.size() == static_cast<std::size_t>(EVP_CIPHER_get_key_length(cipher)) &&
                    (!needsIv || iv.size() >= static_cast<std::size_t>(EVP_CIPHER_get_iv_length(cipher)));
  EVP_CIPHER_CTX_set_flags(ctx_.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  const bool ok = fits && EVP_CipherInit_ex2(ctx_.get(), cipher, key.data(), iv.empty() ? nullptr : iv.data(), direction == Direction::encrypt ? 1 : 0, nullptr) == 1;
  EVP_CIPHER_free(cipher);
  if (!ok) throw Failure(Fail::keySize);
  EVP_CIPHER_CTX_set_padding(ctx_.get(), padded ? 1 : 0);
}

SecureBytes BlockCipher::update(View data) {
  // The longest answer is the input, a held-back block and, for key wrap, two semiblocks more.
  SecureBytes out(data.size() + 2 * EVP_MAX_BLOCK_LENGTH);
  int size = 0;
  if (data.empty()) return {};
  if (EVP_CipherUpdate(ctx_.get(), out.data(), &size, data.data(), asInt(data.size())) != 1) throw Failure(Fail::cipherInvalid);
  out.resize(static_cast<std::size_t>(size));
  return out;
}

SecureBytes BlockCipher::final() {
  SecureBytes out(EVP_MAX_BLOCK_LENGTH);
  int size = 0;
  if (EVP_CipherFinal_ex(ctx_.get(), out.data(), &size) != 1) {
    if (direction_ == Direction::encrypt) throw Failure(Fail::dataLength);
    throw Failure(padded_ ? Fail::cipherInvalid : Fail::cipherLength);
  }
  out.resize(static_cast<std::size_t>(size));
  return out;
}

static SecureBytes runBlocks(const char* name, View key, View iv, View data, bool padded, BlockCipher::Direction direction) {
  BlockCipher cipher(name, key, iv, direction, padded);
  SecureBytes out = cipher.update(data);
  append(out, cipher.final());
  return out;
}

SecureBytes encryptBlocks(const char* name, View key, View iv, View data, bool padded) {
  return runBlocks(name, key, iv, data, padded, BlockCipher::Direction::encrypt);
}

SecureBytes decryptBlocks(const char* name, View key, View iv, View data, bool padded) {
  return runBlocks(name, key, iv, data, padded, BlockCipher::Direction::decrypt);
}

static const char* wrapCipherName(std::size_t keySize, bool padded) {
  switch (keySize) {
    case 16: return padded ? "AES-128-WRAP-PAD" : "AES-128-WRAP";
    case 24: return padded ? "AES-192-WRAP-PAD" : "AES-192-WRAP";
    case 32: return padded ? "AES-256-WRAP-PAD" : "AES-256-WRAP";
    default: throw Failure(Fail::keySize);
  }
}

SecureBytes wrapAes(View key, View data, bool padded) {
  if (data.empty() || (!padded && (data.size() % 8 != 0 || data.size() < 16))) throw Failure(Fail::dataLength);
  return runBlocks(wrapCipherName(key.size(), padded), key, {}, data, padded, BlockCipher::Direction::encrypt);
}

SecureBytes unwrapAes(View key, View wrapped, bool padded) {
  if (wrapped.size() < 16 || wrapped.size() % 8 != 0) throw Failure(Fail::cipherLength);
  return runBlocks(wrapCipherName(key.size(), padded), key, {}, wrapped, padded, BlockCipher::Direction::decrypt);
}

namespace {
constexpr std::size_t nonceSize = 12, tagSize = 16;

struct CipherFree { void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); } };
struct CtxFree { void operator()(EVP_CIPHER_CTX* ctx) const { EVP_CIPHER_CTX_free(ctx); } };

std::unique_ptr<EVP_CIPHER_CTX, CtxFree> gcmContext(View key, View nonce, bool encrypt) {
  const std::unique_ptr<EVP_CIPHER, CipherFree> cipher(EVP_CIPHER_fetch(cryptoContext(), "AES-256-GCM", nullptr));
  std::unique_ptr<EVP_CIPHER_CTX, CtxFree> ctx(EVP_CIPHER_CTX_new());
  if (key.size() != 32 || !cipher || EVP_CipherInit_ex2(ctx.get(), cipher.get(), key.data(), nonce.data(), encrypt ? 1 : 0, nullptr) != 1) throw Failure(Fail::internal);
  return ctx;
}
}  // namespace

Bytes sealGcm(View key, View associated, View plain) {
  Bytes out = plainBytes(randomBytes(nonceSize));
  const auto ctx = gcmContext(key, out, true);
  out.resize(nonceSize + plain.size() + tagSize);
  int size = 0;
  const bool ok = EVP_CipherUpdate(ctx.get(), nullptr, &size, associated.data(), asInt(associated.size())) == 1 &&
                  EVP_CipherUpdate(ctx.get(), out.data() + nonceSize, &size, plain.data(), asInt(plain.size())) == 1 &&
                  EVP_CipherFinal_ex(ctx.get(), out.data() + nonceSize + plain.size(), &size) == 1 &&
                  EVP_CIPHER_CTX_ctrl(ctx.get(), EVP_CTRL_AEAD_GET_TAG, tagSize, out.data() + nonceSize + plain.size()) == 1;
  if (!ok) throw Failure(Fail::internal);
  return out;
}

SecureBytes openGcm(View key, View associated, View sealed) {
  if (sealed.size() < nonceSize + tagSize) throw Failure(Fail::cipherInvalid);
  const View body = sealed.subspan(nonceSize, sealed.size() - nonceSize - tagSize);
  Bytes tag = plainBytes(sealed.last(tagSize));
  const auto ctx = gcmContext(key, sealed.first(nonceSize), false);
  SecureBytes out(body.size() + 1);
  int size = 0;
  const bool ok = EVP_CipherUpdate(ctx.get(), nullptr, &size, associated.data(), asInt(associated.size())) == 1 &&
                  EVP_CipherUpdate(ctx.get(), out.data(), &size, body.data(), asInt(body.size())) == 1 &&
                  EVP_CIPHER_CTX_ctrl(ctx.get(), EVP_CTRL_AEAD_SET_TAG, tagSize, tag.data()) == 1 &&
                  EVP_CipherFinal_ex(ctx.get(), out.data() + body.size(), &size) == 1;
  if (!ok) throw Failure(Fail::cipherInvalid);
  out.resize(body.size());
  return out;
}

SecureBytes deriveFromPin(View pin, View salt, unsigned log2N) {
  if (log2N < 10 || log2N > 20) throw Failure(Fail::storeCorrupt);
  EVP_KDF* kdf = EVP_KDF_fetch(cryptoContext(), "SCRYPT", nullptr);
  EVP_KDF_CTX* ctx = EVP_KDF_CTX_new(kdf);
  std::uint64_t n = 1ULL << log2N, limit = 2ULL * 128 * 8 * n;
  std::uint32_t r = 8, p = 1;
  OSSL_PARAM params[] = {
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, const_cast<std::uint8_t*>(pin.data()), pin.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, const_cast<std::uint8_t*>(salt.data()), salt.size()),
      OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
      OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &limit),
      OSSL_PARAM_construct_end(),
  };
  SecureBytes out(32);
  const bool ok = ctx != nullptr && EVP_KDF_derive(ctx, out.data(), out.size(), params) == 1;
  EVP_KDF_CTX_free(ctx);
  EVP_KDF_free(kdf);
  if (!ok) throw Failure(Fail::internal);
  return out;
}

}  // namespace bidkey
