// SM4-GCM (SP 800-38D, RFC 8998) with a 96-bit nonce: the only length in use, since others hash the nonce and can collide.
#include <algorithm>

#include "cpu.hpp"
#include "ghash.hpp"
#include "sm4.hpp"

namespace bidkey::engine {

namespace {

// Cipher and hash take turns on pieces that stay in the first-level cache.
constexpr std::size_t pieceBytes = 8 * 1024;

struct Gcm {
  Sm4Key key;
  std::uint32_t counter[4];
  Wiped<std::array<std::uint8_t, 16>> hashKey;

  Gcm(Bytes key16, Bytes nonce12) : key(key16) {
    for (int i = 0; i < 3; i++) counter[i] = read32(nonce12.data() + 4 * i);
    counter[3] = 1;
    sm4Ecb(key, hashKey->data(), hashKey->data(), 1);
  }

  // Text blocks count from 2; block 1 masks the tag.
  void crypt(Bytes in, std::uint8_t* out, std::size_t firstBlock) const;
  void maskTag(std::uint8_t tag[16]) const {
    std::uint8_t mask[16];
    for (int i = 0; i < 4; i++) write32(mask + 4 * i, counter[i]);
    sm4Ecb(key, mask, mask, 1);
    for (int i = 0; i < 16; i++) tag[i] ^= mask[i];
  }
};

void Gcm::crypt(Bytes in, std::uint8_t* out, std::size_t firstBlock) const {
  std::uint8_t block[16];
  for (int i = 0; i < 3; i++) write32(block + 4 * i, counter[i]);
  write32(block + 12, static_cast<std::uint32_t>(2 + firstBlock));
  sm4CtrWithKey(key, block, in, out);
}

}  // namespace

void sm4GcmEncrypt(Bytes key16, Bytes nonce12, Bytes aad, Bytes in, std::uint8_t* out) {
  const Gcm gcm(key16, nonce12);
  Ghash hash(gcm.hashKey.value.data());
  hash.absorb(aad);
  for (std::size_t at = 0; at < in.size(); at += pieceBytes) {
    const std::size_t bytes = std::min(pieceBytes, in.size() - at);
    gcm.crypt(in.subspan(at, bytes), out + at, at / sm4BlockLength);
    hash.absorb({out + at, bytes});
  }
  hash.absorbLengths(aad.size(), in.size());
  hash.digest(out + in.size());
  gcm.maskTag(out + in.size());
}

Status sm4GcmDecrypt(Bytes key16, Bytes nonce12, Bytes aad, Bytes sealed, std::uint8_t* out) {
  if (sealed.size() < gcmTagLength) return Status::decryptFailed;
  const Bytes text = sealed.first(sealed.size() - gcmTagLength);
  const Gcm gcm(key16, nonce12);
  Ghash hash(gcm.hashKey.value.data());
  hash.absorb(aad);
  hash.absorb(text);
  hash.absorbLengths(aad.size(), text.size());
  std::uint8_t tag[gcmTagLength];
  hash.digest(tag);
  gcm.maskTag(tag);
  // Nothing is decrypted before the tag is known to be right.
  if (!equalInConstantTime(tag, sealed.last(gcmTagLength))) return Status::decryptFailed;
  gcm.crypt(text, out, 0);
  return Status::ok;
}

}  // namespace bidkey::engine
