/**
 * An object of a token, as both faces see it: a table of PKCS#11 attributes. SKF containers are a view of the same objects (core/containers.h).
 * Numbers (CK_ULONG) are kept as 8 bytes, little-endian; booleans as one byte.
 */
#pragma once
#include <map>

#include "../include/pkcs11.h"
#include "byte-io.h"

namespace bidkey {

using AttributeMap = std::map<std::uint64_t, SecureBytes>;

struct Object {
  std::uint32_t id = 0;
  AttributeMap attributes;

  bool has(std::uint64_t type) const { return attributes.count(type) != 0; }
  /** @returns an empty view when the attribute is absent */
  View bytes(std::uint64_t type) const;
  bool flag(std::uint64_t type) const;
  /** @returns CK_UNAVAILABLE_INFORMATION when absent */
  std::uint64_t number(std::uint64_t type) const;
  void set(std::uint64_t type, View value) { attributes[type] = secureBytes(value); }
  void setFlag(std::uint64_t type, bool value) { attributes[type] = SecureBytes{static_cast<std::uint8_t>(value ? 1 : 0)}; }
  void setNumber(std::uint64_t type, std::uint64_t value);
  bool isPrivate() const { return flag(CKA_PRIVATE); }
};

SecureBytes numberBytes(std::uint64_t value);
/** Room an object takes on the token: what the free-space figures count. */
std::size_t objectSize(const AttributeMap& attributes);

SecureBytes writeAttributes(const AttributeMap& attributes);
AttributeMap readAttributes(ByteReader& reader);

}  // namespace bidkey
