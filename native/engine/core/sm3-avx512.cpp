// SM3 of sixteen messages at once, and of eight (AVX-512).
#if defined(__x86_64__)
#include <bit>
#include <utility>

#include "bytes.hpp"
#pragma GCC target("avx512f,avx512bw,avx512vl,prefer-vector-width=512")
#include "digest-lanes.hpp"
#include "sm3-compress.hpp"

namespace bidkey::engine {

namespace {

typedef std::uint32_t Lanes16 __attribute__((vector_size(64)));
typedef std::uint32_t Lanes8 __attribute__((vector_size(32)));

template <typename Lanes>
struct Hash {
  static std::uint32_t initialState(int i) { return sm3InitialState[i]; }
  [[gnu::always_inline]] static void compress(Lanes (&state)[8], Lanes (&w)[16]) { sm3detail::compress(state, w); }
};

}  // namespace

void sm3Lanes16(const std::uint8_t* const messages[16], std::size_t length, std::uint8_t* digests) {
  lanesdetail::digestLanes<Hash<Lanes16>, Lanes16, 16>(messages, length, digests);
}

// Half the lanes in half the time, with the instructions that AVX2 lacks: rotation, and any function of three words.
void sm3Lanes8Wide(const std::uint8_t* const messages[8], std::size_t length, std::uint8_t* digests) {
  lanesdetail::digestLanes<Hash<Lanes8>, Lanes8, 8>(messages, length, digests);
}

}  // namespace bidkey::engine
#endif
