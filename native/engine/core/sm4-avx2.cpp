// SM4 with AVX2 and AES-NI: the S-box is the one of AES between two affine maps, looked up by half-bytes inside registers.
#if defined(__x86_64__)
#include <immintrin.h>

#include "sm4-tables.hpp"
#include "sm4.hpp"
#pragma GCC target("avx2,aes")
#include "sm4-vector.hpp"

namespace bidkey::engine {

namespace {

constexpr auto tablesBefore = sm4tables::nibblesOf(sm4tables::before);
constexpr auto tablesAfter = sm4tables::nibblesOf(sm4tables::afterAesSbox);

struct Avx2 {
  using Type = __m256i;
  static Type load(const std::uint8_t* at) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)); }
  static void store(std::uint8_t* at, Type x) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(at), x); }
  static Type broadcast(std::uint32_t x) { return _mm256_set1_epi32(static_cast<int>(x)); }
  static Type add(Type a, Type b) { return _mm256_add_epi32(a, b); }
  static Type exclusiveOr(Type a, Type b) { return _mm256_xor_si256(a, b); }
  static Type exclusiveOr3(Type a, Type b, Type c) { return exclusiveOr(exclusiveOr(a, b), c); }
  template <int by>
  static Type rotate(Type x) { return _mm256_or_si256(_mm256_slli_epi32(x, by), _mm256_srli_epi32(x, 32 - by)); }
  static Type unpackLow32(Type a, Type b) { return _mm256_unpacklo_epi32(a, b); }
  static Type unpackHigh32(Type a, Type b) { return _mm256_unpackhi_epi32(a, b); }
  static Type unpackLow64(Type a, Type b) { return _mm256_unpacklo_epi64(a, b); }
  static Type unpackHigh64(Type a, Type b) { return _mm256_unpackhi_epi64(a, b); }
  static Type swapBytes(Type x) {
    return _mm256_shuffle_epi8(x, _mm256_broadcastsi128_si256(_mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3)));
  }
  // After the transposition lane 4L+j belongs to block 2j+L.
  static Type blockNumbers() { return _mm256_set_epi32(7, 5, 3, 1, 6, 4, 2, 0); }
  static Type substitute(Type x) {
    const Type inner = mapBytes(tablesBefore, x);
    const __m128i zero = _mm_setzero_si128();
    const __m128i low = _mm_aesenclast_si128(_mm256_castsi256_si128(inner), zero);
    const __m128i high = _mm_aesenclast_si128(_mm256_extracti128_si256(inner, 1), zero);
    const Type shifted = _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
    // Undoes the ShiftRows that comes with the instruction.
    const __m128i unshift = _mm_set_epi8(3, 6, 9, 12, 15, 2, 5, 8, 11, 14, 1, 4, 7, 10, 13, 0);
    return mapBytes(tablesAfter, _mm256_shuffle_epi8(shifted, _mm256_broadcastsi128_si256(unshift)));
  }

 private:
  static Type table(const std::array<std::uint8_t, 16>& bytes) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes.data())));
  }
  static Type mapBytes(const sm4tables::NibbleTables& tables, Type x) {
    const Type mask = _mm256_set1_epi8(0x0f);
    const Type low = _mm256_shuffle_epi8(table(tables.low), _mm256_and_si256(x, mask));
    const Type high = _mm256_shuffle_epi8(table(tables.high), _mm256_and_si256(_mm256_srli_epi32(x, 4), mask));
    return exclusiveOr(low, high);
  }
};

void ecb(const std::uint32_t round[32], const std::uint8_t* in, std::uint8_t* out, std::size_t blocks) {
  sm4vector::ecb<Avx2, 2>(round, in, out, blocks);
}

void ctr(const std::uint32_t round[32], const std::uint32_t counter[4], const std::uint8_t* in, std::uint8_t* out, std::size_t blocks) {
  sm4vector::ctr<Avx2, 2>(round, counter, in, out, blocks);
}

std::uint32_t substitute(std::uint32_t word) {
  return static_cast<std::uint32_t>(_mm256_cvtsi256_si32(Avx2::substitute(Avx2::broadcast(word))));
}

}  // namespace

const Sm4Kernel sm4Avx2 = {ecb, ctr, substitute};

}  // namespace bidkey::engine
#endif
