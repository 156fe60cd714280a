// Bytes of JavaScript as the addon may use them: small ones copied and wiped, bulk ones pinned in place.
#pragma once
#include <cstddef>
#include <memory>
#include <vector>

#include "../core/bytes.hpp"
#include "refusal.hpp"

namespace bidkey::engine {

// A Uint8Array over an ordinary ArrayBuffer. Shared memory (another thread could change it under our eyes), resizable
// buffers (their pages can vanish) and detached ones are refused with ENGINE_ARGUMENT.
struct View {
  std::uint8_t* data;
  std::size_t length;
};
View readView(napi_env env, napi_value value);

// A private copy of at most `maxBytes`, wiped at the end: keys, nonces, digests.
class SecretBytes {
 public:
  SecretBytes() = default;
  SecretBytes(napi_env env, napi_value value, std::size_t minBytes, std::size_t maxBytes);
  SecretBytes(SecretBytes&&) noexcept = default;
  SecretBytes& operator=(SecretBytes&&) noexcept = default;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes() {
    if (!bytes_.empty()) wipe(bytes_.data(), bytes_.size());
  }
  operator Bytes() const { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
};

// A view kept alive while a pool thread works on it. The reference keeps the collector away; a caller that transfers the
// buffer elsewhere meanwhile breaks the contract of the engine, which is noticed by stillThere() and answered with a code.
class PinnedBytes {
 public:
  PinnedBytes(napi_env env, napi_value value);
  PinnedBytes(const PinnedBytes&) = delete;
  PinnedBytes& operator=(const PinnedBytes&) = delete;
  ~PinnedBytes();
  Bytes bytes() const { return {view_.data, view_.length}; }
  std::uint8_t* data() const { return view_.data; }
  std::size_t length() const { return view_.length; }
  napi_value value() const;
  bool stillThere() const;

 private:
  napi_env env_;
  napi_ref reference_ = nullptr;
  View view_;
};

// Captures what readView() needs from the runtime before any other script can replace it.
void prepareBuffers(napi_env env);

}  // namespace bidkey::engine
