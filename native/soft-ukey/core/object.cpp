/** Attribute access and the stored form of objects. */
#include "object.h"

namespace bidkey {

View Object::bytes(std::uint64_t type) const {
  const auto found = attributes.find(type);
  return found == attributes.end() ? View() : View(found->second);
}

bool Object::flag(std::uint64_t type) const {
  const View value = bytes(type);
  return value.size() == 1 && value[0] != 0;
}

std::uint64_t Object::number(std::uint64_t type) const {
  const View value = bytes(type);
  return value.size() == 8 ? ByteReader(value).u64() : CK_UNAVAILABLE_INFORMATION;
}

SecureBytes numberBytes(std::uint64_t value) {
  ByteWriter<SecureBytes> writer;
  writer.u64(value);
  return writer.take();
}

void Object::setNumber(std::uint64_t type, std::uint64_t value) { attributes[type] = numberBytes(value); }

std::size_t objectSize(const AttributeMap& attributes) {
  std::size_t size = 16;
  for (const auto& [type, value] : attributes) size += 12 + value.size();
  return size;
}

SecureBytes writeAttributes(const AttributeMap& attributes) {
  ByteWriter<SecureBytes> writer;
  writer.u32(static_cast<std::uint32_t>(attributes.size()));
  for (const auto& [type, value] : attributes) {
    writer.u64(type);
    writer.bytes(value);
  }
  return writer.take();
}

AttributeMap readAttributes(ByteReader& reader) {
  AttributeMap out;
  const auto count = reader.count();
  for (std::uint32_t i = 0; i < count; i++) {
    const auto type = reader.u64();
    if (!out.emplace(type, secureBytes(reader.bytes())).second) throw Failure(Fail::storeCorrupt);
  }
  return out;
}

}  // namespace bidkey
