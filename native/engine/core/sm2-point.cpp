#include "sm2-point.hpp"

#include <memory>

namespace bidkey::engine {

namespace {

constexpr std::uint8_t curveB[32] = {0x28, 0xe9, 0xfa, 0x9e, 0x9d, 0x9f, 0x5e, 0x34, 0x4d, 0x5a, 0x9e, 0x4b, 0xcf, 0x65, 0x09, 0xa7,
                                     0xf3, 0x97, 0x89, 0xf5, 0x15, 0xab, 0x8f, 0x92, 0xdd, 0xbc, 0xbd, 0x41, 0x4d, 0x94, 0x0e, 0x93};
constexpr std::uint8_t generatorXY[64] = {0x32, 0xc4, 0xae, 0x2c, 0x1f, 0x19, 0x81, 0x19, 0x5f, 0x99, 0x04, 0x46, 0x6a, 0x39, 0xc9, 0x94,
                                          0x8f, 0xe3, 0x0b, 0xbf, 0xf2, 0x66, 0x0b, 0xe1, 0x71, 0x5a, 0x45, 0x89, 0x33, 0x4c, 0x74, 0xc7,
                                          0xbc, 0x37, 0x36, 0xa2, 0xf4, 0xf6, 0x77, 0x9c, 0x59, 0xbd, 0xce, 0xe3, 0x6b, 0x69, 0x21, 0x53,
                                          0xd0, 0xa9, 0x87, 0x7c, 0xc6, 0x2a, 0x47, 0x40, 0x02, 0xdf, 0x32, 0xe5, 0x21, 0x39, 0xf0, 0xa0};

const Field& b() {
  static const Field value = Field::fromBytes(curveB);
  return value;
}

constexpr int windowBits = 4, windows = 256 / windowBits, windowSize = 1 << windowBits;

// Window 0 is the lowest four bits.
unsigned windowOf(const std::uint8_t scalar[32], int window) {
  const std::uint8_t byte = scalar[31 - window / 2];
  return window % 2 ? byte >> 4 : byte & 0x0f;
}

// Every entry is read whatever the index: the address stream says nothing.
Point lookUp(const Point (&table)[windowSize], unsigned index) {
  Point out;
  for (unsigned i = 0; i < windowSize; i++) out.takeIf(maskIf(i == index), table[i]);
  return out;
}

// j · 16^window · G for every window: a multiplication of G is then 64 additions and no doubling.
struct GeneratorTable {
  Point multiple[windows][windowSize];

  GeneratorTable() {
    Point base;
    readPoint(generatorXY, base);
    for (auto& row : multiple) {
      for (int j = 1; j < windowSize; j++) row[j] = row[j - 1] + base;
      base = row[windowSize - 1] + base;
    }
  }
};

const GeneratorTable& generatorTable() {
  static const std::unique_ptr<const GeneratorTable> table = std::make_unique<const GeneratorTable>();
  return *table;
}

void fillMultiples(const Point& point, Point (&table)[windowSize]) {
  for (int j = 1; j < windowSize; j++) table[j] = table[j - 1] + point;
}

}  // namespace

void Point::takeIf(std::uint64_t mask, const Point& other) {
  x.takeIf(mask, other.x);
  y.takeIf(mask, other.y);
  z.takeIf(mask, other.z);
}

// Algorithm 4.
Point operator+(const Point& p, const Point& q) {
  Field t0 = p.x * q.x, t1 = p.y * q.y, t2 = p.z * q.z;
  Field t3 = (p.x + p.y) * (q.x + q.y) - (t0 + t1);
  Field t4 = (p.y + p.z) * (q.y + q.z) - (t1 + t2);
  Field y3 = (p.x + p.z) * (q.x + q.z) - (t0 + t2);
  Field x3 = y3 - b() * t2;
  x3 = x3 + x3 + x3;
  Field z3 = t1 - x3;
  x3 = t1 + x3;
  t2 = t2 + t2 + t2;
  y3 = b() * y3 - t2 - t0;
  y3 = y3 + y3 + y3;
  t0 = t0 + t0 + t0 - t2;
  Point out;
  out.x = t3 * x3 - t4 * y3;
  out.y = x3 * z3 + t0 * y3;
  out.z = t4 * z3 + t3 * t0;
  return out;
}

// Algorithm 6.
Point Point::doubled() const {
  Field t0 = x.squared(), t1 = y.squared(), t2 = z.squared();
  Field t3 = x * y;
  t3 = t3 + t3;
  Field z3 = x * z;
  z3 = z3 + z3;
  Field y3 = b() * t2 - z3;
  y3 = y3 + y3 + y3;
  Field x3 = (t1 - y3) * t3;
  y3 = (t1 + y3) * (t1 - y3);
  t2 = t2 + t2 + t2;
  z3 = b() * z3 - t2 - t0;
  z3 = z3 + z3 + z3;
  t0 = (t0 + t0 + t0 - t2) * z3;
  Field t4 = y * z;
  t4 = t4 + t4;
  Point out;
  out.y = y3 + t0;
  out.x = x3 - t4 * z3;
  out.z = t4 * t1;
  out.z = out.z + out.z;
  out.z = out.z + out.z;
  return out;
}

bool readPoint(const std::uint8_t xy[64], Point& out) {
  out.x = Field::fromBytes(xy);
  out.y = Field::fromBytes(xy + 32);
  out.z = Field::one();
  // A coordinate of p or more is another name of a smaller one: it does not come back as the same bytes.
  AffineBytes again;
  out.x.toBytes(again.x);
  out.y.toBytes(again.y);
  if (std::memcmp(again.x, xy, 32) != 0 || std::memcmp(again.y, xy + 32, 32) != 0) return false;
  const Field three = Field::one() + Field::one() + Field::one();
  return out.y.squared() == (out.x.squared() - three) * out.x + b();
}

void writePoint(const Point& point, AffineBytes& out) {
  const Field inverse = point.z.inverse();
  (point.x * inverse).toBytes(out.x);
  (point.y * inverse).toBytes(out.y);
}

Point multiplyGenerator(const std::uint8_t scalar[32]) {
  const auto& table = generatorTable();
  Point sum;
  for (int window = 0; window < windows; window++) sum = sum + lookUp(table.multiple[window], windowOf(scalar, window));
  return sum;
}

Point multiplyPoint(const Point& point, const std::uint8_t scalar[32]) {
  Point table[windowSize];
  fillMultiples(point, table);
  Point sum;
  for (int window = windows - 1; window >= 0; window--) {
    for (int i = 0; i < windowBits; i++) sum = sum.doubled();
    sum = sum + lookUp(table, windowOf(scalar, window));
  }
  wipe(table, sizeof table);
  return sum;
}

Point multiplySumPublic(const std::uint8_t s[32], const Point& point, const std::uint8_t t[32]) {
  Point table[windowSize];
  fillMultiples(point, table);
  Point sum;
  for (int window = windows - 1; window >= 0; window--) {
    if (!sum.isInfinity()) {
      for (int i = 0; i < windowBits; i++) sum = sum.doubled();
    }
    if (const unsigned digit = windowOf(t, window)) sum = sum + table[digit];
  }
  const auto& generator = generatorTable();
  for (int window = 0; window < windows; window++) {
    if (const unsigned digit = windowOf(s, window)) sum = sum + generator.multiple[window][digit];
  }
  return sum;
}

}  // namespace bidkey::engine
