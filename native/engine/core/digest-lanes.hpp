// Digests of N messages of equal length, one message per vector lane, for hashes that pad alike (SM3, SHA-256).
// Hash: initialState(i); compress(state, w) over sixteen words, which it may change.
#pragma once
#include "sm3.hpp"

namespace bidkey::engine::lanesdetail {

template <typename Hash, typename Vector, int lanes>
[[gnu::always_inline]] inline void absorb(Vector (&state)[8], const std::uint8_t* const (&at)[lanes]) {
  Vector w[16];
  for (int i = 0; i < 16; i++) {
    for (int lane = 0; lane < lanes; lane++) w[i][lane] = read32(at[lane] + 4 * i);
  }
  Hash::compress(state, w);
}

template <typename Hash, typename Vector, int lanes>
[[gnu::always_inline]] inline void digestLanes(const std::uint8_t* const* messages, std::size_t length, std::uint8_t* digests) {
  Vector state[8];
  for (int i = 0; i < 8; i++) state[i] = Vector{} + Hash::initialState(i);
  const std::uint8_t* at[lanes];
  for (int lane = 0; lane < lanes; lane++) at[lane] = messages[lane];
  for (std::size_t block = 0; block < length / sm3BlockLength; block++) {
    absorb<Hash, Vector, lanes>(state, at);
    for (auto& message : at) message += sm3BlockLength;
  }
  std::uint8_t padded[lanes][2 * sm3BlockLength];
  std::size_t paddedBlocks = 0;
  for (int lane = 0; lane < lanes; lane++) {
    paddedBlocks = sm3Padding({at[lane], length % sm3BlockLength}, length, padded[lane]);
    at[lane] = padded[lane];
  }
  for (std::size_t block = 0; block < paddedBlocks; block++) {
    absorb<Hash, Vector, lanes>(state, at);
    for (auto& message : at) message += sm3BlockLength;
  }
  for (int lane = 0; lane < lanes; lane++) {
    for (int i = 0; i < 8; i++) write32(digests + sm3DigestLength * lane + 4 * i, state[i][lane]);
  }
  wipe(padded, sizeof padded);
}

}  // namespace bidkey::engine::lanesdetail
