// AES-256-GCM (FIPS 197, SP 800-38D) in place, for bulk data on processors with wide AES instructions; elsewhere the runtime's own is as good.
#pragma once
#include "gcm.hpp"

namespace bidkey::engine {

constexpr std::size_t aes256KeyLength = 32;

// Only with hasWideAes(). `out` may be the input itself, or must not overlap it; as those of SM4.
void aes256GcmEncrypt(Bytes key32, Bytes nonce12, Bytes aad, Bytes in, std::uint8_t* out);
Status aes256GcmDecrypt(Bytes key32, Bytes nonce12, Bytes aad, Bytes sealed, std::uint8_t* out);

// Kernels over the fifteen round keys.
void aes256ExpandKey(const std::uint8_t key[aes256KeyLength], std::uint8_t rounds[15][16]);
void aes256Block(const std::uint8_t rounds[15][16], const std::uint8_t in[16], std::uint8_t out[16]);
void aes256Ctr(const std::uint8_t rounds[15][16], const std::uint8_t counter[16], const std::uint8_t* in, std::uint8_t* out, std::size_t bytes);

}  // namespace bidkey::engine
