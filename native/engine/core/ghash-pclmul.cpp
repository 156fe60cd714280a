// GHASH with carry-less multiplication instructions: eight blocks times eight powers, reduced once.
#if defined(__x86_64__)
#include <immintrin.h>

#include "ghash.hpp"
#pragma GCC target("pclmul,avx2")

namespace bidkey::engine {

namespace {

struct Product {
  __m128i low = _mm_setzero_si128(), middle = _mm_setzero_si128(), high = _mm_setzero_si128();

  void add(__m128i a, __m128i b) {
    low = _mm_xor_si128(low, _mm_clmulepi64_si128(a, b, 0x00));
    high = _mm_xor_si128(high, _mm_clmulepi64_si128(a, b, 0x11));
    middle = _mm_xor_si128(middle, _mm_xor_si128(_mm_clmulepi64_si128(a, b, 0x01), _mm_clmulepi64_si128(a, b, 0x10)));
  }

  // Times x^−128 modulo the POLYVAL polynomial: two foldings by 64 bits.
  __m128i reduce() const {
    const __m128i reduction = _mm_set_epi64x(0, static_cast<long long>(0xc200000000000000));
    __m128i bottom = _mm_xor_si128(low, _mm_slli_si128(middle, 8));
    const __m128i top = _mm_xor_si128(high, _mm_srli_si128(middle, 8));
    bottom = _mm_xor_si128(_mm_shuffle_epi32(bottom, 0x4e), _mm_clmulepi64_si128(bottom, reduction, 0x00));
    bottom = _mm_xor_si128(_mm_shuffle_epi32(bottom, 0x4e), _mm_clmulepi64_si128(bottom, reduction, 0x00));
    return _mm_xor_si128(top, bottom);
  }
};

__m128i loadBlock(const std::uint8_t* at) {
  const __m128i reverse = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)), reverse);
}

__m128i loadElement(const FieldElement& element) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(&element)); }

}  // namespace

void ghashBlocksPclmul(const FieldElement powers[ghashPowers], FieldElement& sum, const std::uint8_t* blocks, std::size_t count) {
  __m128i state = loadElement(sum);
  for (; count >= ghashPowers; count -= ghashPowers, blocks += 16 * ghashPowers) {
    Product product;
    product.add(_mm_xor_si128(state, loadBlock(blocks)), loadElement(powers[ghashPowers - 1]));
    for (std::size_t i = 1; i < ghashPowers; i++) product.add(loadBlock(blocks + 16 * i), loadElement(powers[ghashPowers - 1 - i]));
    state = product.reduce();
  }
  for (; count > 0; count--, blocks += 16) {
    Product product;
    product.add(_mm_xor_si128(state, loadBlock(blocks)), loadElement(powers[0]));
    state = product.reduce();
  }
  _mm_storeu_si128(reinterpret_cast<__m128i*>(&sum), state);
}

}  // namespace bidkey::engine
#endif
