// SM3 of eight messages at once (AVX2).
#if defined(__x86_64__)
#include <bit>
#include <utility>

#include "bytes.hpp"
#pragma GCC target("avx2")
#include "sm3-lanes.hpp"

namespace bidkey::engine {

namespace {
typedef std::uint32_t Lanes8 __attribute__((vector_size(32)));
}

void sm3Lanes8(const std::uint8_t* const messages[8], std::size_t length, std::uint8_t* digests) {
  sm3detail::digestLanes<Lanes8, 8>(messages, length, digests);
}

}  // namespace bidkey::engine
#endif
