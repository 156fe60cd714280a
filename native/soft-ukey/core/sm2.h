/**
 * SM2 (GM/T 0003): keys, signatures over a digest e, the identity hash Z, public-key encryption C1C3C2 (GM/T 0009 structures).
 * Coordinates and scalars are 32 bytes, big-endian.
 */
#pragma once
#include <array>

#include "bytes.h"

namespace bidkey {

using Field32 = std::array<std::uint8_t, 32>;

struct Sm2Public {
  Field32 x, y;
  friend bool operator==(const Sm2Public&, const Sm2Public&) = default;
};
struct Sm2KeyPair { Sm2Public pub; SecureBytes d; };
struct Sm2Cipher { Field32 x, y, hash; Bytes body; };

inline constexpr std::string_view sm2DefaultId = "1234567812345678";
/** DER of the object identifier 1.2.156.10197.1.301, the value of CKA_EC_PARAMS. */
extern const Bytes sm2CurveOidDer;

Sm2KeyPair sm2Generate();
/** The public key of d. @throws Failure(keyInvalid) when d is not in [1, n-2] */
Sm2Public sm2PublicOf(View d);
/** 04 ‖ X ‖ Y on the curve, also inside a DER OCTET STRING. @throws Failure(keyInvalid) */
Sm2Public sm2PublicFromPoint(View point);
Bytes sm2Point(const Sm2Public& pub);
void sm2RequireOnCurve(const Sm2Public& pub);

Bytes sm2IdentityHash(const Sm2Public& pub, View id);
/** r ‖ s, 64 bytes. @throws Failure(dataLength) unless e has 32 bytes */
Bytes sm2Sign(View d, const Sm2Public& pub, View e);
bool sm2Verify(const Sm2Public& pub, View e, View rawSignature);
Bytes sm2SignatureDer(View rawSignature);
/** @throws Failure(dataInvalid) */
Bytes sm2SignatureRaw(View der);

Sm2Cipher sm2Encrypt(const Sm2Public& pub, View plain);
/** @throws Failure(cipherInvalid) when the point is off the curve or the hash does not fit */
SecureBytes sm2Decrypt(View d, const Sm2Public& pub, const Sm2Cipher& cipher);
Bytes sm2CipherDer(const Sm2Cipher& cipher);
Sm2Cipher sm2CipherFromDer(View der);
/** 04 ‖ X ‖ Y ‖ C3 ‖ C2. */
Bytes sm2CipherRaw(const Sm2Cipher& cipher);
Sm2Cipher sm2CipherFromRaw(View raw);

/** What arrives with an encryption key pair, from either structure (GM/T 0009 SM2EnvelopedKey, GM/T 0016 ENVELOPEDKEYBLOB). */
struct Sm2Envelope { Sm2Cipher sessionKey; Sm2Public pub; Bytes encryptedPrivateKey; };
/** @throws Failure(envelopeInvalid) for malformed DER, Failure(unsupported) for another cipher than SM4-ECB */
Sm2Envelope sm2EnvelopeFromDer(View der);
/** Opens it with the signing key. @throws Failure(envelopeNotOurs) when it was not made for this key, Failure(envelopeInvalid) when the private key does not fit the public one */
Sm2KeyPair sm2OpenEnvelope(const Sm2Envelope& envelope, View d, const Sm2Public& pub);

}  // namespace bidkey
