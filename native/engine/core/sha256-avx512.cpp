// SHA-256 (FIPS 180-4) of sixteen messages at once (AVX-512).
#if defined(__x86_64__)
#include <bit>
#include <utility>

#include "bytes.hpp"
#include "sha256.hpp"
#pragma GCC target("avx512f,avx512bw,avx512vl,prefer-vector-width=512")
#include "digest-lanes.hpp"

namespace bidkey::engine {

namespace {

typedef std::uint32_t Lanes __attribute__((vector_size(64)));

// §5.3.3, §4.2.2
constexpr std::uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
constexpr std::uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

template <int by>
[[gnu::always_inline]] inline Lanes rotateRight(Lanes x) { return (x >> by) | (x << (32 - by)); }

// One round (§6.2.2). Registers are renamed by the caller instead of being moved: a is always first.
[[gnu::always_inline]] inline void step(Lanes a, Lanes b, Lanes c, Lanes& d, Lanes e, Lanes f, Lanes g, Lanes& h, Lanes wk) {
  const Lanes sum1 = rotateRight<6>(e) ^ rotateRight<11>(e) ^ rotateRight<25>(e);
  const Lanes sum0 = rotateRight<2>(a) ^ rotateRight<13>(a) ^ rotateRight<22>(a);
  const Lanes t1 = h + wk + sum1 + ((e & f) ^ (~e & g));
  d += t1;
  h = t1 + sum0 + ((a & b) ^ (a & c) ^ (b & c));
}

// The word of a round, and the one sixteen rounds later in its place.
template <int round>
[[gnu::always_inline]] inline Lanes scheduled(Lanes (&w)[16]) {
  constexpr int i = round % 16;
  const Lanes word = w[i];
  if constexpr (round < 48) {
    const Lanes x = w[(i + 1) % 16], y = w[(i + 14) % 16];
    w[i] = word + (rotateRight<7>(x) ^ rotateRight<18>(x) ^ (x >> 3)) + w[(i + 9) % 16] + (rotateRight<17>(y) ^ rotateRight<19>(y) ^ (y >> 10));
  }
  return word + constants[round];
}

template <int round>
[[gnu::always_inline]] inline void eightSteps(Lanes (&r)[8], Lanes (&w)[16]) {
  step(r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], scheduled<round>(w));
  step(r[7], r[0], r[1], r[2], r[3], r[4], r[5], r[6], scheduled<round + 1>(w));
  step(r[6], r[7], r[0], r[1], r[2], r[3], r[4], r[5], scheduled<round + 2>(w));
  step(r[5], r[6], r[7], r[0], r[1], r[2], r[3], r[4], scheduled<round + 3>(w));
  step(r[4], r[5], r[6], r[7], r[0], r[1], r[2], r[3], scheduled<round + 4>(w));
  step(r[3], r[4], r[5], r[6], r[7], r[0], r[1], r[2], scheduled<round + 5>(w));
  step(r[2], r[3], r[4], r[5], r[6], r[7], r[0], r[1], scheduled<round + 6>(w));
  step(r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[0], scheduled<round + 7>(w));
}

struct Hash {
  static std::uint32_t initialState(int i) { return initial[i]; }
  [[gnu::always_inline]] static void compress(Lanes (&state)[8], Lanes (&w)[16]) {
    Lanes r[8];
    for (int i = 0; i < 8; i++) r[i] = state[i];
    [&]<int... eighth>(std::integer_sequence<int, eighth...>) __attribute__((always_inline)) {
      (eightSteps<8 * eighth>(r, w), ...);
    }(std::make_integer_sequence<int, 8>{});
    for (int i = 0; i < 8; i++) state[i] += r[i];
  }
};

}  // namespace

void sha256Lanes16(const std::uint8_t* const messages[16], std::size_t length, std::uint8_t* digests) {
  lanesdetail::digestLanes<Hash, Lanes, 16>(messages, length, digests);
}

}  // namespace bidkey::engine
#endif
