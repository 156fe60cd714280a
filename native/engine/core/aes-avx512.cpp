// AES-256 with AES-NI and VAES: key schedule, one block, counter mode four blocks a register.
#if defined(__x86_64__)
#include <immintrin.h>

#include "aes-gcm.hpp"
#pragma GCC target("avx512f,avx512bw,avx512vl,aes,vaes")
// GCC 12 calls the "undefined" operand of its own intrinsics uninitialised (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"

namespace bidkey::engine {

namespace {

constexpr int roundCount = 14;
constexpr int wide = 8;

__m128i load(const std::uint8_t* at) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)); }
void store(std::uint8_t* at, __m128i x) { _mm_storeu_si128(reinterpret_cast<__m128i*>(at), x); }

// Each word plus all words before it (FIPS 197 §5.2), plus the substituted word.
__m128i nextKey(__m128i key, __m128i substituted) {
  key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
  key = _mm_xor_si128(key, _mm_slli_si128(key, 8));
  return _mm_xor_si128(key, substituted);
}

template <int constant>
void expandPair(__m128i& even, __m128i& odd, std::uint8_t (*rounds)[16], bool last) {
  even = nextKey(even, _mm_shuffle_epi32(_mm_aeskeygenassist_si128(odd, constant), 0xff));
  store(rounds[0], even);
  if (last) return;
  odd = nextKey(odd, _mm_shuffle_epi32(_mm_aeskeygenassist_si128(even, 0), 0xaa));
  store(rounds[1], odd);
}

template <int registers>
[[gnu::always_inline]] inline void encryptRegisters(const __m512i keys[roundCount + 1], __m512i (&x)[registers]) {
  for (auto& one : x) one = _mm512_xor_si512(one, keys[0]);
  for (int round = 1; round < roundCount; round++) {
    for (auto& one : x) one = _mm512_aesenc_epi128(one, keys[round]);
  }
  for (auto& one : x) one = _mm512_aesenclast_epi128(one, keys[roundCount]);
}

}  // namespace

void aes256ExpandKey(const std::uint8_t key[aes256KeyLength], std::uint8_t rounds[15][16]) {
  __m128i even = load(key), odd = load(key + 16);
  store(rounds[0], even);
  store(rounds[1], odd);
  expandPair<0x01>(even, odd, rounds + 2, false);
  expandPair<0x02>(even, odd, rounds + 4, false);
  expandPair<0x04>(even, odd, rounds + 6, false);
  expandPair<0x08>(even, odd, rounds + 8, false);
  expandPair<0x10>(even, odd, rounds + 10, false);
  expandPair<0x20>(even, odd, rounds + 12, false);
  expandPair<0x40>(even, odd, rounds + 14, true);
}

void aes256Block(const std::uint8_t rounds[15][16], const std::uint8_t in[16], std::uint8_t out[16]) {
  __m128i x = _mm_xor_si128(load(in), load(rounds[0]));
  for (int round = 1; round < roundCount; round++) x = _mm_aesenc_si128(x, load(rounds[round]));
  store(out, _mm_aesenclast_si128(x, load(rounds[roundCount])));
}

void aes256Ctr(const std::uint8_t rounds[15][16], const std::uint8_t counter[16], const std::uint8_t* in, std::uint8_t* out, std::size_t bytes) {
  __m512i keys[roundCount + 1];
  for (int round = 0; round <= roundCount; round++) keys[round] = _mm512_broadcast_i32x4(load(rounds[round]));
  // The last word counts as a number and is turned round for the cipher.
  const __m512i turn = _mm512_broadcast_i32x4(_mm_set_epi8(12, 13, 14, 15, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
  __m512i next = _mm512_shuffle_epi8(_mm512_broadcast_i32x4(load(counter)), turn);
  next = _mm512_add_epi32(next, _mm512_set_epi32(3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0));
  const __m512i four = _mm512_broadcast_i32x4(_mm_set_epi32(4, 0, 0, 0));
  for (; bytes >= 64 * wide; bytes -= 64 * wide, in += 64 * wide, out += 64 * wide) {
    __m512i x[wide];
    for (auto& one : x) {
      one = _mm512_shuffle_epi8(next, turn);
      next = _mm512_add_epi32(next, four);
    }
    encryptRegisters(keys, x);
    for (int i = 0; i < wide; i++) _mm512_storeu_si512(out + 64 * i, _mm512_xor_si512(x[i], _mm512_loadu_si512(in + 64 * i)));
  }
  while (bytes > 0) {
    const std::size_t taken = bytes < 64 ? bytes : 64;
    const __mmask64 there = taken == 64 ? ~__mmask64{0} : (__mmask64{1} << taken) - 1;
    __m512i x[1] = {_mm512_shuffle_epi8(next, turn)};
    encryptRegisters(keys, x);
    _mm512_mask_storeu_epi8(out, there, _mm512_xor_si512(x[0], _mm512_maskz_loadu_epi8(there, in)));
    next = _mm512_add_epi32(next, four);
    bytes -= taken, in += taken, out += taken;
  }
}

}  // namespace bidkey::engine
#endif
