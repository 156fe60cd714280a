// How an operation can end. The addon turns each into an error code; nothing here throws.
#pragma once

namespace bidkey::engine {

enum class Status {
  ok,
  decryptFailed,   // a ciphertext does not open; one answer for every cause
  keyInvalid,      // a private scalar out of range or a point off the curve
  nonceRefused,    // this random number cannot be used; the caller brings another
  bufferChanged,   // a buffer was detached while it was being worked on
};

}  // namespace bidkey::engine
