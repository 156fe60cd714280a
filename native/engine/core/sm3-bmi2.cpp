// SM3 for x86-64 with AVX2 and BMI2.
#if defined(__x86_64__)
#include <bit>
#include <utility>

#include "bytes.hpp"
#pragma GCC target("bmi,bmi2,avx2")
#pragma GCC optimize("schedule-insns,sched-pressure")
#include "sm3-stream.hpp"

namespace bidkey::engine {

void sm3BlocksBmi2(Sm3State& state, const std::uint8_t* blocks, std::size_t count) {
  sm3detail::compressStream(state, blocks, count);
}

}  // namespace bidkey::engine
#endif
