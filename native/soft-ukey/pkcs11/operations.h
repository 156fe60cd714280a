/** Running operations of a session: at most one of each kind, as §5.8 to §5.13 of the standard say. */
#pragma once
#include <optional>

#include "../core/crypto.h"
#include "../core/object.h"
#include "mechanisms.h"

namespace bidkey::p11 {

struct FindOperation { std::vector<CK_OBJECT_HANDLE> found; std::size_t next = 0; };

/** Signing or verifying: the message is digested as it comes, or gathered for mechanisms that take it whole. */
struct SignatureOperation {
  const SignatureRule* rule;
  Object key;
  RsaPadding padding;
  Bytes identity;  // SM2: the signer's id
  std::optional<Digest> digest;
  SecureBytes gathered;
  bool isMultiPart = false;
};

/** Encrypting or decrypting. Block ciphers stream; RSA and SM2 take their input whole. */
struct CipherOperation {
  const CipherRule* rule;
  Object key;
  RsaPadding padding;
  std::optional<BlockCipher> blocks;
  std::size_t held = 0;              // input bytes that the block cipher still holds back
  std::optional<SecureBytes> ready;  // a result that did not fit the caller's buffer yet
  bool isMultiPart = false;
};

struct Operations {
  std::optional<FindOperation> find;
  std::optional<Digest> digest;
  bool digestIsMultiPart = false;
  std::optional<SignatureOperation> sign, verify;
  std::optional<CipherOperation> encrypt, decrypt;
  void cancelKeyOperations() {
    sign.reset();
    verify.reset();
    encrypt.reset();
    decrypt.reset();
  }
};

}  // namespace bidkey::p11
