// The operations of the addon. Each reads its arguments strictly and prepares a Work; nothing is computed here.
#pragma once
#include "work.hpp"

namespace bidkey::engine {

// Arguments of one call: exactly as many as the operation takes, optional ones may be undefined or missing.
class Arguments {
 public:
  static constexpr std::size_t most = 6;
  Arguments(napi_env env, napi_callback_info info);
  napi_env env() const { return env_; }
  napi_value at(std::size_t index) const { return values_[index]; }
  // nullptr when undefined or missing.
  napi_value optional(std::size_t index) const;
  SecretBytes secret(std::size_t index, std::size_t minBytes, std::size_t maxBytes) const { return {env_, at(index), minBytes, maxBytes}; }
  SecretBytes secret(std::size_t index, std::size_t bytes) const { return secret(index, bytes, bytes); }

 private:
  napi_env env_;
  napi_value values_[most];
};

using Operation = void (*)(const Arguments& call, Work& work);

// SP 800-38D §5.2.1.1: 2^32 − 2 blocks under one nonce.
constexpr std::size_t maxGcmBytes = ((std::size_t{1} << 32) - 2) * 16;

// For work that may be copied.
inline std::shared_ptr<SecretBytes> keep(SecretBytes bytes) { return std::make_shared<SecretBytes>(std::move(bytes)); }

// An array of byte strings, at most so many, held until the work is done.
std::vector<Bytes> pinMessages(const Arguments& call, Work& work, std::uint32_t most);

void prepareSm3(const Arguments& call, Work& work);
void prepareSm3Many(const Arguments& call, Work& work);
void prepareSm3Update(const Arguments& call, Work& work);
void prepareSm3Digest(const Arguments& call, Work& work);
napi_value createSm3(napi_env env);

void prepareSm4Ctr(const Arguments& call, Work& work);
void prepareSm4CbcEncrypt(const Arguments& call, Work& work);
void prepareSm4CbcDecrypt(const Arguments& call, Work& work);
void prepareSm4GcmEncrypt(const Arguments& call, Work& work);
void prepareSm4GcmDecrypt(const Arguments& call, Work& work);

// AES-256-GCM and SHA-256, where the processor has wide instructions for them.
void prepareSha256Many(const Arguments& call, Work& work);
void prepareAes256GcmEncrypt(const Arguments& call, Work& work);
void prepareAes256GcmDecrypt(const Arguments& call, Work& work);

void prepareSm2PublicKey(const Arguments& call, Work& work);
void prepareSm2Sign(const Arguments& call, Work& work);
void prepareSm2TestOnlySignWithNonce(const Arguments& call, Work& work);
void prepareSm2Verify(const Arguments& call, Work& work);
void prepareSm2Encrypt(const Arguments& call, Work& work);
void prepareSm2Decrypt(const Arguments& call, Work& work);

}  // namespace bidkey::engine
