// Points of the SM2 curve in projective coordinates, with formulas that are complete: one path for adding, doubling and
// infinity (Renes, Costello, Batina 2016, algorithms 4 and 6 for a = −3).
#pragma once
#include "sm2-modular.hpp"

namespace bidkey::engine {

struct Point {
  Field x, y = Field::one(), z;  // infinity

  friend Point operator+(const Point& p, const Point& q);
  Point doubled() const;
  bool isInfinity() const { return z.isZero(); }
  void takeIf(std::uint64_t mask, const Point& other);
};

// Affine coordinates as 32 + 32 big-endian bytes; not for infinity.
struct AffineBytes {
  std::uint8_t x[32], y[32];
};

// Reads X ‖ Y. False when a coordinate is not below p or the point is not on the curve.
bool readPoint(const std::uint8_t xy[64], Point& out);
void writePoint(const Point& point, AffineBytes& out);

// scalar is 32 big-endian bytes. Constant time.
Point multiplyGenerator(const std::uint8_t scalar[32]);
Point multiplyPoint(const Point& point, const std::uint8_t scalar[32]);
// s·G + t·P for verification: all of it is public, so not constant time.
Point multiplySumPublic(const std::uint8_t s[32], const Point& point, const std::uint8_t t[32]);

}  // namespace bidkey::engine
