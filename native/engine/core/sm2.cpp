#include "sm2.hpp"

#include <algorithm>

#include "sm2-point.hpp"
#include "sm3.hpp"

namespace bidkey::engine {

namespace {

using Number = std::array<std::uint8_t, 32>;

// Whether 1 ≤ number ≤ n − distance. No early exit: the number may be secret.
bool inRange(const std::uint8_t number[32], std::uint64_t distance) {
  std::uint64_t any = 0;
  Wide borrow = 0;
  for (int i = 0; i < 4; i++) {
    const std::uint64_t limb = read64(number + 24 - 8 * i);
    const std::uint64_t bound = GroupOrder::limbs[i] - (i == 0 ? distance : 0);
    any |= limb;
    borrow = ((Wide{bound} - limb - borrow) >> 64) & 1;
  }
  return static_cast<bool>(static_cast<unsigned>(any != 0) & static_cast<unsigned>(borrow == 0));
}

// d = n − 1 would make 1 + d zero.
bool isPrivateKey(Bytes key) { return key.size() == sm2ScalarLength && inRange(key.data(), 2); }

bool readPublicKey(Bytes key, Point& out) { return key.size() == sm2PointLength && key[0] == 0x04 && readPoint(key.data() + 1, out); }

// One attempt (GB/T 32918.2 §6.1 A3–A6); false when this nonce gives no signature.
bool signWithNonce(Bytes privateKey, Bytes digest, const Number& nonce, std::uint8_t out[sm2SignatureLength]) {
  if (!inRange(nonce.data(), 1)) return false;
  AffineBytes commitment;
  writePoint(multiplyGenerator(nonce.data()), commitment);
  Wiped<Scalar> d, k, inverse, numerator;
  *d = Scalar::fromBytes(privateKey.data());
  *k = Scalar::fromBytes(nonce.data());
  const Scalar r = Scalar::fromBytes(digest.data()) + Scalar::fromBytes(commitment.x);
  // r = 0 or r + k = n would make the private key computable from s.
  if (r.isZero() || (r + *k).isZero()) return false;
  *inverse = (*d + Scalar::one()).inverse();
  *numerator = *k - r * *d;
  const Scalar s = *inverse * *numerator;
  if (s.isZero()) return false;
  r.toBytes(out);
  s.toBytes(out + 32);
  return true;
}

// HMAC_DRBG of RFC 6979 §3.2 with extra input (§3.6): K and V.
struct NonceStream {
  Sm3Digest k{}, v{};

  NonceStream(Bytes privateKey, Bytes digest, Bytes extra) {
    v.fill(1);
    std::uint8_t reduced[32];
    Scalar::fromBytes(digest.data()).toBytes(reduced);
    for (const std::uint8_t separator : {0, 1}) {
      k = hmacSm3(k, {v, Bytes(&separator, 1), privateKey, reduced, extra});
      v = hmacSm3(k, {v});
    }
  }
  ~NonceStream() { wipe(this, sizeof *this); }

