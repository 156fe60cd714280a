/**
 * Who and what a sealed bid is: stands in the header core and, the same, in the manifest. Spec §3. Pure.
 * `Identity ::= SEQUENCE { purpose ENUMERATED, sealId OCTET STRING, bidId, tenderId, lot UTF8String, sealedAt Time, opensAt [0] EXPLICIT Time OPTIONAL }`
 */
import type { DerReader } from '../asn1/der-reader.ts';
import { derEnumerated, derOctetString, derSequence, derTime, derUtf8String } from '../asn1/der-writer.ts';
import { refuse } from '../errors/app-error.ts';
import { findTextProblem, readDigest, readOptionalTime, readText, readTimeOf, writeOptionalTime } from './strict-structure.ts';

export const PURPOSES = { bid: 1, tender: 2 } as const;
export type Purpose = keyof typeof PURPOSES;

export interface BidIdentity {
  readonly purpose: Purpose;
  /** 16 octets, one for each sealing; a backup has that of its sealed bid. */
  readonly sealId: Uint8Array;
  readonly bidId: string;
  readonly tenderId: string;
  readonly lot: string;
  /** Whole seconds. */
  readonly sealedAt: Date;
  readonly opensAt: Date | null;
}

export const SEAL_ID_BYTES = 16;
const MAX_ID_LENGTH = 128;

/** @throws INPUT_INVALID for texts that the format does not allow */
export function checkIdentity(identity: BidIdentity): void {
  for (const what of ['bidId', 'tenderId', 'lot'] as const) {
    const problem = findTextProblem(identity[what], 0, MAX_ID_LENGTH);
    if (problem) refuse('INPUT_INVALID', { what, reason: problem });
  }
  if (identity.sealId.length !== SEAL_ID_BYTES) refuse('INPUT_INVALID', { what: 'sealId', reason: 'wrong length' });
}

export function writeIdentity(identity: BidIdentity): Uint8Array {
  return derSequence(
    derEnumerated(PURPOSES[identity.purpose]), derOctetString(identity.sealId), derUtf8String(identity.bidId), derUtf8String(identity.tenderId), derUtf8String(identity.lot),
    derTime(identity.sealedAt), ...writeOptionalTime(identity.opensAt),
  );
}

export function readIdentity(reader: DerReader): BidIdentity {
  const inside = reader.readSequence('identity');
  const number = inside.readEnumerated('purpose');
  const purpose = (Object.keys(PURPOSES) as Purpose[]).find((name) => PURPOSES[name] === number) ?? refuse('DER_MALFORMED', { reason: 'unknown purpose', number });
  const sealId = readDigest(inside, 'seal id', SEAL_ID_BYTES);
  const [bidId, tenderId, lot] = [readText(inside, 'bid id', 0, MAX_ID_LENGTH), readText(inside, 'tender id', 0, MAX_ID_LENGTH), readText(inside, 'lot', 0, MAX_ID_LENGTH)];
  const sealedAt = readTimeOf(inside, 'sealed at');
  const opensAt = readOptionalTime(inside, 'opens at');
  inside.end('identity');
  return { purpose, sealId, bidId, tenderId, lot, sealedAt, opensAt };
}
