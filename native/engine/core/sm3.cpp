#include "sm3.hpp"

#include <algorithm>

#include "cpu.hpp"
#include "sm3-compress.hpp"

namespace bidkey::engine {

void sm3BlocksScalar(Sm3State& state, const std::uint8_t* blocks, std::size_t count) {
  sm3detail::compressBlocks(state, blocks, count);
}

namespace {

void compressBlocks(Sm3State& state, const std::uint8_t* blocks, std::size_t count) {
#if defined(__x86_64__)
  if (activeKernel() != Kernel::scalar) return sm3BlocksBmi2(state, blocks, count);
#endif
  sm3BlocksScalar(state, blocks, count);
}

// From so many messages of equal length on, lanes are faster than one after the other, even when most of them are idle.
constexpr std::size_t fewestForLanes = 4;

// How many messages from the front have the length of the first.
std::size_t equalRun(std::span<const Bytes> messages, std::size_t most) {
  std::size_t run = 1;
  while (run < messages.size() && run < most && messages[run].size() == messages[0].size()) run++;
  return run;
}

}  // namespace

Sm3& Sm3::update(Bytes data) {
  if (data.empty()) return *this;
  totalBytes_ += data.size();
  if (blockUsed_ > 0) {
    const std::size_t taken = std::min(sm3BlockLength - blockUsed_, data.size());
    std::memcpy(block_.data() + blockUsed_, data.data(), taken);
    blockUsed_ += taken;
    data = data.subspan(taken);
    if (blockUsed_ < sm3BlockLength) return *this;
    compressBlocks(state_, block_.data(), 1);
    blockUsed_ = 0;
  }
  const std::size_t whole = data.size() / sm3BlockLength;
  if (whole > 0) compressBlocks(state_, data.data(), whole);
  data = data.subspan(whole * sm3BlockLength);
  if (!data.empty()) std::memcpy(block_.data(), data.data(), data.size());
  blockUsed_ = data.size();
  return *this;
}

Sm3Digest Sm3::digest() {
  std::uint8_t padded[2 * sm3BlockLength];
  const std::size_t blocks = sm3Padding({block_.data(), blockUsed_}, totalBytes_, padded);
  compressBlocks(state_, padded, blocks);
  Sm3Digest out;
  for (int i = 0; i < 8; i++) write32(out.data() + 4 * i, state_[i]);
  wipe(padded, sizeof padded);
  wipe(this, sizeof *this);
  return out;
}

std::size_t sm3Padding(Bytes tail, std::uint64_t totalBytes, std::uint8_t out[2 * sm3BlockLength]) {
  const std::size_t blocks = tail.size() + 9 <= sm3BlockLength ? 1 : 2;
  std::memset(out, 0, blocks * sm3BlockLength);
  if (!tail.empty()) std::memcpy(out, tail.data(), tail.size());
  out[tail.size()] = 0x80;
  write64(out + blocks * sm3BlockLength - 8, totalBytes * 8);
  return blocks;
}

Sm3Digest sm3(std::initializer_list<Bytes> pieces) {
  Sm3 hash;
  for (const Bytes piece : pieces) hash.update(piece);
  return hash.digest();
}

void sm3Many(std::span<const Bytes> messages, std::uint8_t* digests) {
  while (!messages.empty()) {
    std::size_t done = 1;
#if defined(__x86_64__)
    const std::size_t lanes = activeKernel() == Kernel::avx512 ? 16 : activeKernel() == Kernel::avx2 ? 8 : 1;
    const std::size_t run = lanes > 1 ? equalRun(messages, lanes) : 1;
    if (run >= fewestForLanes) {
      const std::uint8_t* at[16];
      std::uint8_t all[16 * sm3DigestLength];
      // Lanes without a message repeat the first one.
      for (std::size_t i = 0; i < lanes; i++) at[i] = messages[i < run ? i : 0].data();
      if (lanes == 16 && run > 8) sm3Lanes16(at, messages[0].size(), all);
      else if (lanes == 16) sm3Lanes8Wide(at, messages[0].size(), all);
      else sm3Lanes8(at, messages[0].size(), all);
      std::memcpy(digests, all, run * sm3DigestLength);
      done = run;
    }
#endif
    if (done == 1) {
      const Sm3Digest digest = sm3({messages[0]});
      std::memcpy(digests, digest.data(), digest.size());
    }
    messages = messages.subspan(done);
    digests += done * sm3DigestLength;
  }
}

Sm3Digest hmacSm3(Bytes key, std::initializer_list<Bytes> pieces) {
  Wiped<std::array<std::uint8_t, sm3BlockLength>> pad;
  if (key.size() > sm3BlockLength) {
    const Sm3Digest shorter = sm3({key});
    std::memcpy(pad->data(), shorter.data(), shorter.size());
  } else if (!key.empty()) {
    std::memcpy(pad->data(), key.data(), key.size());
  }
  for (auto& byte : *pad) byte ^= 0x36;
  Sm3 inner;
  inner.update(*pad);
  for (const Bytes piece : pieces) inner.update(piece);
  const Sm3Digest innerDigest = inner.digest();
  for (auto& byte : *pad) byte ^= 0x36 ^ 0x5c;
  return sm3({*pad, innerDigest});
}

}  // namespace bidkey::engine