  const Sm3Digest& next() { return v = hmacSm3(k, {v}); }
  void reseed() {
    constexpr std::uint8_t zero = 0;
    k = hmacSm3(k, {v, Bytes(&zero, 1)});
    v = hmacSm3(k, {v});
  }
};

// KDF of GB/T 32918.4 §5.4.3 xored over the text. False when the mask is all zeros.
bool applyMask(const AffineBytes& shared, Bytes in, std::uint8_t* out) {
  std::uint8_t any = 0;
  std::uint32_t counter = 1;
  for (std::size_t at = 0; at < in.size(); at += sm3DigestLength, counter++) {
    std::uint8_t counterBytes[4];
    write32(counterBytes, counter);
    const Sm3Digest mask = sm3({shared.x, shared.y, counterBytes});
    const std::size_t bytes = std::min(sm3DigestLength, in.size() - at);
    for (std::size_t i = 0; i < bytes; i++) {
      any |= mask[i];
      out[at + i] = in[at + i] ^ mask[i];
    }
  }
  return any != 0;
}

}  // namespace

Status sm2PublicKey(Bytes privateKey, std::uint8_t out[sm2PointLength]) {
  if (!isPrivateKey(privateKey)) return Status::keyInvalid;
  AffineBytes affine;
  writePoint(multiplyGenerator(privateKey.data()), affine);
  out[0] = 0x04;
  std::memcpy(out + 1, &affine, sizeof affine);
  return Status::ok;
}

Status sm2Sign(Bytes privateKey, Bytes digest32, Bytes extra, std::uint8_t out[sm2SignatureLength]) {
  if (!isPrivateKey(privateKey)) return Status::keyInvalid;
  NonceStream nonces(privateKey, digest32, extra);
  while (!signWithNonce(privateKey, digest32, nonces.next(), out)) nonces.reseed();
  return Status::ok;
}

Status sm2TestOnlySignWithNonce(Bytes privateKey, Bytes digest32, Bytes nonce32, std::uint8_t out[sm2SignatureLength]) {
  if (!isPrivateKey(privateKey)) return Status::keyInvalid;
  Number nonce;
  std::copy(nonce32.begin(), nonce32.end(), nonce.begin());
  return signWithNonce(privateKey, digest32, nonce, out) ? Status::ok : Status::nonceRefused;
}

Status sm2Verify(Bytes publicKey, Bytes digest32, Bytes signature, bool& valid) {
  valid = false;
  Point point;
  if (!readPublicKey(publicKey, point)) return Status::keyInvalid;
  if (signature.size() != sm2SignatureLength || !inRange(signature.data(), 1) || !inRange(signature.data() + 32, 1)) return Status::ok;
  const Scalar r = Scalar::fromBytes(signature.data()), t = r + Scalar::fromBytes(signature.data() + 32);
  if (t.isZero()) return Status::ok;
  Number tBytes;
  t.toBytes(tBytes.data());
  const Point sum = multiplySumPublic(signature.data() + 32, point, tBytes.data());
  if (sum.isInfinity()) return Status::ok;
  AffineBytes affine;
  writePoint(sum, affine);
  valid = Scalar::fromBytes(digest32.data()) + Scalar::fromBytes(affine.x) == r;
  return Status::ok;
}

Status sm2Encrypt(Bytes publicKey, Bytes plain, Bytes nonce32, std::uint8_t* out) {
  Point point;
  if (!readPublicKey(publicKey, point)) return Status::keyInvalid;
  if (!inRange(nonce32.data(), 2)) return Status::nonceRefused;
  Wiped<AffineBytes> shared;
  AffineBytes first;
  writePoint(multiplyPoint(point, nonce32.data()), *shared);
  writePoint(multiplyGenerator(nonce32.data()), first);
  const Sm3Digest check = sm3({shared->x, plain, shared->y});
  out[0] = 0x04;
  std::memcpy(out + 1, &first, sizeof first);
  std::memcpy(out + sm2PointLength, check.data(), check.size());
  if (applyMask(*shared, plain, out + sm2CiphertextOverhead)) return Status::ok;
  // A mask of zeros would send the text in the clear.
  wipe(out, plain.size() + sm2CiphertextOverhead);
  return Status::nonceRefused;
}

Status sm2Decrypt(Bytes privateKey, Bytes raw, std::uint8_t* out) {
  if (!isPrivateKey(privateKey)) return Status::keyInvalid;
  Point point;
  if (raw.size() <= sm2CiphertextOverhead || !readPublicKey(raw.first(sm2PointLength), point)) return Status::decryptFailed;
  Wiped<AffineBytes> shared;
  writePoint(multiplyPoint(point, privateKey.data()), *shared);
  const Bytes masked = raw.subspan(sm2CiphertextOverhead);
  const bool maskUsable = applyMask(*shared, masked, out);
  const Sm3Digest check = sm3({shared->x, Bytes(out, masked.size()), shared->y});
  const bool same = equalInConstantTime(check, raw.subspan(sm2PointLength, 32));
  if (same && maskUsable) return Status::ok;
  wipe(out, masked.size());
  return Status::decryptFailed;
}

}  // namespace bidkey::engine
