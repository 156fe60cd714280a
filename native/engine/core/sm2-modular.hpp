// Arithmetic modulo the two primes of the SM2 curve, 256 bits in four 64-bit limbs (little-endian), Montgomery form,
// constant time: no branch and no address depends on a value.
#pragma once
#include "bytes.hpp"

namespace bidkey::engine {

__extension__ typedef unsigned __int128 Wide;

// p of GB/T 32918.5.
struct FieldPrime {
  static constexpr std::uint64_t limbs[4] = {0xffffffffffffffff, 0xffffffff00000000, 0xffffffffffffffff, 0xfffffffeffffffff};
  static constexpr bool isSm2Field = true;
};

// n, the order of the group.
struct GroupOrder {
  static constexpr std::uint64_t limbs[4] = {0x53bbf40939d54123, 0x7203df6b21c6052b, 0xffffffffffffffff, 0xfffffffeffffffff};
  static constexpr bool isSm2Field = false;
};

// All ones when the condition holds, else zero.
constexpr std::uint64_t maskIf(bool condition) { return 0 - static_cast<std::uint64_t>(condition); }

template <typename Prime>
class Modular {
 public:
  std::uint64_t limb[4]{};

  static constexpr Modular one() {
    // 2^256 mod m: m is just below 2^256, so 2^256 − m.
    Modular out;
    Wide borrow = 0;
    for (int i = 0; i < 4; i++) {
      const Wide difference = Wide{0} - Prime::limbs[i] - borrow;
      out.limb[i] = static_cast<std::uint64_t>(difference);
      borrow = (difference >> 64) & 1;
    }
    return out;
  }

  // 32 big-endian bytes; reduced once, since any 256-bit number is below 2m.
  static Modular fromBytes(const std::uint8_t bytes[32]) {
    Modular plain;
    for (int i = 0; i < 4; i++) plain.limb[i] = read64(bytes + 24 - 8 * i);
    plain.subtractOnce(0);
    return plain * squaredRadix();
  }

  void toBytes(std::uint8_t bytes[32]) const {
    Modular unit;
    unit.limb[0] = 1;
    const Modular plain = *this * unit;
    for (int i = 0; i < 4; i++) write64(bytes + 24 - 8 * i, plain.limb[i]);
  }

  friend Modular operator+(const Modular& a, const Modular& b) {
    Modular out;
    Wide carry = 0;
    for (int i = 0; i < 4; i++) {
      carry += Wide{a.limb[i]} + b.limb[i];
      out.limb[i] = static_cast<std::uint64_t>(carry);
      carry >>= 64;
    }
    out.subtractOnce(static_cast<std::uint64_t>(carry));
    return out;
  }

  friend Modular operator-(const Modular& a, const Modular& b) {
    Modular out;
    Wide borrow = 0;
    for (int i = 0; i < 4; i++) {
      const Wide difference = Wide{a.limb[i]} - b.limb[i] - borrow;
      out.limb[i] = static_cast<std::uint64_t>(difference);
      borrow = (difference >> 64) & 1;
    }
    const std::uint64_t mask = maskIf(borrow != 0);
    Wide carry = 0;
    for (int i = 0; i < 4; i++) {
      carry += Wide{out.limb[i]} + (Prime::limbs[i] & mask);
      out.limb[i] = static_cast<std::uint64_t>(carry);
      carry >>= 64;
    }
    return out;
  }

  friend Modular operator*(const Modular& a, const Modular& b) {
    std::uint64_t t[8] = {};
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
      std::uint64_t carry = 0;
#pragma GCC unroll 4
      for (int j = 0; j < 4; j++) {
        const Wide sum = Wide{a.limb[j]} * b.limb[i] + t[i + j] + carry;
        t[i + j] = static_cast<std::uint64_t>(sum);
        carry = static_cast<std::uint64_t>(sum >> 64);
      }
      t[i + 4] = carry;
    }
    return reduce(t);
  }

  Modular squared() const { return *this * *this; }

  // x^(m−2): the inverse; zero gives zero. The exponent is public.
  Modular inverse() const {
    Modular out = one();
    for (int bit = 255; bit >= 0; bit--) {
      out = out.squared();
      const std::uint64_t word = Prime::limbs[bit / 64] - (bit < 64 ? 2 : 0);
      if (word >> (bit % 64) & 1) out = out * *this;
    }
    return out;
  }

