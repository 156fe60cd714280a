/** Mechanisms by name and what a key may do, as tables: a profile lists names, the key lists numbers, only what stands in both is used. */
import pkcs11 from 'pkcs11js';
import { AppError } from '#shared/errors/app-error.ts';
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import type { HostProfile } from '../../host-protocol.ts';
import { sha256DigestInfo } from '../rsa-digest-info.ts';

type Mechanism = { mechanism: number; parameter?: { type: number; hashAlg: number; mgf: number; source: number } };

/** RSASSA-PKCS1-v1_5 with SHA-256: how to call it, and what has to be given to it. */
export const RSA_SIGN = {
  CKM_SHA256_RSA_PKCS: { mechanism: { mechanism: pkcs11.CKM_SHA256_RSA_PKCS }, prepare: (message: Uint8Array) => Buffer.from(message) },
  CKM_RSA_PKCS: { mechanism: { mechanism: pkcs11.CKM_RSA_PKCS }, prepare: sha256DigestInfo },
} as const;

const CKZ_DATA_SPECIFIED = 1;
/** RSAES-OAEP with SHA-1 and MGF1-SHA-1, empty label. */
export const RSA_OAEP: Mechanism = {
  mechanism: pkcs11.CKM_RSA_PKCS_OAEP,
  parameter: { type: pkcs11.CK_PARAMS_RSA_OAEP, hashAlg: pkcs11.CKM_SHA_1, mgf: pkcs11.CKG_MGF1_SHA1, source: CKZ_DATA_SPECIFIED },
};
/** RFC 5649, CKM_AES_KEY_WRAP_PAD of PKCS#11 2.40 §2.14. */
export const AES_KEY_WRAP_PAD: Mechanism = { mechanism: 0x210a };
export const RSA_KEY_PAIR_GENERATION: Mechanism = { mechanism: pkcs11.CKM_RSA_PKCS_KEY_PAIR_GEN };

const MECHANISM_NUMBERS: Readonly<Record<string, number>> = {
  CKM_SHA256_RSA_PKCS: pkcs11.CKM_SHA256_RSA_PKCS, CKM_RSA_PKCS: pkcs11.CKM_RSA_PKCS, CKM_RSA_PKCS_OAEP: pkcs11.CKM_RSA_PKCS_OAEP,
  CKM_AES_KEY_WRAP_PAD: AES_KEY_WRAP_PAD.mechanism, CKM_RSA_PKCS_KEY_PAIR_GEN: pkcs11.CKM_RSA_PKCS_KEY_PAIR_GEN,
};

/** Profile and key must both name it. @throws DRIVER_MECHANISM when none is left */
export function usableMechanisms<N extends string>(listed: readonly N[], onKey: readonly number[], what: string): readonly N[] {
  const usable = listed.filter((name) => onKey.includes(MECHANISM_NUMBERS[name] ?? -1));
  if (usable.length === 0) throw new AppError('DRIVER_MECHANISM', { mechanism: listed.join(', ') || what });
  return usable;
}

/** @throws DRIVER_MECHANISM when the model is not known to have the algorithm */
export function requireAlgorithm(profile: HostProfile, algorithm: KeyAlgorithm): void {
  const known = { 'rsa-2048': profile.rsa !== null, sm2: profile.sm2 !== null }[algorithm];
  if (!known) throw new AppError('DRIVER_MECHANISM', { mechanism: algorithm, modelId: profile.modelId });
}
