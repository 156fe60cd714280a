/** SM2 keys, signatures and encryption on OpenSSL's EVP; the structures of GM/T 0009 around them. */
#include "sm2.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

#include <algorithm>

#include "crypto.h"
#include "der.h"
#include "failure.h"

namespace bidkey {

const Bytes sm2CurveOidDer{0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d};

namespace {

struct GroupFree { void operator()(EC_GROUP* group) const { EC_GROUP_free(group); } };
struct PointFree { void operator()(EC_POINT* point) const { EC_POINT_clear_free(point); } };
struct NumberFree { void operator()(BIGNUM* number) const { BN_clear_free(number); } };
using Number = std::unique_ptr<BIGNUM, NumberFree>;
using Point = std::unique_ptr<EC_POINT, PointFree>;

const EC_GROUP* group() {
  static const EC_GROUP* const value = EC_GROUP_new_by_curve_name_ex(cryptoContext(), nullptr, NID_sm2);
  return value;
}

Number numberOf(View bytes) { return Number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr)); }

Field32 fieldOf(View number) {
  const SecureBytes aligned = rightAligned(number, 32);
  Field32 out;
  std::copy(aligned.begin(), aligned.end(), out.begin());
  return out;
}

PKey keyOf(const Sm2Public& pub, View d) {
  std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)> build(OSSL_PARAM_BLD_new(), OSSL_PARAM_BLD_free);
  const Bytes point = sm2Point(pub);
  const Number secret = d.empty() ? Number() : numberOf(d);
  OSSL_PARAM_BLD_push_utf8_string(build.get(), OSSL_PKEY_PARAM_GROUP_NAME, "SM2", 0);
  OSSL_PARAM_BLD_push_octet_string(build.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  if (secret) OSSL_PARAM_BLD_push_BN_pad(build.get(), OSSL_PKEY_PARAM_PRIV_KEY, secret.get(), 32);
  OSSL_PARAM* params = OSSL_PARAM_BLD_to_param(build.get());
  const PKeyCtx ctx(EVP_PKEY_CTX_new_from_name(cryptoContext(), "SM2", nullptr));
  EVP_PKEY* key = nullptr;
  const bool ok = ctx && params != nullptr && EVP_PKEY_fromdata_init(ctx.get()) == 1 &&
                  EVP_PKEY_fromdata(ctx.get(), &key, secret ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params) == 1;
  OSSL_PARAM_free(params);
  if (!ok) throw Failure(Fail::keyInvalid);
  return PKey(key);
}

PKeyCtx contextFor(const PKey& key) {
  PKeyCtx ctx(EVP_PKEY_CTX_new_from_pkey(cryptoContext(), key.get(), nullptr));
  if (!ctx) throw Failure(Fail::internal);
  return ctx;
}

}  // namespace

Bytes sm2Point(const Sm2Public& pub) {
  Bytes out{4};
  append(out, pub.x);
  append(out, pub.y);
  return out;
}

void sm2RequireOnCurve(const Sm2Public& pub) {
  const Bytes encoded = sm2Point(pub);
  const Point point(EC_POINT_new(group()));
  if (EC_POINT_oct2point(group(), point.get(), encoded.data(), encoded.size(), nullptr) != 1) throw Failure(Fail::keyInvalid);
}

Sm2Public sm2PublicFromPoint(View point) {
  if (point.size() == 67 && point[0] == der::octetString && point[1] == 65) point = point.subspan(2);
  if (point.size() != 65 || point[0] != 4) throw Failure(Fail::keyInvalid);
  const Sm2Public pub{fieldOf(point.subspan(1, 32)), fieldOf(point.subspan(33, 32))};
  sm2RequireOnCurve(pub);
  return pub;
}

Sm2Public sm2PublicOf(View d) {
  const Number secret = numberOf(d);
  const Number limit(BN_dup(EC_GROUP_get0_order(group())));
  BN_sub_word(limit.get(), 1);
  // d = n-1 makes 1+d not invertible: GM/T 0003.1 §6.1 allows [1, n-2] only.
  if (BN_is_zero(secret.get()) || BN_cmp(secret.get(), limit.get()) >= 0) throw Failure(Fail::keyInvalid);
  BN_set_flags(secret.get(), BN_FLG_CONSTTIME);
  const Point point(EC_POINT_new(group()));
  Bytes encoded(65);
  if (EC_POINT_mul(group(), point.get(), secret.get(), nullptr, nullptr, nullptr) != 1 ||
      EC_POINT_point2oct(group(), point.get(), POINT_CONVERSION_UNCOMPRESSED, encoded.data(), encoded.size(), nullptr) != encoded.size())
    throw Failure(Fail::internal);
  return {fieldOf(View(encoded).subspan(1, 32)), fieldOf(View(encoded).subspan(33, 32))};
}

