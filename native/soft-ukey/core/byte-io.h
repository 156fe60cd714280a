/**
 * Writing and reading of the store's own little-endian format: fixed numbers and length-prefixed byte strings.
 * The reader refuses anything that does not fit: a damaged file is reported, never guessed at.
 */
#pragma once
#include "bytes.h"
#include "failure.h"

namespace bidkey {

template <class Buffer>
class ByteWriter {
 public:
  void number(std::uint64_t value, int width) {
    for (int i = 0; i < width; i++) out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  void u8(std::uint8_t value) { number(value, 1); }
  void u32(std::uint32_t value) { number(value, 4); }
  void u64(std::uint64_t value) { number(value, 8); }
  void flag(bool value) { u8(value ? 1 : 0); }
  void bytes(View view) {
    u32(static_cast<std::uint32_t>(view.size()));
    append(out_, view);
  }
  void text(std::string_view value) { bytes(viewOf(value)); }
  void raw(View view) { append(out_, view); }
  Buffer take() { return std::move(out_); }

 private:
  Buffer out_;
};

class ByteReader {
 public:
  explicit ByteReader(View in) : in_(in) {}
  std::uint64_t number(int width) {
    const View part = raw(static_cast<std::size_t>(width));
    std::uint64_t value = 0;
    for (int i = 0; i < width; i++) value |= static_cast<std::uint64_t>(part[static_cast<std::size_t>(i)]) << (8 * i);
    return value;
  }
  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  bool flag() {
    const auto value = u8();
    if (value > 1) throw Failure(Fail::storeCorrupt);
    return value == 1;
  }
  View bytes() { return raw(u32()); }
  std::string text() { return textOf(bytes()); }
  View raw(std::size_t count) {
    if (count > in_.size()) throw Failure(Fail::storeCorrupt);
    const View part = in_.first(count);
    in_ = in_.subspan(count);
    return part;
  }
  /** Number of records that follow; each takes at least one byte, so a count that lies is refused before anything is allocated. */
  std::uint32_t count() {
    const auto value = u32();
    if (value > in_.size()) throw Failure(Fail::storeCorrupt);
    return value;
  }
  bool atEnd() const { return in_.empty(); }

 private:
  View in_;
};

}  // namespace bidkey
