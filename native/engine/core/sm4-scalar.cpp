// SM4 over a table, for processors without AES or GFNI instructions. Its timing depends on the data through the cache.
#include "sm4-tables.hpp"
#include "sm4.hpp"

namespace bidkey::engine {

namespace {

// L(S(x)) for a byte in the top position; the other positions are rotations of it.
constexpr std::array<std::uint32_t, 256> table = [] {
  std::array<std::uint32_t, 256> out{};
  for (int x = 0; x < 256; x++) {
    const std::uint32_t s = static_cast<std::uint32_t>(sm4tables::sbox[x]) << 24;
    out[x] = s ^ std::rotl(s, 2) ^ std::rotl(s, 10) ^ std::rotl(s, 18) ^ std::rotl(s, 24);
  }
  return out;
}();

inline std::uint32_t mix(std::uint32_t x) {
  return table[x >> 24] ^ std::rotr(table[x >> 16 & 0xff], 8) ^ std::rotr(table[x >> 8 & 0xff], 16) ^ std::rotr(table[x & 0xff], 24);
}

inline void transform(const std::uint32_t round[32], std::uint32_t x[4]) {
  for (int i = 0; i < 32; i += 4) {
    x[0] ^= mix(x[1] ^ x[2] ^ x[3] ^ round[i]);
    x[1] ^= mix(x[2] ^ x[3] ^ x[0] ^ round[i + 1]);
    x[2] ^= mix(x[3] ^ x[0] ^ x[1] ^ round[i + 2]);
    x[3] ^= mix(x[0] ^ x[1] ^ x[2] ^ round[i + 3]);
  }
}

void ecb(const std::uint32_t round[32], const std::uint8_t* in, std::uint8_t* out, std::size_t blocks) {
  for (; blocks > 0; blocks--, in += sm4BlockLength, out += sm4BlockLength) {
    std::uint32_t x[4] = {read32(in), read32(in + 4), read32(in + 8), read32(in + 12)};
    transform(round, x);
    for (int i = 0; i < 4; i++) write32(out + 4 * i, x[3 - i]);
  }
}

void ctr(const std::uint32_t round[32], const std::uint32_t counter[4], const std::uint8_t* in, std::uint8_t* out, std::size_t blocks) {
  for (std::size_t block = 0; block < blocks; block++, in += sm4BlockLength, out += sm4BlockLength) {
    std::uint32_t x[4] = {counter[0], counter[1], counter[2], counter[3] + static_cast<std::uint32_t>(block)};
    transform(round, x);
    for (int i = 0; i < 4; i++) write32(out + 4 * i, read32(in + 4 * i) ^ x[3 - i]);
  }
}

std::uint32_t substitute(std::uint32_t word) {
  const auto& s = sm4tables::sbox;
  return static_cast<std::uint32_t>(s[word >> 24]) << 24 | static_cast<std::uint32_t>(s[word >> 16 & 0xff]) << 16 |
         static_cast<std::uint32_t>(s[word >> 8 & 0xff]) << 8 | s[word & 0xff];
}

}  // namespace

const Sm4Kernel sm4Scalar = {ecb, ctr, substitute};

}  // namespace bidkey::engine
