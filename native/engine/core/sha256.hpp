// SHA-256 of many messages side by side. One message alone is the business of the runtime's own cryptography.
#pragma once
#include "bytes.hpp"

namespace bidkey::engine {

constexpr std::size_t sha256DigestLength = 32;

// Whether the processor has the kernels of this file and of aes-gcm.hpp.
bool hasWideAes();

// Up to sixteen messages of equal length; only with hasWideAes(). `digests` holds 32 bytes each.
void sha256Many(std::span<const Bytes> messages, std::uint8_t* digests);

// Kernel.
void sha256Lanes16(const std::uint8_t* const messages[16], std::size_t length, std::uint8_t* digests);

}  // namespace bidkey::engine
