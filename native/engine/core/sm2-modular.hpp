// Arithmetic modulo the two primes of the SM2 curve, 256 bits in four 64-bit limbs (little-endian), Montgomery form,
// constant time: no branch and no address depends on a value.
#pragma once
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "bytes.hpp"

namespace bidkey::engine {

__extension__ typedef unsigned __int128 Wide;

#if defined(__x86_64__)
using Limb = unsigned long long;  // what the carry instructions take
#else
using Limb = std::uint64_t;
#endif
using Carry = unsigned char;

// out = a + b + carry; returns the carry out.
[[gnu::always_inline]] inline Carry addCarry(Carry carry, Limb a, Limb b, Limb& out) {
#if defined(__x86_64__)
  return _addcarry_u64(carry, a, b, &out);
#else
  const Wide sum = Wide{a} + b + carry;
  out = static_cast<Limb>(sum);
  return static_cast<Carry>(sum >> 64);
#endif
}

// out = a − b − borrow; returns the borrow out.
[[gnu::always_inline]] inline Carry subtractBorrow(Carry borrow, Limb a, Limb b, Limb& out) {
#if defined(__x86_64__)
  return _subborrow_u64(borrow, a, b, &out);
#else
  const Wide difference = Wide{a} - b - borrow;
  out = static_cast<Limb>(difference);
  return static_cast<Carry>((difference >> 64) & 1);
#endif
}

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

// All ones when the condition holds, else zero. The barrier keeps the compiler from turning the mask back into a branch.
inline std::uint64_t maskIf(bool condition) {
  std::uint64_t mask = 0 - static_cast<std::uint64_t>(condition);
  __asm__("" : "+r"(mask));
  return mask;
}

template <typename Prime>
class Modular {
 public:
  Limb limb[4]{};

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
    Carry carry = 0;
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) carry = addCarry(carry, a.limb[i], b.limb[i], out.limb[i]);
    out.subtractOnce(carry);
    return out;
  }

  friend Modular operator-(const Modular& a, const Modular& b) {
    Modular out;
    Carry borrow = 0;
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) borrow = subtractBorrow(borrow, a.limb[i], b.limb[i], out.limb[i]);
    const Limb mask = maskIf(borrow);
    Carry carry = 0;
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) carry = addCarry(carry, out.limb[i], Prime::limbs[i] & mask, out.limb[i]);
    return out;
  }

  friend Modular operator*(const Modular& a, const Modular& b) {
    Limb t[8] = {};
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
      Limb carry = 0;
#pragma GCC unroll 4
      for (int j = 0; j < 4; j++) {
        const Wide sum = Wide{a.limb[j]} * b.limb[i] + t[i + j] + carry;
        t[i + j] = static_cast<Limb>(sum);
        carry = static_cast<Limb>(sum >> 64);
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
  [[gnu::always_inline]] void subtractOnce(Limb carry) {
    Limb less[4], ignored;
    Carry borrow = 0;
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) borrow = subtractBorrow(borrow, limb[i], Prime::limbs[i], less[i]);
    borrow = subtractBorrow(borrow, carry, 0, ignored);
    const Limb keep = maskIf(borrow);
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) limb[i] = (limb[i] & keep) | (less[i] & ~keep);
  }

  // −m^−1 mod 2^64, by Newton.
  static constexpr std::uint64_t negativeInverse() {
    std::uint64_t inverse = 1;
    for (int i = 0; i < 6; i++) inverse *= 2 - Prime::limbs[0] * inverse;
    return 0 - inverse;
  }

  // Montgomery reduction: t / 2^256 mod m.
  [[gnu::always_inline]] static Modular reduce(Limb (&t)[8]) {
    Limb overflow = 0;
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
      Limb added[4];
      multiple(t[i], added);
      Carry carry = 0;
#pragma GCC unroll 4
      for (int j = 0; j < 4; j++) carry = addCarry(carry, t[i + 1 + j], added[j], t[i + 1 + j]);
#pragma GCC unroll 4
      for (int j = i + 5; j < 8; j++) carry = addCarry(carry, t[j], 0, t[j]);
      overflow += carry;
    }
    Modular out;
    for (int i = 0; i < 4; i++) out.limb[i] = t[4 + i];
    out.subtractOnce(overflow);
    return out;
  }

  // (lowest + q·m) / 2^64 with q chosen so that the division is exact: what is added one limb higher.
  [[gnu::always_inline]] static void multiple(Limb lowest, Limb (&added)[4]) {
    if constexpr (Prime::isSm2Field) {
      // −p^−1 = 1, so q is the limb, and q·(p + 1)/2^64 = q·(2^192 − 2^160 − 2^32 + 1): shifts instead of products.
      const Limb low = lowest << 32, high = lowest >> 32;
      Carry borrow = subtractBorrow(0, lowest, low, added[0]);
      borrow = subtractBorrow(borrow, 0, high, added[1]);
      borrow = subtractBorrow(borrow, 0, low, added[2]);
      subtractBorrow(borrow, lowest, high, added[3]);
    } else {
      const Limb q = lowest * negativeInverse();
      Limb carry = static_cast<Limb>((Wide{q} * Prime::limbs[0] + lowest) >> 64);
      for (int j = 1; j < 4; j++) {
        const Wide sum = Wide{q} * Prime::limbs[j] + carry;
        added[j - 1] = static_cast<Limb>(sum);
        carry = static_cast<Limb>(sum >> 64);
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
