/**
 * The little DER that a token meets: strict reading (definite, minimal lengths, nothing trailing) and writing.
 * Holds SM2 signatures and ciphertexts, and the algorithm-bound structures of other files are built from it.
 */
#pragma once
#include <optional>

#include "bytes.h"

namespace bidkey::der {

enum Tag : std::uint8_t { integer = 0x02, bitString = 0x03, octetString = 0x04, null = 0x05, oid = 0x06, sequence = 0x30 };

/** Reads elements one after another; every refusal is a Failure(dataInvalid). */
class Reader {
 public:
  explicit Reader(View in) : in_(in) {}
  View element(std::uint8_t tag);
  /** The whole element with its header. */
  View raw();
  /** A non-negative INTEGER without its sign byte. */
  View unsignedInteger();
  /** A BIT STRING without unused bits. */
  View bits();
  bool nextIs(std::uint8_t tag) const { return !in_.empty() && in_.front() == tag; }
  bool atEnd() const { return in_.empty(); }
  void end() const;

 private:
  View in_;
  View take(std::uint8_t tag, View& whole);
};

SecureBytes element(std::uint8_t tag, View content);
SecureBytes unsignedInteger(View number);
SecureBytes concatenated(std::initializer_list<View> parts);

}  // namespace bidkey::der
