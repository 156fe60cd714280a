// SM3 of sixteen messages at once (AVX-512).
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

struct Hash {
  static std::uint32_t initialState(int i) { return sm3InitialState[i]; }
  [[gnu::always_inline]] static void compress(Lanes16 (&state)[8], Lanes16 (&w)[16]) { sm3detail::compress(state, w); }
};
}

void sm3Lanes16(const std::uint8_t* const messages[16], std::size_t length, std::uint8_t* digests) {
  lanesdetail::digestLanes<Hash, Lanes16, 16>(messages, length, digests);
}

}  // namespace bidkey::engine
#endif
