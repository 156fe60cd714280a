/**
 * The packed structures of GM/T 0016 and what they mean. Coordinates are right-aligned in 64 bytes, the first 32 zero; RSA numbers are
 * right-aligned big-endian. Everything that does not fit is refused before it is used.
 */
#pragma once
#include "state.h"
#include "../core/key-objects.h"

namespace bidkey::skf {

ECCPUBLICKEYBLOB blobOf(const Sm2Public& pub);
/** @throws Sar(SAR_INDATAERR) unless 256 bits and on the curve */
Sm2Public sm2PublicOfBlob(const ECCPUBLICKEYBLOB* blob);
Sm2KeyPair sm2PairOfBlob(const ECCPRIVATEKEYBLOB* blob);

ECCSIGNATUREBLOB signatureBlobOf(View raw);
Bytes rawOf(const ECCSIGNATUREBLOB* blob);

/** Size of the blob with its ciphertext, as it lies in memory. */
std::size_t cipherBlobSize(std::size_t cipherBytes);
void writeCipherBlob(const Sm2Cipher& cipher, ECCCIPHERBLOB* blob);
/** `available`: bytes the caller vouches for; nullopt when the call does not say. @throws Sar(SAR_INDATALENERR | SAR_INDATAERR) */
Sm2Cipher readCipherBlob(const BYTE* blob, std::optional<std::size_t> available);

/** Both layouts in the field are taken: the private key encrypted alone at offset 32, or all 64 bytes encrypted. */
Sm2Envelope readEnvelopeBlob(const ENVELOPEDKEYBLOB* blob);

RSAPUBLICKEYBLOB rsaBlobOf(const RsaPublic& pub);
RsaPublic rsaPublicOfBlob(const RSAPUBLICKEYBLOB* blob);

inline constexpr std::size_t maxEccPlainBytes = 1024;

}  // namespace bidkey::skf
