/** A test key in a folder of its own below $TMPDIR, made through the core, for the native drivers. */
#pragma once
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "core/pin.h"
#include "core/crypto.h"

namespace fixture {

inline constexpr const char* userPin = "28461937";
inline constexpr const char* adminPin = "73916428";
inline constexpr const char* serial = "NATIVE";

inline std::filesystem::path makeFolder() {
  std::string name = std::filesystem::temp_directory_path() / "bidkey-native-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) std::abort();
  ::setenv("BIDKEY_SOFT_UKEY_DIR", name.c_str(), 1);
  return name;
}

inline void makeKey() {
  using namespace bidkey;
  TokenState state;
  state.serial = serial;
  state.label = "native";
  state.model = "SoftUKey";
  state.manufacturer = "BidKey";
  state.isTest = state.isInitialized = true;
  state.kdfLog2N = 10;
  state.deviceAuthKey = plainBytes(viewOf("1234567812345678"));
  state.applications.push_back(makeApplication(state, "BidKeyApp", viewOf(adminPin), 10, viewOf(userPin), 10));
  tokenOf(serial)->create(state);
}

/** Exactly as many bytes as given, so that the sanitizer sees a read of one more. */
class Exact {
 public:
  explicit Exact(bidkey::View data) : size_(data.size()), bytes_(new std::uint8_t[data.empty() ? 1 : data.size()]) {
    if (!data.empty()) std::memcpy(bytes_.get(), data.data(), data.size());
  }
  std::uint8_t* data() const { return bytes_.get(); }
  std::size_t size() const { return size_; }

 private:
  std::size_t size_;
  std::unique_ptr<std::uint8_t[]> bytes_;
};

}  // namespace fixture
