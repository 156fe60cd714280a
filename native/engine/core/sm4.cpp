#include "sm4.hpp"

#include <algorithm>

#include "cpu.hpp"

namespace bidkey::engine {

namespace {

const Sm4Kernel& kernel() {
#if defined(__x86_64__)
  if (activeKernel() == Kernel::avx512) return sm4Avx512;
  if (activeKernel() == Kernel::avx2) return sm4Avx2;
#endif
  return sm4Scalar;
}

}  // namespace

// Key schedule (§7.3).
Sm4Key::Sm4Key(Bytes key16) {
  constexpr std::uint32_t familyKey[4] = {0xa3b1bac6, 0x56aa3350, 0x677d9197, 0xb27022dc};
  const auto substitute = kernel().substitute;
  Wiped<std::array<std::uint32_t, 4>> k;
  for (int i = 0; i < 4; i++) (*k)[i] = read32(key16.data() + 4 * i) ^ familyKey[i];
  for (int i = 0; i < 32; i++) {
    std::uint32_t constant = 0;
    for (int j = 0; j < 4; j++) constant = constant << 8 | static_cast<std::uint8_t>((4 * i + j) * 7);
    const std::uint32_t s = substitute((*k)[(i + 1) % 4] ^ (*k)[(i + 2) % 4] ^ (*k)[(i + 3) % 4] ^ constant);
    (*k)[i % 4] ^= s ^ std::rotl(s, 13) ^ std::rotl(s, 23);
    round[i] = (*k)[i % 4];
  }
}

void Sm4Key::reverse() { std::reverse(round.begin(), round.end()); }

void sm4Ecb(const Sm4Key& key, const std::uint8_t* in, std::uint8_t* out, std::size_t blocks) {
  kernel().ecb(key.round.data(), in, out, blocks);
}

namespace {

// CTR whose last counter word runs modulo 2^32; the tail block is done aside.
void ctr32(const Sm4Key& key, const std::uint32_t counter[4], Bytes in, std::uint8_t* out) {
  const std::size_t whole = in.size() / sm4BlockLength;
  kernel().ctr(key.round.data(), counter, in.data(), out, whole);
  const Bytes tail = in.subspan(whole * sm4BlockLength);
  if (tail.empty()) return;
  std::uint8_t block[sm4BlockLength] = {};
  std::memcpy(block, tail.data(), tail.size());
  const std::uint32_t last[4] = {counter[0], counter[1], counter[2], counter[3] + static_cast<std::uint32_t>(whole)};
  kernel().ctr(key.round.data(), last, block, block, 1);
  std::memcpy(out + whole * sm4BlockLength, block, tail.size());
  wipe(block, sizeof block);
}

}  // namespace

void sm4Ctr(Bytes key16, Bytes counter16, Bytes in, std::uint8_t* out) {
  sm4CtrWithKey(Sm4Key(key16), counter16.data(), in, out);
}

void sm4CtrWithKey(const Sm4Key& key, const std::uint8_t counterBlock[16], Bytes in, std::uint8_t* out) {
  std::uint32_t counter[4];
  for (int i = 0; i < 4; i++) counter[i] = read32(counterBlock + 4 * i);
  while (!in.empty()) {
    // Up to the next carry out of the last word, which the kernels do not carry.
    const std::uint64_t untilCarry = (std::uint64_t{1} << 32) - counter[3];
    const std::size_t taken = static_cast<std::size_t>(std::min<std::uint64_t>(in.size(), untilCarry * sm4BlockLength));
    ctr32(key, counter, in.first(taken), out);
    in = in.subspan(taken);
    out += taken;
    counter[3] = 0;
    for (int i = 2; i >= 0 && ++counter[i] == 0; i--) continue;
  }
}

void sm4CbcEncrypt(Bytes key16, Bytes iv16, Bytes in, std::uint8_t* out) {
  const Sm4Key key(key16);
  const std::uint8_t padBytes = static_cast<std::uint8_t>(sm4BlockLength - in.size() % sm4BlockLength);
  const std::size_t blocks = in.size() / sm4BlockLength + 1;
  std::uint8_t chain[sm4BlockLength];
  std::memcpy(chain, iv16.data(), sizeof chain);
  for (std::size_t block = 0; block < blocks; block++) {
    const std::size_t at = block * sm4BlockLength;
    for (std::size_t i = 0; i < sm4BlockLength; i++) chain[i] ^= at + i < in.size() ? in[at + i] : padBytes;
    sm4Ecb(key, chain, chain, 1);
    std::memcpy(out + at, chain, sizeof chain);
  }
}

Status sm4CbcDecrypt(Bytes key16, Bytes iv16, Bytes in, std::uint8_t* out, std::size_t& plainLength) {
  plainLength = 0;
  if (in.empty() || in.size() % sm4BlockLength != 0) return Status::decryptFailed;
  Sm4Key key(key16);
  key.reverse();
  // In pieces, last ciphertext block kept aside: `out` may be `in`.
  constexpr std::size_t pieceBytes = 256 * sm4BlockLength;
  std::uint8_t plain[pieceBytes], chain[sm4BlockLength];
  std::memcpy(chain, iv16.data(), sizeof chain);
  for (std::size_t at = 0; at < in.size(); at += pieceBytes) {
    const std::size_t bytes = std::min(pieceBytes, in.size() - at);
    sm4Ecb(key, in.data() + at, plain, bytes / sm4BlockLength);
    for (std::size_t i = 0; i < sm4BlockLength; i++) plain[i] ^= chain[i];
    for (std::size_t i = sm4BlockLength; i < bytes; i++) plain[i] ^= in[at + i - sm4BlockLength];
    std::memcpy(chain, in.data() + at + bytes - sm4BlockLength, sizeof chain);
    std::memcpy(out + at, plain, bytes);
  }
  wipe(plain, sizeof plain);
  // The whole last block is looked at whatever it holds.
  const std::uint8_t padBytes = out[in.size() - 1];
  unsigned wrong = padBytes == 0 || padBytes > sm4BlockLength;
  for (std::size_t i = 1; i <= sm4BlockLength; i++) {
    const unsigned inside = 0u - static_cast<unsigned>(i <= padBytes);
    wrong |= (out[in.size() - i] ^ padBytes) & inside;
  }
  if (wrong) {
    wipe(out, in.size());
    return Status::decryptFailed;
  }
  plainLength = in.size() - padBytes;
  wipe(out + plainLength, padBytes);
  return Status::ok;
}

}  // namespace bidkey::engine
