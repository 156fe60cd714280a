/**
 * What can go wrong in the core. Each face maps these to its own codes (pkcs11/failure-codes.cpp, skf/failure-codes.cpp).
 * A Failure carries no text: nothing secret can leak through it.
 */
#pragma once
#include <exception>

namespace bidkey {

enum class Fail {
  notPresent, noSuchKey, storeCorrupt, storeIo, noRoom,
  pinIncorrect, pinLocked, pinLength, pinNotSet, notLoggedIn,
  dataInvalid, dataLength, cipherInvalid, cipherLength, keyInvalid, keySize,
  envelopeInvalid, envelopeNotOurs, certificateInvalid, unsupported, random, timeout, internal,
};

class Failure : public std::exception {
 public:
  explicit Failure(Fail kind) : kind_(kind) {}
  Fail kind() const { return kind_; }
  const char* what() const noexcept override { return "soft UKey failure"; }

 private:
  Fail kind_;
};

}  // namespace bidkey
