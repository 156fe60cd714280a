// SM4 with AVX-512 and GFNI: the S-box is two affine instructions, one of which inverts in the AES field.
#if defined(__x86_64__)
#include <immintrin.h>

#include "sm4-tables.hpp"
#include "sm4.hpp"
#pragma GCC target("avx512f,avx512bw,avx512vl,gfni")
// GCC 12 calls the "undefined" operand of its own intrinsics uninitialised (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#include "sm4-vector.hpp"

namespace bidkey::engine {

namespace {

struct Avx512 {
  using Type = __m512i;
  static Type load(const std::uint8_t* at) { return _mm512_loadu_si512(at); }
  static void store(std::uint8_t* at, Type x) { _mm512_storeu_si512(at, x); }
  static Type broadcast(std::uint32_t x) { return _mm512_set1_epi32(static_cast<int>(x)); }
  static Type add(Type a, Type b) { return _mm512_add_epi32(a, b); }
  static Type exclusiveOr(Type a, Type b) { return _mm512_xor_si512(a, b); }
  static Type exclusiveOr3(Type a, Type b, Type c) { return _mm512_ternarylogic_epi32(a, b, c, 0x96); }
  template <int by>
  static Type rotate(Type x) { return _mm512_rol_epi32(x, by); }
  static Type unpackLow32(Type a, Type b) { return _mm512_unpacklo_epi32(a, b); }
  static Type unpackHigh32(Type a, Type b) { return _mm512_unpackhi_epi32(a, b); }
  static Type unpackLow64(Type a, Type b) { return _mm512_unpacklo_epi64(a, b); }
  static Type unpackHigh64(Type a, Type b) { return _mm512_unpackhi_epi64(a, b); }
  static Type swapBytes(Type x) {
    return _mm512_shuffle_epi8(x, _mm512_broadcast_i32x4(_mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3)));
  }
  // After the transposition lane 4L+j belongs to block 4j+L.
  static Type blockNumbers() { return _mm512_set_epi32(15, 11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4, 0); }
  static Type substitute(Type x) {
    using namespace sm4tables;
    constexpr auto matrixBefore = static_cast<long long>(matrixOf(before)), matrixAfter = static_cast<long long>(matrixOf(after));
    const Type inner = _mm512_gf2p8affine_epi64_epi8(x, _mm512_set1_epi64(matrixBefore), before(0));
    return _mm512_gf2p8affineinv_epi64_epi8(inner, _mm512_set1_epi64(matrixAfter), after(0));
  }
};

void ecb(const std::uint32_t round[32], const std::uint8_t* in, std::uint8_t* out, std::size_t blocks) {
  sm4vector::ecb<Avx512, 4>(round, in, out, blocks);
}

void ctr(const std::uint32_t round[32], const std::uint32_t counter[4], const std::uint8_t* in, std::uint8_t* out, std::size_t blocks) {
  sm4vector::ctr<Avx512, 4>(round, counter, in, out, blocks);
}

std::uint32_t substitute(std::uint32_t word) {
  return static_cast<std::uint32_t>(_mm512_cvtsi512_si32(Avx512::substitute(Avx512::broadcast(word))));
}

}  // namespace

const Sm4Kernel sm4Avx512 = {ecb, ctr, substitute};

}  // namespace bidkey::engine
#endif
