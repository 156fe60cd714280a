// GCM (SP 800-38D, RFC 8998) over any block cipher, with a 96-bit nonce: the only length in use, since others hash the nonce and can collide.
// Cipher: constructed from its key; encryptBlock(in, out); ctr(counter block, in, out), the counter's last word modulo 2^32.
#pragma once
#include <algorithm>

#include "ghash.hpp"
#include "status.hpp"

namespace bidkey::engine {

constexpr std::size_t gcmNonceLength = 12;
constexpr std::size_t gcmTagLength = 16;

template <typename Cipher>
class Gcm {
 public:
  Gcm(Bytes key, Bytes nonce12) : cipher_(key) {
    std::memcpy(counter_, nonce12.data(), gcmNonceLength);
    cipher_.encryptBlock(hashKey_->data(), hashKey_->data());
  }

  void seal(Bytes aad, Bytes in, std::uint8_t* out) {
    Ghash hash(hashKey_->data());
    hash.absorb(aad);
    for (std::size_t at = 0; at < in.size(); at += pieceBytes) {
      const std::size_t bytes = std::min(pieceBytes, in.size() - at);
      crypt(in.subspan(at, bytes), out + at, at / blockLength);
      hash.absorb({out + at, bytes});
    }
    tagOf(hash, aad.size(), in.size(), out + in.size());
  }

  Status open(Bytes aad, Bytes sealed, std::uint8_t* out) {
    if (sealed.size() < gcmTagLength) return Status::decryptFailed;
    const Bytes text = sealed.first(sealed.size() - gcmTagLength);
    Ghash hash(hashKey_->data());
    hash.absorb(aad);
    hash.absorb(text);
    std::uint8_t tag[gcmTagLength];
    tagOf(hash, aad.size(), text.size(), tag);
    // Nothing is decrypted before the tag is known to be right.
    if (!equalInConstantTime(tag, sealed.last(gcmTagLength))) return Status::decryptFailed;
    crypt(text, out, 0);
    return Status::ok;
  }

 private:
  static constexpr std::size_t blockLength = 16;
  // Cipher and hash take turns on pieces that stay in the first-level cache.
  static constexpr std::size_t pieceBytes = 8 * 1024;

  // Text blocks count from 2; block 1 masks the tag.
  void crypt(Bytes in, std::uint8_t* out, std::size_t firstBlock) {
    write32(counter_ + gcmNonceLength, static_cast<std::uint32_t>(2 + firstBlock));
    cipher_.ctr(counter_, in, out);
  }

  void tagOf(Ghash& hash, std::size_t aadBytes, std::size_t textBytes, std::uint8_t tag[gcmTagLength]) {
    hash.absorbLengths(aadBytes, textBytes);
    hash.digest(tag);
    std::uint8_t mask[blockLength];
    write32(counter_ + gcmNonceLength, 1);
    cipher_.encryptBlock(counter_, mask);
    for (std::size_t i = 0; i < gcmTagLength; i++) tag[i] ^= mask[i];
  }

  const Cipher cipher_;
  std::uint8_t counter_[blockLength];
  Wiped<std::array<std::uint8_t, blockLength>> hashKey_;
};

}  // namespace bidkey::engine
