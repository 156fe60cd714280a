/** Handing results out by the convention of §5.2: NULL asks for the length, a short buffer gets CKR_BUFFER_TOO_SMALL and the length. */
#pragma once
#include "library.h"

namespace bidkey::p11 {

/** @returns false when only the length was asked for. @throws Rv(CKR_BUFFER_TOO_SMALL) */
inline bool hasRoom(std::size_t size, const CK_BYTE* out, CK_ULONG* outLen) {
  require(outLen != nullptr, CKR_ARGUMENTS_BAD);
  const CK_ULONG room = *outLen;
  *outLen = size;
  if (out == nullptr) return false;
  require(room >= size, CKR_BUFFER_TOO_SMALL);
  return true;
}

inline void giveResult(View value, CK_BYTE* out, CK_ULONG* outLen) {
  if (!value.empty()) std::memcpy(out, value.data(), value.size());
  *outLen = value.size();
}

/** Answers that end the operation, whatever comes: all failures but a short buffer (§5.2). */
template <class Operation, class Body>
void endingOperation(std::optional<Operation>& operation, const Body& body) {
  try {
    if (body()) operation.reset();
  } catch (const Rv& rv) {
    if (rv.code != CKR_BUFFER_TOO_SMALL) operation.reset();
    throw;
  } catch (...) {
    operation.reset();
    throw;
  }
}

}  // namespace bidkey::p11
