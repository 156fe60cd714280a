/**
 * Byte strings of the core: views, plain bytes, and SecureBytes, which are wiped when they are released.
 */
#pragma once
#include <openssl/crypto.h>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bidkey {

template <class T>
struct WipingAllocator {
  using value_type = T;
  WipingAllocator() = default;
  template <class U>
  WipingAllocator(const WipingAllocator<U>&) {}
  T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
  void deallocate(T* pointer, std::size_t count) {
    OPENSSL_cleanse(pointer, count * sizeof(T));
    std::allocator<T>().deallocate(pointer, count);
  }
  friend bool operator==(const WipingAllocator&, const WipingAllocator&) { return true; }
};

using Bytes = std::vector<std::uint8_t>;
using SecureBytes = std::vector<std::uint8_t, WipingAllocator<std::uint8_t>>;
using View = std::span<const std::uint8_t>;

inline View viewOf(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }
inline std::string textOf(View bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
inline Bytes plainBytes(View view) { return {view.begin(), view.end()}; }
inline SecureBytes secureBytes(View view) { return {view.begin(), view.end()}; }
inline bool sameBytes(View a, View b) { return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0); }

template <class Target>
void append(Target& target, View more) {
  if (more.empty()) return;
  const std::size_t size = target.size();
  target.resize(size + more.size());
  std::memcpy(target.data() + size, more.data(), more.size());
}

std::string hexOf(View bytes);
/** Bytes of a lower- or upper-case hex text. @returns an empty string for anything that is not hex */
Bytes bytesOfHex(std::string_view hex);

/** Right-aligns a big-endian number in a field of that width. @throws Failure(dataInvalid) when it does not fit */
SecureBytes rightAligned(View number, std::size_t width);
/** Drops leading zero bytes of a big-endian number. */
View withoutLeadingZeros(View number);

}  // namespace bidkey
