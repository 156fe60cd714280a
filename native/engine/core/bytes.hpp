// Byte spans, big-endian words and wiped memory: what every algorithm here is written with.
#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace bidkey::engine {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

inline std::uint32_t read32(const std::uint8_t* at) {
  std::uint32_t word;
  std::memcpy(&word, at, 4);
  return std::endian::native == std::endian::little ? __builtin_bswap32(word) : word;
}

inline void write32(std::uint8_t* at, std::uint32_t word) {
  if constexpr (std::endian::native == std::endian::little) word = __builtin_bswap32(word);
  std::memcpy(at, &word, 4);
}

inline std::uint64_t read64(const std::uint8_t* at) {
  return static_cast<std::uint64_t>(read32(at)) << 32 | read32(at + 4);
}

inline void write64(std::uint8_t* at, std::uint64_t word) {
  write32(at, static_cast<std::uint32_t>(word >> 32));
  write32(at + 4, static_cast<std::uint32_t>(word));
}

// Clears secrets; the barrier keeps the compiler from dropping the store as dead.
inline void wipe(void* at, std::size_t length) {
  std::memset(at, 0, length);
  __asm__ __volatile__("" : : "r"(at) : "memory");
}

// A plain value that is wiped when it leaves scope.
template <typename T>
struct Wiped {
  T value{};
  Wiped() = default;
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  ~Wiped() { wipe(&value, sizeof value); }
  T* operator->() { return &value; }
  T& operator*() { return value; }
};

// All bytes are looked at whatever they hold: timing tells nothing about where they differ.
inline bool equalInConstantTime(Bytes a, Bytes b) {
  if (a.size() != b.size()) return false;
  std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); i++) difference |= static_cast<std::uint8_t>(a[i] ^ b[i]);
  return difference == 0;
}

}  // namespace bidkey::engine
