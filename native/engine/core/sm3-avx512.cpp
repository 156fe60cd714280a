// SM3 of sixteen messages at once (AVX-512).
#if defined(__x86_64__)
#include <bit>
#include <utility>

#include "bytes.hpp"
#pragma GCC target("avx512f,avx512bw,avx512vl,prefer-vector-width=512")
#include "sm3-lanes.hpp"

namespace bidkey::engine {

namespace {
typedef std::uint32_t Lanes16 __attribute__((vector_size(64)));
}

void sm3Lanes16(const std::uint8_t* const messages[16], std::size_t length, std::uint8_t* digests) {
  sm3detail::digestLanes<Lanes16, 16>(messages, length, digests);
}

}  // namespace bidkey::engine
#endif
