// Which processor kernels this machine runs. Chosen once; a test may lower it to prove that every kernel gives the same answers.
#pragma once

namespace bidkey::engine {

enum class Kernel {
  scalar,  // any processor
  avx2,    // x86-64 with AVX2, AES-NI, PCLMULQDQ, BMI2
  avx512,  // additionally AVX-512 F/BW/VL, GFNI
};

// The best kernel of this processor.
Kernel bestKernel();
// The kernel in use.
Kernel activeKernel();
// For tests: uses a lower kernel than the best. False, and no change, when the processor lacks it.
bool testOnlyUseKernel(Kernel kernel);

}  // namespace bidkey::engine
