/** Hex and alignment of byte strings. */
#include "bytes.h"

#include "failure.h"

namespace bidkey {

std::string hexOf(View bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const auto byte : bytes) {
    out.push_back(digits[byte >> 4]);
    out.push_back(digits[byte & 15]);
  }
  return out;
}

static int digitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Bytes bytesOfHex(std::string_view hex) {
  Bytes out;
  if (hex.size() % 2 != 0) return out;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = digitOf(hex[i]), low = digitOf(hex[i + 1]);
    if (high < 0 || low < 0) return {};
    out.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return out;
}

View withoutLeadingZeros(View number) {
  while (!number.empty() && number.front() == 0) number = number.subspan(1);
  return number;
}

SecureBytes rightAligned(View number, std::size_t width) {
  const View short_ = withoutLeadingZeros(number);
  if (short_.size() > width) throw Failure(Fail::dataInvalid);
  SecureBytes out(width, 0);
  if (!short_.empty()) std::memcpy(out.data() + (width - short_.size()), short_.data(), short_.size());
  return out;
}

}  // namespace bidkey
