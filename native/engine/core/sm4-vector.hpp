// SM4 on vectors, written once for AVX2 and AVX-512: every vector holds one word of many blocks. No tables in memory, no
// branches on data: constant time. `V` brings the instructions; included after the target pragma of its instruction set.
#pragma once
#include "sm4.hpp"

namespace bidkey::engine::sm4vector {

// Blocks per vector of words: a vector has one 32-bit lane per block.
template <typename V>
constexpr std::size_t lanes = sizeof(typename V::Type) / 4;

template <typename V, int sets>
struct State {
  typename V::Type word[4][sets];
};

template <typename V, int sets>
[[gnu::always_inline]] inline void transform(State<V, sets>& s, const std::uint32_t round[32]) {
  using T = typename V::Type;
#pragma GCC unroll 1
  for (int i = 0; i < 32; i += 4) {
#pragma GCC unroll 4
    for (int j = 0; j < 4; j++) {
      const T key = V::broadcast(round[i + j]);
#pragma GCC unroll 8
      for (int k = 0; k < sets; k++) {
        const T mixed = V::exclusiveOr3(s.word[(j + 1) % 4][k], s.word[(j + 2) % 4][k], V::exclusiveOr(s.word[(j + 3) % 4][k], key));
        const T b = V::substitute(mixed);
        // L: rotations by 0, 2, 10, 18, 24.
        const T front = V::exclusiveOr3(b, V::template rotate<2>(b), V::template rotate<10>(b));
        const T back = V::exclusiveOr3(s.word[j][k], V::template rotate<18>(b), V::template rotate<24>(b));
        s.word[j][k] = V::exclusiveOr(front, back);
      }
    }
  }
}

// 4×4 words inside every 128 bits: blocks to words and back.
template <typename V>
[[gnu::always_inline]] inline void transpose(typename V::Type (&r)[4]) {
  const auto t0 = V::unpackLow32(r[0], r[1]), t1 = V::unpackHigh32(r[0], r[1]);
  const auto t2 = V::unpackLow32(r[2], r[3]), t3 = V::unpackHigh32(r[2], r[3]);
  r[0] = V::unpackLow64(t0, t2);
  r[1] = V::unpackHigh64(t0, t2);
  r[2] = V::unpackLow64(t1, t3);
  r[3] = V::unpackHigh64(t1, t3);
}

template <typename V, int sets>
[[gnu::always_inline]] inline void loadBlocks(State<V, sets>& s, const std::uint8_t* in) {
  for (int k = 0; k < sets; k++) {
    typename V::Type r[4];
    for (int i = 0; i < 4; i++) r[i] = V::swapBytes(V::load(in + (4 * k + i) * sizeof(typename V::Type)));
    transpose<V>(r);
    for (int i = 0; i < 4; i++) s.word[i][k] = r[i];
  }
}

// Writes the blocks, xored with `mask` when there is one. Words come out in reverse order (the R transform of §7.2).
template <typename V, int sets>
[[gnu::always_inline]] inline void storeBlocks(const State<V, sets>& s, const std::uint8_t* mask, std::uint8_t* out) {
  for (int k = 0; k < sets; k++) {
    typename V::Type r[4] = {s.word[3][k], s.word[2][k], s.word[1][k], s.word[0][k]};
    transpose<V>(r);
    for (int i = 0; i < 4; i++) {
      const std::size_t at = (4 * k + i) * sizeof(typename V::Type);
      const auto block = V::swapBytes(r[i]);
      V::store(out + at, mask ? V::exclusiveOr(block, V::load(mask + at)) : block);
    }
  }
}

template <typename V, int sets>
[[gnu::always_inline]] inline void ecbSets(const std::uint32_t round[32], const std::uint8_t* in, std::uint8_t* out) {
  State<V, sets> s;
  loadBlocks<V, sets>(s, in);
  transform<V, sets>(s, round);
  storeBlocks<V, sets>(s, nullptr, out);
}

template <typename V, int sets>
[[gnu::always_inline]] inline void ctrSets(const std::uint32_t round[32], const std::uint32_t counter[4], std::uint32_t offset, const std::uint8_t* in, std::uint8_t* out) {
  State<V, sets> s;
  for (int k = 0; k < sets; k++) {
    for (int i = 0; i < 3; i++) s.word[i][k] = V::broadcast(counter[i]);
    s.word[3][k] = V::add(V::broadcast(counter[3] + offset + static_cast<std::uint32_t>(k * lanes<V>)), V::blockNumbers());
  }
  transform<V, sets>(s, round);
  storeBlocks<V, sets>(s, in, out);
}

template <typename V, int sets>
[[gnu::always_inline]] inline void ecb(const std::uint32_t round[32], const std::uint8_t* in, std::uint8_t* out, std::size_t blocks) {
  constexpr std::size_t one = lanes<V>;
  for (; blocks >= sets * one; blocks -= sets * one, in += sets * one * 16, out += sets * one * 16) ecbSets<V, sets>(round, in, out);
  for (; blocks >= one; blocks -= one, in += one * 16, out += one * 16) ecbSets<V, 1>(round, in, out);
  if (blocks == 0) return;
  std::uint8_t rest[one * 16] = {};
  std::memcpy(rest, in, blocks * 16);
  ecbSets<V, 1>(round, rest, rest);
  std::memcpy(out, rest, blocks * 16);
  wipe(rest, sizeof rest);
}

template <typename V, int sets>
[[gnu::always_inline]] inline void ctr(const std::uint32_t round[32], const std::uint32_t counter[4], const std::uint8_t* in, std::uint8_t* out, std::size_t blocks) {
  constexpr std::size_t one = lanes<V>;
  std::uint32_t offset = 0;
  for (; blocks >= sets * one; blocks -= sets * one, in += sets * one * 16, out += sets * one * 16, offset += sets * one) ctrSets<V, sets>(round, counter, offset, in, out);
  for (; blocks >= one; blocks -= one, in += one * 16, out += one * 16, offset += one) ctrSets<V, 1>(round, counter, offset, in, out);
  if (blocks == 0) return;
  std::uint8_t rest[one * 16] = {};
  std::memcpy(rest, in, blocks * 16);
  ctrSets<V, 1>(round, counter, offset, rest, rest);
  std::memcpy(out, rest, blocks * 16);
  wipe(rest, sizeof rest);
}

}  // namespace bidkey::engine::sm4vector
