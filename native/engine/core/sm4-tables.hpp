// The SM4 S-box from its algebra, and the same map carried into the field of the AES instructions. All computed by the
// compiler: no copied constants. S(x) = A(I(A(x))) with I the inversion modulo x^8+x^7+x^6+x^5+x^4+x^2+1 (GB/T 32907).
#pragma once
#include <array>
#include <bit>
#include <cstdint>

namespace bidkey::engine::sm4tables {

constexpr unsigned sm4Polynomial = 0x1f5;
constexpr unsigned aesPolynomial = 0x11b;

constexpr std::uint8_t multiply(unsigned a, unsigned b, unsigned polynomial) {
  unsigned product = 0;
  for (; b > 0; b >>= 1) {
    if (b & 1) product ^= a;
    a = a & 0x80 ? (a << 1) ^ polynomial : a << 1;
  }
  return static_cast<std::uint8_t>(product);
}

constexpr std::uint8_t inverse(std::uint8_t x, unsigned polynomial) {
  // x^254
  std::uint8_t power = x, product = 1;
  for (int i = 0; i < 7; i++) {
    power = multiply(power, power, polynomial);
    product = multiply(product, power, polynomial);
  }
  return product;
}

// The affine map A on both sides: eight rotating taps of 0xa7, constant 0xd3.
constexpr std::uint8_t affine(std::uint8_t x) {
  unsigned out = 0;
  for (int bit = 0; bit < 8; bit++) {
    const auto taps = static_cast<std::uint8_t>(std::rotl(static_cast<std::uint8_t>(0xa7), bit) & x);
    out |= static_cast<unsigned>(std::popcount(taps) & 1) << bit;
  }
  return static_cast<std::uint8_t>(out ^ 0xd3);
}

using ByteMap = std::array<std::uint8_t, 256>;

constexpr ByteMap makeSbox() {
  ByteMap out{};
  for (unsigned x = 0; x < 256; x++) out[x] = affine(inverse(affine(static_cast<std::uint8_t>(x)), sm4Polynomial));
  return out;
}
constexpr ByteMap sbox = makeSbox();
static_assert(sbox[0] == 0xd6 && sbox[255] == 0x48, "corners of the S-box in the standard");

// Isomorphism of the two fields: x^i goes to root^i, root a zero of the SM4 polynomial in the AES field.
constexpr std::uint8_t findRoot() {
  for (unsigned candidate = 2; candidate < 256; candidate++) {
    unsigned sum = 0, power = 1;
    for (int i = 0; i <= 8; i++) {
      if (sm4Polynomial >> i & 1) sum ^= power;
      power = multiply(power, candidate, aesPolynomial);
    }
    if (sum == 0) return static_cast<std::uint8_t>(candidate);
  }
  return 0;
}

constexpr std::uint8_t toAesField(std::uint8_t x) {
  constexpr std::uint8_t root = findRoot();
  unsigned out = 0, power = 1;
  for (int i = 0; i < 8; i++) {
    if (x >> i & 1) out ^= power;
    power = multiply(power, root, aesPolynomial);
  }
  return static_cast<std::uint8_t>(out);
}

constexpr std::uint8_t fromAesField(std::uint8_t y) {
  for (unsigned x = 0; x < 256; x++) {
    if (toAesField(static_cast<std::uint8_t>(x)) == y) return static_cast<std::uint8_t>(x);
  }
  return 0;
}

// What the AES S-box does after its inversion, undone.
constexpr std::uint8_t undoAesAffine(std::uint8_t x) {
  return static_cast<std::uint8_t>(std::rotl(x, 1) ^ std::rotl(x, 3) ^ std::rotl(x, 6) ^ 0x05);
}

// S(x) = after(inverse in the AES field of before(x)), and with the AES S-box: S(x) = afterAesSbox(SubBytes(before(x))).
constexpr std::uint8_t before(std::uint8_t x) { return toAesField(affine(x)); }
constexpr std::uint8_t after(std::uint8_t y) { return affine(fromAesField(y)); }
constexpr std::uint8_t afterAesSbox(std::uint8_t z) { return after(undoAesAffine(z)); }

using Map = std::uint8_t (*)(std::uint8_t);

// The 8×8 bit matrix of an affine map in the layout of GF2P8AFFINEQB: row of output bit i in byte 7−i.
constexpr std::uint64_t matrixOf(Map map) {
  const std::uint8_t constant = map(0);
  std::uint64_t matrix = 0;
  for (int column = 0; column < 8; column++) {
    const auto image = static_cast<std::uint8_t>(map(static_cast<std::uint8_t>(1 << column)) ^ constant);
    for (int row = 0; row < 8; row++) {
      if (image >> row & 1) matrix |= std::uint64_t{1} << (8 * (7 - row) + column);
    }
  }
  return matrix;
}

// Images of the low and the high half-bytes; the constant is in the low ones.
struct NibbleTables {
  std::array<std::uint8_t, 16> low, high;
};
constexpr NibbleTables nibblesOf(Map map) {
  NibbleTables out{};
  for (int i = 0; i < 16; i++) {
    out.low[i] = map(static_cast<std::uint8_t>(i));
    out.high[i] = static_cast<std::uint8_t>(map(static_cast<std::uint8_t>(i << 4)) ^ map(0));
  }
  return out;
}

}  // namespace bidkey::engine::sm4tables
