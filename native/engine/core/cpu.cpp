#include "cpu.hpp"

#include <atomic>

namespace bidkey::engine {

namespace {
std::atomic<Kernel> active{bestKernel()};
}

Kernel bestKernel() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("aes") &&
                    __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("bmi2");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("gfni");
  if (avx512) return Kernel::avx512;
  if (avx2) return Kernel::avx2;
#endif
  return Kernel::scalar;
}

Kernel activeKernel() { return active.load(std::memory_order_relaxed); }

bool testOnlyUseKernel(Kernel kernel) {
  if (static_cast<int>(kernel) > static_cast<int>(bestKernel())) return false;
  active.store(kernel, std::memory_order_relaxed);
  return true;
}

}  // namespace bidkey::engine
