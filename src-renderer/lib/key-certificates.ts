/** What stands on a key, ordered for people: pairs by container, newest first; the holder; how soon something runs out. */
import type { TokenCertificate, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { validityAt, type Validity } from './days-left.ts';

export interface CertificatePair {
  readonly containerId: string;
  readonly sign: TokenCertificate | null;
  readonly encrypt: TokenCertificate | null;
  readonly others: readonly TokenCertificate[];
}

/** Newest pair first. */
export function certificatePairs(certificates: readonly TokenCertificate[]): CertificatePair[] {
  const containers = new Map<string, TokenCertificate[]>();
  for (const certificate of certificates) containers.set(certificate.containerId, [...(containers.get(certificate.containerId) ?? []), certificate]);
  return [...containers]
    .map(([containerId, members]) => {
      const sign = members.find((member) => member.purpose === 'sign') ?? null;
      const encrypt = members.find((member) => member.purpose === 'encrypt') ?? null;
      return { containerId, sign, encrypt, others: members.filter((member) => member !== sign && member !== encrypt) };
    })
    .sort((a, b) => newest(b).localeCompare(newest(a)));
}

/** Name in the newest signing certificate; null when the key holds none. */
export function keyHolder(token: TokenSummary): string | null {
  const pair = certificatePairs(token.certificates)[0];
  return (pair?.sign ?? pair?.encrypt ?? pair?.others[0])?.subjectCommonName ?? null;
}

/** The validity that ends first among the newest pair; null when the key holds no certificate. */
export function soonestEnd(token: TokenSummary, nowMs: number): Validity | null {
  const pair = certificatePairs(token.certificates)[0];
  if (!pair) return null;
  return membersOf(pair)
    .map((certificate) => validityAt(certificate.notBeforeUtc, certificate.notAfterUtc, nowMs))
    .reduce((first, next) => (next.level === 'expired' || next.daysLeft < first.daysLeft ? next : first));
}

/** The pair that was not on the key before; null when there is none, or when what was there is not known. */
export function newPair(token: TokenSummary, fingerprintsBefore: readonly string[] | null): CertificatePair | null {
  const pairs = certificatePairs(token.certificates);
  if (fingerprintsBefore === null) return pairs[0] ?? null;
  return pairs.find((pair) => membersOf(pair).every((certificate) => !fingerprintsBefore.includes(certificate.sha256Hex))) ?? null;
}

export function membersOf(pair: CertificatePair): TokenCertificate[] {
  return [pair.sign, pair.encrypt, ...pair.others].filter((certificate) => certificate !== null);
}

function newest(pair: CertificatePair): string {
  return membersOf(pair).map((certificate) => certificate.notBeforeUtc).sort().at(-1) ?? '';
}