Sm2KeyPair sm2Generate() {
  for (;;) {
    SecureBytes d = randomBytes(32);
    try {
      const Sm2Public pub = sm2PublicOf(d);
      return {pub, std::move(d)};
    } catch (const Failure& failure) {
      if (failure.kind() != Fail::keyInvalid) throw;
    }
  }
}

Bytes sm2IdentityHash(const Sm2Public& pub, View id) {
  if (id.size() > 8191) throw Failure(Fail::dataLength);
  // a ‖ b ‖ Gx ‖ Gy of the recommended curve (GM/T 0003.5).
  static const Bytes curve = bytesOfHex(
      "fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93"
      "32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0");
  const std::size_t bits = id.size() * 8;
  const std::uint8_t length[2] = {static_cast<std::uint8_t>(bits >> 8), static_cast<std::uint8_t>(bits)};
  Digest digest("SM3");
  digest.update(length);
  digest.update(id);
  digest.update(curve);
  digest.update(pub.x);
  digest.update(pub.y);
  return digest.final();
}

Bytes sm2Sign(View d, const Sm2Public& pub, View e) {
  if (e.size() != 32) throw Failure(Fail::dataLength);
  const PKey key = keyOf(pub, d);
  const PKeyCtx ctx = contextFor(key);
  Bytes der(80);
  std::size_t size = der.size();
  if (EVP_PKEY_sign_init(ctx.get()) != 1 || EVP_PKEY_sign(ctx.get(), der.data(), &size, e.data(), e.size()) != 1) throw Failure(Fail::internal);
  der.resize(size);
  return sm2SignatureRaw(der);
}

bool sm2Verify(const Sm2Public& pub, View e, View rawSignature) {
  if (e.size() != 32) throw Failure(Fail::dataLength);
  const PKey key = keyOf(pub, {});
  const PKeyCtx ctx = contextFor(key);
  const Bytes der = sm2SignatureDer(rawSignature);
  return EVP_PKEY_verify_init(ctx.get()) == 1 && EVP_PKEY_verify(ctx.get(), der.data(), der.size(), e.data(), e.size()) == 1;
}

Bytes sm2SignatureDer(View rawSignature) {
  if (rawSignature.size() != 64) throw Failure(Fail::dataLength);
  const auto r = der::unsignedInteger(rawSignature.first(32)), s = der::unsignedInteger(rawSignature.last(32));
  return plainBytes(der::element(der::sequence, der::concatenated({r, s})));
}

Bytes sm2SignatureRaw(View der) {
  der::Reader outer(der);
  der::Reader inner(outer.element(der::sequence));
  outer.end();
  const auto r = rightAligned(inner.unsignedInteger(), 32), s = rightAligned(inner.unsignedInteger(), 32);
  inner.end();
  return plainBytes(der::concatenated({r, s}));
}

Sm2Cipher sm2Encrypt(const Sm2Public& pub, View plain) {
  if (plain.empty()) throw Failure(Fail::dataLength);
  const PKey key = keyOf(pub, {});
  const PKeyCtx ctx = contextFor(key);
  std::size_t size = 0;
  if (EVP_PKEY_encrypt_init(ctx.get()) != 1 || EVP_PKEY_encrypt(ctx.get(), nullptr, &size, plain.data(), plain.size()) != 1) throw Failure(Fail::internal);
  Bytes der(size);
  if (EVP_PKEY_encrypt(ctx.get(), der.data(), &size, plain.data(), plain.size()) != 1) throw Failure(Fail::internal);
  der.resize(size);
  return sm2CipherFromDer(der);
}

SecureBytes sm2Decrypt(View d, const Sm2Public& pub, const Sm2Cipher& cipher) {
  if (cipher.body.empty()) throw Failure(Fail::cipherLength);
  try {
    sm2RequireOnCurve({cipher.x, cipher.y});
  } catch (const Failure&) {
    throw Failure(Fail::cipherInvalid);
  }
  const PKey key = keyOf(pub, d);
  const PKeyCtx ctx = contextFor(key);
  const Bytes der = sm2CipherDer(cipher);
  std::size_t size = der.size();
  SecureBytes out(size);
  if (EVP_PKEY_decrypt_init(ctx.get()) != 1 || EVP_PKEY_decrypt(ctx.get(), out.data(), &size, der.data(), der.size()) != 1) throw Failure(Fail::cipherInvalid);
  out.resize(size);
  return out;
}

Bytes sm2CipherDer(const Sm2Cipher& cipher) {
  const auto x = der::unsignedInteger(cipher.x), y = der::unsignedInteger(cipher.y);
  const auto hash = der::element(der::octetString, cipher.hash), body = der::element(der::octetString, cipher.body);
  return plainBytes(der::element(der::sequence, der::concatenated({x, y, hash, body})));
}

