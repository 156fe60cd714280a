/** Strict DER reading and writing (X.690 §8, §10). */
#include "der.h"

#include "failure.h"

namespace bidkey::der {

[[noreturn]] static void refuse() { throw Failure(Fail::dataInvalid); }

View Reader::take(std::uint8_t tag, View& whole) {
  if (in_.size() < 2 || in_[0] != tag) refuse();
  std::size_t header = 2, length = in_[1];
  if (length >= 0x80) {
    const std::size_t count = length & 0x7f;
    // X.690 §10.1: definite, minimal. Four octets are more than any key structure needs.
    if (count == 0 || count > 4 || in_.size() < 2 + count || in_[2] == 0) refuse();
    length = 0;
    for (std::size_t i = 0; i < count; i++) length = length << 8 | in_[2 + i];
    if (length < 0x80) refuse();
    header += count;
  }
  if (length > in_.size() - header) refuse();
  whole = in_.first(header + length);
  in_ = in_.subspan(header + length);
  return whole.subspan(header);
}

View Reader::element(std::uint8_t tag) {
  View whole;
  return take(tag, whole);
}

View Reader::raw() {
  if (in_.empty()) refuse();
  View whole;
  take(in_[0], whole);
  return whole;
}

View Reader::unsignedInteger() {
  const View body = element(Tag::integer);
  if (body.empty() || body[0] >= 0x80) refuse();
  if (body.size() > 1 && body[0] == 0) {
    if (body[1] < 0x80) refuse();
    return body.subspan(1);
  }
  return body;
}

View Reader::bits() {
  const View body = element(Tag::bitString);
  if (body.empty() || body[0] != 0) refuse();
  return body.subspan(1);
}

void Reader::end() const {
  if (!in_.empty()) refuse();
}

SecureBytes element(std::uint8_t tag, View content) {
  SecureBytes out{tag};
  const std::size_t length = content.size();
  if (length < 0x80) {
    out.push_back(static_cast<std::uint8_t>(length));
  } else {
    std::uint8_t count = 1;
    while (count < 4 && length >> (8 * count) != 0) count++;
    out.push_back(static_cast<std::uint8_t>(0x80 | count));
    for (int i = count - 1; i >= 0; i--) out.push_back(static_cast<std::uint8_t>(length >> (8 * i)));
  }
  append(out, content);
  return out;
}

SecureBytes unsignedInteger(View number) {
  const View short_ = withoutLeadingZeros(number);
  SecureBytes body;
  if (short_.empty() || short_[0] >= 0x80) body.push_back(0);
  append(body, short_);
  return element(Tag::integer, body);
}

SecureBytes concatenated(std::initializer_list<View> parts) {
  SecureBytes out;
  for (const auto part : parts) append(out, part);
  return out;
}

}  // namespace bidkey::der
