// SM3 (GB/T 32905): one stream, and many messages side by side.
#pragma once
#include "bytes.hpp"

namespace bidkey::engine {

constexpr std::size_t sm3DigestLength = 32;
constexpr std::size_t sm3BlockLength = 64;

using Sm3State = std::array<std::uint32_t, 8>;
using Sm3Digest = std::array<std::uint8_t, sm3DigestLength>;

// §4.1
constexpr Sm3State sm3InitialState = {0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600,
                                      0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e};

// Incremental SM3. After digest() the state is wiped and a new object is needed.
class Sm3 {
 public:
  ~Sm3() { wipe(this, sizeof *this); }
  Sm3& update(Bytes data);
  Sm3Digest digest();

 private:
  Sm3State state_ = sm3InitialState;
  std::array<std::uint8_t, sm3BlockLength> block_{};
  std::size_t blockUsed_ = 0;
  std::uint64_t totalBytes_ = 0;
};

Sm3Digest sm3(std::initializer_list<Bytes> pieces);

// The last one or two blocks of a message: its tail, 0x80, zeros, the length in bits (§5.2). Returns the number of blocks.
std::size_t sm3Padding(Bytes tail, std::uint64_t totalBytes, std::uint8_t out[2 * sm3BlockLength]);

// Digests of many messages; runs of equal length go through the processor's lanes together. `digests` holds 32 bytes each.
void sm3Many(std::span<const Bytes> messages, std::uint8_t* digests);

// HMAC-SM3 over the pieces.
Sm3Digest hmacSm3(Bytes key, std::initializer_list<Bytes> pieces);

// Kernels.
void sm3BlocksScalar(Sm3State& state, const std::uint8_t* blocks, std::size_t count);
void sm3BlocksBmi2(Sm3State& state, const std::uint8_t* blocks, std::size_t count);
// `lanes` messages of equal length at once.
void sm3Lanes8(const std::uint8_t* const messages[8], std::size_t length, std::uint8_t* digests);
void sm3Lanes8Wide(const std::uint8_t* const messages[8], std::size_t length, std::uint8_t* digests);
void sm3Lanes16(const std::uint8_t* const messages[16], std::size_t length, std::uint8_t* digests);

}  // namespace bidkey::engine