Sm2Cipher sm2CipherFromDer(View der) {
  der::Reader outer(der);
  der::Reader inner(outer.element(der::sequence));
  outer.end();
  Sm2Cipher cipher{};
  cipher.x = fieldOf(inner.unsignedInteger());
  cipher.y = fieldOf(inner.unsignedInteger());
  const View hash = inner.element(der::octetString);
  if (hash.size() != 32) throw Failure(Fail::dataInvalid);
  std::copy(hash.begin(), hash.end(), cipher.hash.begin());
  cipher.body = plainBytes(inner.element(der::octetString));
  inner.end();
  return cipher;
}

Bytes sm2CipherRaw(const Sm2Cipher& cipher) {
  Bytes out = sm2Point({cipher.x, cipher.y});
  append(out, cipher.hash);
  append(out, cipher.body);
  return out;
}

Sm2Cipher sm2CipherFromRaw(View raw) {
  if (raw.size() < 98 || raw[0] != 4) throw Failure(Fail::dataInvalid);
  Sm2Cipher cipher{fieldOf(raw.subspan(1, 32)), fieldOf(raw.subspan(33, 32)), {}, plainBytes(raw.subspan(97))};
  std::copy_n(raw.begin() + 65, 32, cipher.hash.begin());
  return cipher;
}

// SM2EnvelopedKey ::= SEQUENCE { symAlgID AlgorithmIdentifier, symEncryptedKey SM2Cipher, sm2PublicKey BIT STRING, sm2EncryptedPrivateKey BIT STRING }
static Sm2Envelope readEnvelope(View der) {
  static const Bytes sm4 = bytesOfHex("2a811ccf550168"), sm4Ecb = bytesOfHex("2a811ccf55016801");
  der::Reader outer(der);
  der::Reader inner(outer.element(der::sequence));
  outer.end();
  der::Reader algorithm(inner.element(der::sequence));
  const View oid = algorithm.element(der::oid);
  if (algorithm.nextIs(der::null) && !algorithm.element(der::null).empty()) throw Failure(Fail::dataInvalid);
  algorithm.end();
  if (!sameBytes(oid, sm4) && !sameBytes(oid, sm4Ecb)) throw Failure(Fail::unsupported);
  Sm2Envelope envelope{sm2CipherFromDer(inner.raw()), {}, {}};
  envelope.pub = sm2PublicFromPoint(inner.bits());
  envelope.encryptedPrivateKey = plainBytes(inner.bits());
  inner.end();
  return envelope;
}

Sm2Envelope sm2EnvelopeFromDer(View der) {
  try {
    return readEnvelope(der);
  } catch (const Failure& failure) {
    if (failure.kind() == Fail::unsupported) throw;
    throw Failure(Fail::envelopeInvalid);
  }
}

// Layouts in the field: 32 bytes; 32 bytes behind 32 zero bytes; 64 bytes with the zeros encrypted too; 48 bytes with PKCS#7 padding.
static SecureBytes decryptPrivateKey(View sessionKey, View encrypted) {
  const bool zeroHead = encrypted.size() == 64 && std::all_of(encrypted.begin(), encrypted.begin() + 32, [](auto byte) { return byte == 0; });
  if (zeroHead) encrypted = encrypted.subspan(32);
  if (encrypted.size() != 32 && encrypted.size() != 48 && encrypted.size() != 64) throw Failure(Fail::envelopeInvalid);
  const SecureBytes plain = decryptBlocks("SM4-ECB", sessionKey, {}, encrypted, encrypted.size() == 48);
  if (plain.size() == 64) return rightAligned(plain, 32);
  if (plain.size() != 32) throw Failure(Fail::envelopeInvalid);
  return plain;
}

Sm2KeyPair sm2OpenEnvelope(const Sm2Envelope& envelope, View d, const Sm2Public& pub) {
  SecureBytes sessionKey;
  try {
    sessionKey = sm2Decrypt(d, pub, envelope.sessionKey);
  } catch (const Failure&) {
    throw Failure(Fail::envelopeNotOurs);
  }
  if (sessionKey.size() != 16) throw Failure(Fail::envelopeInvalid);
  try {
    Sm2KeyPair pair{envelope.pub, decryptPrivateKey(sessionKey, envelope.encryptedPrivateKey)};
    if (sm2PublicOf(pair.d) != envelope.pub) throw Failure(Fail::envelopeInvalid);
    return pair;
  } catch (const Failure&) {
    throw Failure(Fail::envelopeInvalid);
  }
}

}  // namespace bidkey
