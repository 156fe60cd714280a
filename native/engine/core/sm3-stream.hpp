// SM3 of one stream on x86-64: rounds on words, message expansion four words at a time in vectors, which takes a quarter
// of the instructions off the words. Included after the target pragma of its instruction set.
#pragma once
#include "sm3-compress.hpp"

namespace bidkey::engine::sm3detail {

typedef std::uint32_t FourWords __attribute__((vector_size(16)));

[[gnu::always_inline]] inline FourWords loadFourWords(const std::uint8_t* at) {
  return FourWords{read32(at), read32(at + 4), read32(at + 8), read32(at + 12)};
}

// W[j..j+3] from the sixteen words before (§5.3.2). The last lane needs W[j] itself, which is not there yet: it is computed
// without that term and mended afterwards, since P1 is linear.
[[gnu::always_inline]] inline FourWords expandFourWords(FourWords v0, FourWords v1, FourWords v2, FourWords v3) {
  const FourWords zero{};
  const FourWords before13 = __builtin_shuffle(v0, v1, FourWords{3, 4, 5, 6});
  const FourWords before9 = __builtin_shuffle(v1, v2, FourWords{3, 4, 5, 6});
  const FourWords before6 = __builtin_shuffle(v2, v3, FourWords{2, 3, 4, 5});
  const FourWords before3 = __builtin_shuffle(v3, zero, FourWords{1, 2, 3, 4});
  const FourWords x = v0 ^ before9 ^ rotate(before3, 15);
  const FourWords w = x ^ rotate(x, 15) ^ rotate(x, 23) ^ rotate(before13, 7) ^ before6;
  const FourWords missing = rotate(__builtin_shuffle(zero, w, FourWords{0, 0, 0, 4}), 15);
  return w ^ missing ^ rotate(missing, 15) ^ rotate(missing, 23);
}

template <int quarter>
[[gnu::always_inline]] inline void quarterOfStream(Registers<std::uint32_t>& r, FourWords (&v)[4]) {
  constexpr int round = 4 * quarter;
  constexpr int now = quarter % 4, next = (quarter + 1) % 4;
  alignas(16) std::uint32_t w[4], wPrime[4];
  const FourWords current = v[now];
  if constexpr (quarter >= 3) {
    // W[j+4..j+7] for W'; the first sixteen words come from the message.
    v[next] = expandFourWords(v[next], v[(quarter + 2) % 4], v[(quarter + 3) % 4], current);
  }
  const FourWords prime = current ^ v[next];
  std::memcpy(w, &current, 16);
  std::memcpy(wPrime, &prime, 16);
  // Keeps the words in memory, where `add` takes them as operands; GCC would pull them out of the vectors one by one.
  __asm__("" : "+m"(w), "+m"(wPrime));
  step<round>(r.a, r.b, r.c, r.d, r.e, r.f, r.g, r.h, w[0], wPrime[0]);
  step<round + 1>(r.d, r.a, r.b, r.c, r.h, r.e, r.f, r.g, w[1], wPrime[1]);
  step<round + 2>(r.c, r.d, r.a, r.b, r.g, r.h, r.e, r.f, w[2], wPrime[2]);
  step<round + 3>(r.b, r.c, r.d, r.a, r.f, r.g, r.h, r.e, w[3], wPrime[3]);
}

[[gnu::always_inline]] inline void compressStream(Sm3State& state, const std::uint8_t* blocks, std::size_t count) {
  FourWords v[4];
  Registers<std::uint32_t> s{state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]};
  for (; count > 0; count--, blocks += sm3BlockLength) {
    for (int i = 0; i < 4; i++) v[i] = loadFourWords(blocks + 16 * i);
    Registers<std::uint32_t> r = s;
    [&]<int... quarter>(std::integer_sequence<int, quarter...>) __attribute__((always_inline)) {
      (quarterOfStream<quarter>(r, v), ...);
    }(std::make_integer_sequence<int, 16>{});
    s.a ^= r.a, s.b ^= r.b, s.c ^= r.c, s.d ^= r.d;
    s.e ^= r.e, s.f ^= r.f, s.g ^= r.g, s.h ^= r.h;
  }
  state = {s.a, s.b, s.c, s.d, s.e, s.f, s.g, s.h};
  wipe(v, sizeof v);
}

}  // namespace bidkey::engine::sm3detail
