// SM3 of eight messages at once (AVX2).
#if defined(__x86_64__)
#include <bit>
#include <utility>

#include "bytes.hpp"
#pragma GCC target("avx2")
#include "digest-lanes.hpp"
#include "sm3-compress.hpp"

namespace bidkey::engine {

namespace {
typedef std::uint32_t Lanes8 __attribute__((vector_size(32)));

struct Hash {
  static std::uint32_t initialState(int i) { return sm3InitialState[i]; }
  [[gnu::always_inline]] static void compress(Lanes8 (&state)[8], Lanes8 (&w)[16]) { sm3detail::compress(state, w); }
};
}

void sm3Lanes8(const std::uint8_t* const messages[8], std::size_t length, std::uint8_t* digests) {
  lanesdetail::digestLanes<Hash, Lanes8, 8>(messages, length, digests);
}

}  // namespace bidkey::engine
#endif
