// GHASH of GCM (SP 800-38D §6.4), computed as POLYVAL on byte-reversed blocks (RFC 8452 appendix A), which needs no bit
// reflection. Constant time in every kernel.
#pragma once
#include "bytes.hpp"

namespace bidkey::engine {

// A field element as a little-endian number: low half first.
struct FieldElement {
  std::uint64_t low = 0, high = 0;
};

constexpr std::size_t ghashPowers = 8;

class Ghash {
 public:
  explicit Ghash(const std::uint8_t hashKey[16]);
  ~Ghash() { wipe(this, sizeof *this); }
  // Absorbs the bytes, padded with zeros to a whole block.
  void absorb(Bytes data);
  void absorbLengths(std::uint64_t aadBytes, std::uint64_t textBytes);
  void digest(std::uint8_t out[16]) const;

 private:
  // H^1 … H^8.
  FieldElement powers_[ghashPowers];
  FieldElement sum_;
};

// sum = (sum + block) · H for every block. Kernels.
void ghashBlocksScalar(const FieldElement powers[ghashPowers], FieldElement& sum, const std::uint8_t* blocks, std::size_t count);
void ghashBlocksPclmul(const FieldElement powers[ghashPowers], FieldElement& sum, const std::uint8_t* blocks, std::size_t count);

}  // namespace bidkey::engine
