/**
 * Is an RSA public key strong enough to be certified? CA/Browser Forum Baseline Requirements §6.1.5 and §6.1.6, and the known ways in which
 * key generators fail. Pure.
 */

export interface RsaPublicKey {
  readonly modulus: bigint;
  readonly publicExponent: bigint;
}

export type RsaWeakness =
  | 'modulus-too-short' | 'modulus-too-long' | 'modulus-even' | 'exponent-too-small' | 'exponent-too-large' | 'exponent-even'
  | 'small-factor' | 'roca' | 'close-primes';

export const MIN_RSA_BITS = 2048;
export const MAX_RSA_BITS = 4096;
const MIN_EXPONENT = 65_537n;
const MAX_EXPONENT = (1n << 256n) - 1n;

// §6.1.6: "the modulus SHOULD also have … no factors smaller than 752".
const SMALL_PRIMES = oddPrimesBelow(752);
const SMALL_PRIME_PRODUCT = SMALL_PRIMES.reduce((product, prime) => product * BigInt(prime), 1n);

// CVE-2017-15361: primes of the flawed library are 65537^a mod M for a primorial M, so the modulus is a power of 65537 modulo each of these.
const ROCA_PRIMES = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];
const ROCA_RESIDUES = ROCA_PRIMES.map((prime) => ({ prime: BigInt(prime), powers: powersModulo(65_537 % prime, prime) }));

// CVE-2022-26320: primes close together are found by Fermat's method in a few rounds.
const FERMAT_ROUNDS = 100;

/** @returns the first weakness found, or null when the key has none that we know */
export function findRsaWeakness({ modulus, publicExponent }: RsaPublicKey): RsaWeakness | null {
  const bits = modulus.toString(2).length;
  if (bits < MIN_RSA_BITS) return 'modulus-too-short';
  if (bits > MAX_RSA_BITS) return 'modulus-too-long';
  if (modulus % 2n === 0n) return 'modulus-even';
  if (publicExponent % 2n === 0n) return 'exponent-even';
  if (publicExponent < MIN_EXPONENT) return 'exponent-too-small';
  if (publicExponent > MAX_EXPONENT) return 'exponent-too-large';
  if (hasSmallFactor(modulus)) return 'small-factor';
  if (ROCA_RESIDUES.every(({ prime, powers }) => powers.has(Number(modulus % prime)))) return 'roca';
  if (hasClosePrimes(modulus)) return 'close-primes';
  return null;
}

function hasSmallFactor(modulus: bigint): boolean {
  const residue = modulus % SMALL_PRIME_PRODUCT;
  return SMALL_PRIMES.some((prime) => residue % BigInt(prime) === 0n);
}

function hasClosePrimes(modulus: bigint): boolean {
  let a = squareRoot(modulus);
  if (a * a < modulus) a += 1n;
  let remainder = a * a - modulus;
  for (let round = 0; round < FERMAT_ROUNDS; round++) {
    if (isSquare(remainder)) return true;
    remainder += 2n * a + 1n; // (a+1)² − n
    a += 1n;
  }
  return false;
}

function isSquare(value: bigint): boolean {
  // Squares end in 0, 1, 4 or 9 modulo 16; most others are refused without a root.
  const last = value & 15n;
  if (last !== 0n && last !== 1n && last !== 4n && last !== 9n) return false;
  const root = squareRoot(value);
  return root * root === value;
}

/** Largest whole number whose square is not above the value (Newton). */
function squareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

function oddPrimesBelow(limit: number): number[] {
  const primes: number[] = [];
  for (let candidate = 3; candidate < limit; candidate += 2) if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
  return primes;
}

function powersModulo(base: number, prime: number): ReadonlySet<number> {
  const powers = new Set<number>();
  for (let power = 1; !powers.has(power); power = (power * base) % prime) powers.add(power);
  return powers;
}
