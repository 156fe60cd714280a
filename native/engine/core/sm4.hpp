// SM4 (GB/T 32907): key schedule, whole blocks, and the modes CTR, CBC with PKCS#7 padding and GCM (SP 800-38D).
#pragma once
#include "bytes.hpp"
#include "gcm.hpp"
#include "status.hpp"

namespace bidkey::engine {

constexpr std::size_t sm4BlockLength = 16;
constexpr std::size_t sm4KeyLength = 16;

// Round keys, in the order of encryption; decryption runs them backwards.
struct Sm4Key {
  std::array<std::uint32_t, 32> round;
  explicit Sm4Key(Bytes key16);
  Sm4Key(const Sm4Key&) = delete;
  Sm4Key& operator=(const Sm4Key&) = delete;
  ~Sm4Key() { wipe(round.data(), sizeof round); }
  void reverse();
};

// All modes: `out` may be the input itself, or must not overlap it.
void sm4Ecb(const Sm4Key& key, const std::uint8_t* in, std::uint8_t* out, std::size_t blocks);
// The counter carries through all 128 bits.
void sm4CtrWithKey(const Sm4Key& key, const std::uint8_t counter[16], Bytes in, std::uint8_t* out);
void sm4Ctr(Bytes key16, Bytes counter16, Bytes in, std::uint8_t* out);
// `out` holds the padded length: the next multiple of 16 above in.size().
void sm4CbcEncrypt(Bytes key16, Bytes iv16, Bytes in, std::uint8_t* out);
// `out` holds in.size() bytes; `plainLength` says how many of them are text.
Status sm4CbcDecrypt(Bytes key16, Bytes iv16, Bytes in, std::uint8_t* out, std::size_t& plainLength);
// `out` holds in.size() + 16 bytes: ciphertext, then tag.
void sm4GcmEncrypt(Bytes key16, Bytes nonce12, Bytes aad, Bytes in, std::uint8_t* out);
// `sealed` ends with the tag; `out` holds sealed.size() − 16 bytes and is only written when the tag is right.
Status sm4GcmDecrypt(Bytes key16, Bytes nonce12, Bytes aad, Bytes sealed, std::uint8_t* out);

// A kernel works on whole blocks; the counter's last word runs modulo 2^32.
struct Sm4Kernel {
  void (*ecb)(const std::uint32_t round[32], const std::uint8_t* in, std::uint8_t* out, std::size_t blocks);
  void (*ctr)(const std::uint32_t round[32], const std::uint32_t counter[4], const std::uint8_t* in, std::uint8_t* out, std::size_t blocks);
  std::uint32_t (*substitute)(std::uint32_t word);
};
extern const Sm4Kernel sm4Scalar, sm4Avx2, sm4Avx512;

}  // namespace bidkey::engine
