/** How a key of each kind is made in a token, read and used: one row per kind. Runs in the signer process only. */
import pkcs11js from 'pkcs11js';
import { derOid } from '#shared/asn1/der-writer.ts';
import { OIDS } from '#shared/asn1/oids.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { SM2_POINT_LENGTH, tryReadSm2Point } from '#shared/sm/sm2-curve.ts';
import { buildEcPublicKeyInfo, buildRsaPublicKeyInfo } from '#shared/x509/public-key-info.ts';
import type { ModuleAddress, NewKey } from './signer-protocol.ts';

export type Attributes = { type: number; value?: number | boolean | string | Buffer }[];
/** Attributes of one object, in the order asked for; null for one that the object has not. */
export type ReadAttributes = (types: readonly number[]) => (Buffer | null)[];

interface TokenKeyRow {
  readonly keyType: number;
  readonly generate: number;
  readonly publicAttributes: (key: NewKey) => Attributes;
  /** @returns SubjectPublicKeyInfo */
  readonly publicKey: (read: ReadAttributes) => Uint8Array;
  readonly sign: number;
}

const RSA_ROW: TokenKeyRow = {
  keyType: pkcs11js.CKK_RSA,
  generate: pkcs11js.CKM_RSA_PKCS_KEY_PAIR_GEN,
  publicAttributes: (key) => [{ type: pkcs11js.CKA_MODULUS_BITS, value: key.kind === 'rsa' ? key.modulusBits : 0 }, { type: pkcs11js.CKA_PUBLIC_EXPONENT, value: Buffer.from([1, 0, 1]) }],
  publicKey(read) {
    const [modulus, exponent] = read([pkcs11js.CKA_MODULUS, pkcs11js.CKA_PUBLIC_EXPONENT]);
    return modulus && exponent ? buildRsaPublicKeyInfo(modulus, exponent) : unreadable();
  },
  sign: pkcs11js.CKM_SHA256_RSA_PKCS,
};

/** Rows of a module. SM2 is there when its numbers are known. */
export function tokenKeyRows({ sm2 }: Pick<ModuleAddress, 'sm2'>): Readonly<Record<NewKey['kind'], TokenKeyRow | null>> {
  if (sm2 === null) return { rsa: RSA_ROW, sm2: null };
  return {
    rsa: RSA_ROW,
    sm2: {
      keyType: sm2.keyType,
      generate: sm2.generateKeyPair,
      publicAttributes: () => [{ type: pkcs11js.CKA_EC_PARAMS, value: Buffer.from(derOid(OIDS.curveSm2)) }],
      publicKey: (read) => buildEcPublicKeyInfo('sm2', pointIn(read([pkcs11js.CKA_EC_POINT])[0] ?? unreadable())),
      sign: sm2.sign,
    },
  };
}

/** The row that a CKA_KEY_TYPE belongs to. @throws ALGORITHM_UNSUPPORTED */
export function rowOfKeyType(rows: ReturnType<typeof tokenKeyRows>, keyType: Buffer | null): TokenKeyRow {
  // CK_ULONG, as wide as the system has it, in its own order of octets: little-endian wherever this runs.
  const number = (keyType ?? unreadable()).reduceRight((sum, octet) => sum * 256 + octet, 0);
  return Object.values(rows).find((row) => row?.keyType === number) ?? refuse('ALGORITHM_UNSUPPORTED', { reason: 'key type of the token', keyType: `0x${number.toString(16)}` });
}

/** CKA_EC_POINT: a DER OCTET STRING, as the standard has it, or bare, as several modules give it. */
function pointIn(value: Buffer): Uint8Array {
  const wrapped = value.length === SM2_POINT_LENGTH + 2 && value[0] === 0x04 && value[1] === SM2_POINT_LENGTH;
  const point = Uint8Array.from(wrapped ? value.subarray(2) : value);
  return tryReadSm2Point(point) === null ? unreadable() : point;
}

function unreadable(): never {
  throw new AppError('SIGNER_FAILED', { reason: 'key' });
}