  bool isZero() const { return (limb[0] | limb[1] | limb[2] | limb[3]) == 0; }

  friend bool operator==(const Modular& a, const Modular& b) {
    std::uint64_t difference = 0;
    for (int i = 0; i < 4; i++) difference |= a.limb[i] ^ b.limb[i];
    return difference == 0;
  }

  // Takes `other` where the mask is all ones.
  void takeIf(std::uint64_t mask, const Modular& other) {
    for (int i = 0; i < 4; i++) limb[i] ^= (limb[i] ^ other.limb[i]) & mask;
  }

 private:
  // Brings carry·2^256 + limb below m, when it is below 2m.
  void subtractOnce(std::uint64_t carry) {
    std::uint64_t less[4];
    Wide borrow = 0;
    for (int i = 0; i < 4; i++) {
      const Wide difference = Wide{limb[i]} - Prime::limbs[i] - borrow;
      less[i] = static_cast<std::uint64_t>(difference);
      borrow = (difference >> 64) & 1;
    }
    const std::uint64_t mask = maskIf(carry >= static_cast<std::uint64_t>(borrow));
    for (int i = 0; i < 4; i++) limb[i] ^= (limb[i] ^ less[i]) & mask;
  }

  // −m^−1 mod 2^64, by Newton.
  static constexpr std::uint64_t negativeInverse() {
    std::uint64_t inverse = 1;
    for (int i = 0; i < 6; i++) inverse *= 2 - Prime::limbs[0] * inverse;
    return 0 - inverse;
  }

  // Montgomery reduction: t / 2^256 mod m.
  static Modular reduce(std::uint64_t (&t)[8]) {
    std::uint64_t overflow = 0;
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
      std::uint64_t added[4];
      multiple<Prime::isSm2Field>(t, i, added);
      Wide carry = 0;
#pragma GCC unroll 4
      for (int j = 0; j < 4; j++) {
        carry += Wide{t[i + 1 + j]} + added[j];
        t[i + 1 + j] = static_cast<std::uint64_t>(carry);
        carry >>= 64;
      }
#pragma GCC unroll 4
      for (int j = i + 5; j < 8; j++) {
        carry += t[j];
        t[j] = static_cast<std::uint64_t>(carry);
        carry >>= 64;
      }
      overflow += static_cast<std::uint64_t>(carry);
    }
    Modular out;
    for (int i = 0; i < 4; i++) out.limb[i] = t[4 + i];
    out.subtractOnce(overflow);
    return out;
  }

  // What is added at limb i+1 so that limb i becomes zero: (t[i] + q·m) / 2^64 with q chosen to that end.
  template <bool isSm2Field>
  static void multiple(const std::uint64_t (&t)[8], int i, std::uint64_t (&added)[4]) {
    if constexpr (isSm2Field) {
      // −p^−1 = 1, so q = t[i], and q·(p + 1)/2^64 = q·(2^192 − 2^160 − 2^32 + 1): shifts instead of products.
      const std::uint64_t q = t[i], low = q << 32, high = q >> 32;
      Wide difference = Wide{q} - low;
      added[0] = static_cast<std::uint64_t>(difference);
      difference = Wide{0} - high - ((difference >> 64) & 1);
      added[1] = static_cast<std::uint64_t>(difference);
      difference = Wide{0} - low - ((difference >> 64) & 1);
      added[2] = static_cast<std::uint64_t>(difference);
      difference = Wide{q} - high - ((difference >> 64) & 1);
      added[3] = static_cast<std::uint64_t>(difference);
    } else {
      const std::uint64_t q = t[i] * negativeInverse();
      std::uint64_t carry = static_cast<std::uint64_t>((Wide{q} * Prime::limbs[0] + t[i]) >> 64);
      for (int j = 1; j < 4; j++) {
        const Wide sum = Wide{q} * Prime::limbs[j] + carry;
        added[j - 1] = static_cast<std::uint64_t>(sum);
        carry = static_cast<std::uint64_t>(sum >> 64);
      }
      added[3] = carry;
    }
  }

  // 2^512 mod m, by doubling 2^256 mod m.
  static const Modular& squaredRadix() {
    static const Modular value = [] {
      Modular x = one();
      for (int i = 0; i < 256; i++) x = x + x;
      return x;
    }();
    return value;
  }
};

using Field = Modular<FieldPrime>;
using Scalar = Modular<GroupOrder>;

}  // namespace bidkey::engine
