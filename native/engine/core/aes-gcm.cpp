#include "aes-gcm.hpp"

#include "cpu.hpp"
#include "sha256.hpp"

namespace bidkey::engine {

#if defined(__x86_64__)

bool hasWideAes() {
  static const bool has = bestKernel() == Kernel::avx512 && __builtin_cpu_supports("vaes");
  return has;
}

namespace {

struct Aes256 {
  std::uint8_t rounds[15][16];
  explicit Aes256(Bytes key32) { aes256ExpandKey(key32.data(), rounds); }
  Aes256(const Aes256&) = delete;
  Aes256& operator=(const Aes256&) = delete;
  ~Aes256() { wipe(rounds, sizeof rounds); }
  void encryptBlock(const std::uint8_t in[16], std::uint8_t out[16]) const { aes256Block(rounds, in, out); }
  void ctr(const std::uint8_t counter[16], Bytes in, std::uint8_t* out) const { aes256Ctr(rounds, counter, in.data(), out, in.size()); }
};

}  // namespace

void aes256GcmEncrypt(Bytes key32, Bytes nonce12, Bytes aad, Bytes in, std::uint8_t* out) { Gcm<Aes256>(key32, nonce12).seal(aad, in, out); }

Status aes256GcmDecrypt(Bytes key32, Bytes nonce12, Bytes aad, Bytes sealed, std::uint8_t* out) {
  return Gcm<Aes256>(key32, nonce12).open(aad, sealed, out);
}

void sha256Many(std::span<const Bytes> messages, std::uint8_t* digests) {
  const std::uint8_t* at[16];
  std::uint8_t all[16 * sha256DigestLength];
  // Lanes without a message repeat the first one.
  for (std::size_t i = 0; i < 16; i++) at[i] = messages[i < messages.size() ? i : 0].data();
  sha256Lanes16(at, messages[0].size(), all);
  std::memcpy(digests, all, messages.size() * sha256DigestLength);
}

#else

bool hasWideAes() { return false; }
void aes256GcmEncrypt(Bytes, Bytes, Bytes, Bytes, std::uint8_t*) {}
Status aes256GcmDecrypt(Bytes, Bytes, Bytes, Bytes, std::uint8_t*) { return Status::decryptFailed; }
void sha256Many(std::span<const Bytes>, std::uint8_t*) {}

#endif

}  // namespace bidkey::engine
