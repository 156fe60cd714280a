/**
 * The algorithms of the core, on a private OpenSSL library context: no configuration file, no providers of the host process.
 * Bytes in, bytes out; every failure is a Failure.
 */
#pragma once
#include <openssl/evp.h>
#include <array>

#include "bytes.h"

namespace bidkey {

OSSL_LIB_CTX* cryptoContext();

SecureBytes randomBytes(std::size_t count);
void fillRandom(std::span<std::uint8_t> out);

struct PKeyFree { void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); } };
using PKey = std::unique_ptr<EVP_PKEY, PKeyFree>;
struct PKeyCtxFree { void operator()(EVP_PKEY_CTX* ctx) const { EVP_PKEY_CTX_free(ctx); } };
using PKeyCtx = std::unique_ptr<EVP_PKEY_CTX, PKeyCtxFree>;

/** A running digest by OpenSSL name ("SM3", "SHA256", …). */
class Digest {
 public:
  explicit Digest(const char* name);
  void update(View data);
  Bytes final();
  std::size_t size() const;

 private:
  struct Free { void operator()(EVP_MD_CTX* ctx) const { EVP_MD_CTX_free(ctx); } };
  std::unique_ptr<EVP_MD_CTX, Free> ctx_;
};
Bytes digestOf(const char* name, View data);
SecureBytes hmacOf(const char* digestName, View key, View data);

/** A running block cipher by OpenSSL name ("SM4-CBC", "AES-256-ECB", …). Input may come in any pieces; output of update() is what has become whole. */
class BlockCipher {
 public:
  enum class Direction { encrypt, decrypt };
  BlockCipher(const char* name, View key, View iv, Direction direction, bool padded);
  SecureBytes update(View data);
  /** @throws Failure(cipherLength | dataLength) for a partial block, Failure(cipherInvalid) for wrong padding */
  SecureBytes final();
  static constexpr std::size_t blockSize = 16;
  /** What update() hands out of so many bytes: whole blocks, less the last one while padding may still be in it. */
  static std::size_t readyBytes(std::size_t total, bool keepsLastBlock) {
    return (keepsLastBlock && total > 0 ? total - 1 : total) / blockSize * blockSize;
  }
  /** What so many bytes become with padding. */
  static std::size_t paddedBytes(std::size_t size) { return (size / blockSize + 1) * blockSize; }

 private:
  struct Free { void operator()(EVP_CIPHER_CTX* ctx) const { EVP_CIPHER_CTX_free(ctx); } };
  std::unique_ptr<EVP_CIPHER_CTX, Free> ctx_;
  Direction direction_;
  bool padded_;
};
SecureBytes encryptBlocks(const char* name, View key, View iv, View data, bool padded);
SecureBytes decryptBlocks(const char* name, View key, View iv, View data, bool padded);

/** AES key wrap: RFC 3394, or with padding RFC 5649. */
SecureBytes wrapAes(View key, View data, bool padded);
SecureBytes unwrapAes(View key, View wrapped, bool padded);

/** AES-256-GCM: nonce(12) ‖ ciphertext ‖ tag(16). */
Bytes sealGcm(View key, View associated, View plain);
/** @throws Failure(cipherInvalid) when the tag does not fit */
SecureBytes openGcm(View key, View associated, View sealed);

/** scrypt with r = 8, p = 1 and N = 2^log2N, 32 bytes out. */
SecureBytes deriveFromPin(View pin, View salt, unsigned log2N);

}  // namespace bidkey
