#include "ghash.hpp"

#include "cpu.hpp"

namespace bidkey::engine {

namespace {

// Carry-less product of two words, low half: sums of integer products with holes, so that carries fall into the holes.
std::uint64_t carrylessLow(std::uint64_t x, std::uint64_t y) {
  constexpr std::uint64_t masks[4] = {0x1111111111111111, 0x2222222222222222, 0x4444444444444444, 0x8888888888888888};
  std::uint64_t product = 0;
  for (int i = 0; i < 4; i++) {
    std::uint64_t part = 0;
    for (int j = 0; j < 4; j++) part ^= (x & masks[j]) * (y & masks[(i + 4 - j) % 4]);
    product |= part & masks[i];
  }
  return product;
}

std::uint64_t reverseBits(std::uint64_t x) {
  x = (x & 0x5555555555555555) << 1 | (x >> 1 & 0x5555555555555555);
  x = (x & 0x3333333333333333) << 2 | (x >> 2 & 0x3333333333333333);
  x = (x & 0x0f0f0f0f0f0f0f0f) << 4 | (x >> 4 & 0x0f0f0f0f0f0f0f0f);
  return __builtin_bswap64(x);
}

// Full product: the high half is the low half of the mirrored factors, mirrored.
FieldElement carryless(std::uint64_t x, std::uint64_t y) {
  return {carrylessLow(x, y), reverseBits(carrylessLow(reverseBits(x), reverseBits(y))) >> 1};
}

// a · b · x^−128 modulo x^128 + x^127 + x^126 + x^121 + 1.
FieldElement dot(FieldElement a, FieldElement b) {
  constexpr std::uint64_t reduction = 0xc200000000000000;
  const FieldElement low = carryless(a.low, b.low), high = carryless(a.high, b.high);
  const FieldElement cross1 = carryless(a.low, b.high), cross2 = carryless(a.high, b.low);
  const FieldElement middle = {cross1.low ^ cross2.low, cross1.high ^ cross2.high};
  const FieldElement bottom = {low.low, low.high ^ middle.low};
  const FieldElement top = {high.low ^ middle.high, high.high};
  const FieldElement first = carryless(bottom.low, reduction);
  const FieldElement folded = {bottom.high ^ first.low, bottom.low ^ first.high};
  const FieldElement second = carryless(folded.low, reduction);
  return {top.low ^ folded.high ^ second.low, top.high ^ folded.low ^ second.high};
}

// mulX_POLYVAL of RFC 8452 appendix A.
FieldElement timesX(FieldElement a) {
  const std::uint64_t carry = 0 - (a.high >> 63);
  return {(a.low << 1) ^ (carry & 1), (a.high << 1 | a.low >> 63) ^ (carry & 0xc200000000000000)};
}

void absorbBlocks(const FieldElement powers[ghashPowers], FieldElement& sum, const std::uint8_t* blocks, std::size_t count) {
#if defined(__x86_64__)
  if (activeKernel() != Kernel::scalar) return ghashBlocksPclmul(powers, sum, blocks, count);
#endif
  ghashBlocksScalar(powers, sum, blocks, count);
}

}  // namespace

Ghash::Ghash(const std::uint8_t hashKey[16]) {
  powers_[0] = timesX({read64(hashKey + 8), read64(hashKey)});
  for (std::size_t i = 1; i < ghashPowers; i++) powers_[i] = dot(powers_[i - 1], powers_[0]);
}

void Ghash::absorb(Bytes data) {
  const std::size_t whole = data.size() / 16;
  if (whole > 0) absorbBlocks(powers_, sum_, data.data(), whole);
  const Bytes tail = data.subspan(whole * 16);
  if (tail.empty()) return;
  std::uint8_t last[16] = {};
  std::memcpy(last, tail.data(), tail.size());
  absorbBlocks(powers_, sum_, last, 1);
}

void Ghash::absorbLengths(std::uint64_t aadBytes, std::uint64_t textBytes) {
  std::uint8_t block[16];
  write64(block, aadBytes * 8);
  write64(block + 8, textBytes * 8);
  absorb(block);
}

void Ghash::digest(std::uint8_t out[16]) const {
  write64(out, sum_.high);
  write64(out + 8, sum_.low);
}

void ghashBlocksScalar(const FieldElement powers[ghashPowers], FieldElement& sum, const std::uint8_t* blocks, std::size_t count) {
  for (; count > 0; count--, blocks += 16) {
    sum = dot({sum.low ^ read64(blocks + 8), sum.high ^ read64(blocks)}, powers[0]);
  }
}

}  // namespace bidkey::engine
