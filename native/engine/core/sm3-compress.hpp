// The SM3 compression function (§5.3), written once and compiled for several instruction sets: on words for one stream,
// on vectors of words for many. `Word` is std::uint32_t or a GCC vector of it.
#pragma once
#include "sm3.hpp"

namespace bidkey::engine::sm3detail {

constexpr std::uint32_t rotatedConstant(int round) {
  return std::rotl(round < 16 ? 0x79cc4519u : 0x7a879d8au, round % 32);
}

template <typename Word>
[[gnu::always_inline]] inline Word rotate(Word x, int by) {
  return (x << by) | (x >> (32 - by));
}

template <typename Word>
struct Registers {
  Word a, b, c, d, e, f, g, h;
};

// One round. Registers are renamed by the caller instead of being moved: a is always first.
template <int round, typename Word>
[[gnu::always_inline]] inline void step(Word& a, Word& b, Word& c, Word& d, Word& e, Word& f, Word& g, Word& h, Word w, Word wPrime) {
  const Word a12 = rotate(a, 12);
  const Word ss1 = rotate((a12 + rotatedConstant(round)) + e, 7);
  Word ff, gg;
  if constexpr (round < 16) {
    ff = a ^ b ^ c;
    gg = e ^ f ^ g;
  } else {
    // Majority and choice as sums of disjoint terms: they join the additions without waiting for each other.
    ff = (b & c) + ((b ^ c) & a);
    gg = (e & f) + (~e & g);
  }
  const Word tt1 = (ff + (d + wPrime)) + (ss1 ^ a12);
  const Word tt2 = (gg + (h + w)) + ss1;
  b = rotate(b, 9);
  d = tt1;
  f = rotate(f, 19);
  h = tt2 ^ rotate(tt2, 9) ^ rotate(tt2, 17);
  (void)c;
  (void)g;
}

// Four words of message expansion happen inside the rounds that use them: W[j+4] is made when round j needs it.
template <int round, typename Word>
[[gnu::always_inline]] inline Word expanded(Word (&w)[16]) {
  constexpr int j = round + 4;
  if constexpr (j >= 16) {
    const Word x = w[j % 16] ^ w[(j + 7) % 16] ^ rotate(w[(j + 13) % 16], 15);
    w[j % 16] = x ^ rotate(x, 15) ^ rotate(x, 23) ^ rotate(w[(j + 3) % 16], 7) ^ w[(j + 10) % 16];
  }
  return w[j % 16];
}

template <int round, typename Word>
[[gnu::always_inline]] inline void fourSteps(Registers<Word>& r, Word (&w)[16]) {
  Word w0 = w[round % 16], w4 = expanded<round>(w);
  step<round>(r.a, r.b, r.c, r.d, r.e, r.f, r.g, r.h, w0, w0 ^ w4);
  w0 = w[(round + 1) % 16], w4 = expanded<round + 1>(w);
  step<round + 1>(r.d, r.a, r.b, r.c, r.h, r.e, r.f, r.g, w0, w0 ^ w4);
  w0 = w[(round + 2) % 16], w4 = expanded<round + 2>(w);
  step<round + 2>(r.c, r.d, r.a, r.b, r.g, r.h, r.e, r.f, w0, w0 ^ w4);
  w0 = w[(round + 3) % 16], w4 = expanded<round + 3>(w);
  step<round + 3>(r.b, r.c, r.d, r.a, r.f, r.g, r.h, r.e, w0, w0 ^ w4);
}

template <typename Word>
[[gnu::always_inline]] inline void compress(Word (&state)[8], Word (&w)[16]) {
  Registers<Word> r{state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]};
  [&]<int... quarter>(std::integer_sequence<int, quarter...>) __attribute__((always_inline)) {
    (fourSteps<4 * quarter>(r, w), ...);
  }(std::make_integer_sequence<int, 16>{});
  state[0] ^= r.a, state[1] ^= r.b, state[2] ^= r.c, state[3] ^= r.d;
  state[4] ^= r.e, state[5] ^= r.f, state[6] ^= r.g, state[7] ^= r.h;
}

[[gnu::always_inline]] inline void compressBlocks(Sm3State& state, const std::uint8_t* blocks, std::size_t count) {
  std::uint32_t words[8], w[16];
  for (int i = 0; i < 8; i++) words[i] = state[i];
  for (; count > 0; count--, blocks += sm3BlockLength) {
    for (int i = 0; i < 16; i++) w[i] = read32(blocks + 4 * i);
    compress(words, w);
  }
  for (int i = 0; i < 8; i++) state[i] = words[i];
  wipe(w, sizeof w);
}

}  // namespace bidkey::engine::sm3detail
