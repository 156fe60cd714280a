/**
 * Numbers of SM2 over PKCS#11. No standard fixes them (OASIS issue 119 asks for one), so every maker has its own; several share one family. A profile names
 * its numbers; a model of unknown make takes the family of which the key lists most. Whatever is chosen, a result counts only after it was checked in software.
 */
import { AppError } from '#shared/errors/app-error.ts';
import type { HostProfile } from '../../host-protocol.ts';
import type { Sm2Mechanisms } from '../../../ukey-models/ukey-model-profile.ts';

export interface Sm2Numbers {
  readonly family: string;
  /** CKK. */
  readonly keyType: number;
  readonly generateKeyPair: number;
  readonly signDigest: number | null;
  readonly signSm3: number | null;
  readonly encrypt: number | null;
  readonly unwrapEnveloped: number | null;
}

/** From public headers and vendor tables; mechanisms that cannot open an SM2EnvelopedKey have no number for it. */
const FAMILIES: readonly Sm2Numbers[] = [
  { family: 'Sansec', keyType: 0x80000004, generateKeyPair: 0x80008001, signDigest: 0x80008104, signSm3: 0x80008100, encrypt: 0x80008200, unwrapEnveloped: null },
  { family: 'TASS', keyType: 0x80000004, generateKeyPair: 0x80008001, signDigest: 0x80008000, signSm3: 0x80008100, encrypt: 0x80008200, unwrapEnveloped: null },
  { family: 'IBM EP11', keyType: 0x80050002, generateKeyPair: 0x8005000a, signDigest: 0x8005000b, signSm3: 0x8005000c, encrypt: 0x8005000d, unwrapEnveloped: null },
  { family: 'xipki', keyType: 0xffff0001, generateKeyPair: 0xffff0001, signDigest: 0xffff0002, signSm3: 0xffff0003, encrypt: 0xffff0004, unwrapEnveloped: null },
];

/** @throws DRIVER_MECHANISM when the key lists none of the numbers, or two families fit alike */
export function sm2NumbersFor(profile: HostProfile, onKey: readonly number[]): Sm2Numbers {
  const refused = (reason: string) => new AppError('DRIVER_MECHANISM', { mechanism: 'sm2', modelId: profile.modelId, reason });
  if (profile.sm2 === null) throw refused('the model is not known to have it');
  const own = numbersOf(profile.sm2);
  if (profile.sm2.signatureForm !== 'unknown') {
    if (hits(own, onKey) === 0) throw refused('the key lists none of its numbers');
    return own;
  }
  const ranked = [own, ...FAMILIES].map((family) => ({ family, count: hits(family, onKey) })).filter(({ count }) => count > 0).sort((left, right) => right.count - left.count);
  const [best, ...others] = ranked;
  if (best === undefined) throw refused('the key lists none of the known numbers');
  if (others.some(({ family, count }) => count === best.count && !sameNumbers(family, best.family))) throw refused('two families of numbers fit alike');
  return best.family;
}

/** @throws DRIVER_MECHANISM */
export function requireSm2Number(numbers: Sm2Numbers, use: 'generateKeyPair' | 'encrypt' | 'unwrapEnveloped', onKey: readonly number[]): number {
  const number = numbers[use];
  if (number === null || !onKey.includes(number)) throw new AppError('DRIVER_MECHANISM', { mechanism: `sm2 ${use}`, family: numbers.family });
  return number;
}

function numbersOf(mechanisms: Sm2Mechanisms): Sm2Numbers {
  const number = (hex: string | null) => (hex === null ? null : Number.parseInt(hex.slice(2), 16));
  const { family, keyType, generateKeyPair, signDigest, signSm3, encrypt, unwrapEnveloped } = mechanisms;
  return { family, keyType: Number.parseInt(keyType, 16), generateKeyPair: Number.parseInt(generateKeyPair, 16), signDigest: number(signDigest), signSm3: number(signSm3), encrypt: number(encrypt), unwrapEnveloped: number(unwrapEnveloped) };
}

function mechanismsOf({ generateKeyPair, signDigest, signSm3, encrypt }: Sm2Numbers): (number | null)[] {
  return [generateKeyPair, signDigest, signSm3, encrypt];
}

function hits(numbers: Sm2Numbers, onKey: readonly number[]): number {
  return mechanismsOf(numbers).filter((number) => number !== null && onKey.includes(number)).length;
}

function sameNumbers(left: Sm2Numbers, right: Sm2Numbers): boolean {
  return left.keyType === right.keyType && mechanismsOf(left).every((number, index) => number === mechanismsOf(right)[index]);
}
