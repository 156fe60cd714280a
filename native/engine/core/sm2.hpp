// SM2 of GB/T 32918: keys, signatures over a finished digest e, and encryption in the form 04 ‖ C1 ‖ C3 ‖ C2.
// Randomness comes in. Private scalars are 32 bytes, public points 65 bytes (04 ‖ X ‖ Y).
#pragma once
#include "bytes.hpp"
#include "status.hpp"

namespace bidkey::engine {

constexpr std::size_t sm2ScalarLength = 32;
constexpr std::size_t sm2PointLength = 65;
constexpr std::size_t sm2SignatureLength = 64;
// Bytes a ciphertext has more than its text.
constexpr std::size_t sm2CiphertextOverhead = sm2PointLength + 32;

Status sm2PublicKey(Bytes privateKey, std::uint8_t out[sm2PointLength]);
// r ‖ s. The nonce is that of RFC 6979 over HMAC-SM3, hedged by `extra` (may be empty).
Status sm2Sign(Bytes privateKey, Bytes digest32, Bytes extra, std::uint8_t out[sm2SignatureLength]);
// For the examples of the standard: with the nonce itself.
Status sm2TestOnlySignWithNonce(Bytes privateKey, Bytes digest32, Bytes nonce32, std::uint8_t out[sm2SignatureLength]);
// keyInvalid when the public key is no point of the curve.
Status sm2Verify(Bytes publicKey, Bytes digest32, Bytes signature, bool& valid);
// `out` holds plain.size() + sm2CiphertextOverhead bytes. nonceRefused: come again with another random number.
Status sm2Encrypt(Bytes publicKey, Bytes plain, Bytes nonce32, std::uint8_t* out);
// `out` holds raw.size() − sm2CiphertextOverhead bytes; decryptFailed for every fault of the ciphertext.
Status sm2Decrypt(Bytes privateKey, Bytes raw, std::uint8_t* out);

}  // namespace bidkey::engine
