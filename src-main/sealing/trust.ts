/** Whether a signer's certificate leads to an authority that somebody trusts. Spec §8. Absent data is said to be absent: nothing given is "not checked", no list is "unknown". */
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { refuse } from '#shared/errors/app-error.ts';
import { nullWhenRefused } from '#shared/errors/null-when-refused.ts';
import type { Certificate } from '#shared/x509/certificate.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';
import { parseCertificateRevocationList, type CertificateRevocationList } from '#shared/x509/certificate-revocation-list.ts';
import type { KeyUsageName } from '#shared/x509/extensions/key-usage.ts';
import { nameText } from '#shared/x509/name.ts';
import { validatePath, type PathFailure, type PathResult } from '#shared/x509/validate-path.ts';

export interface TrustQuestion {
  readonly anchors: readonly Uint8Array[];
  readonly intermediates: readonly Uint8Array[];
  readonly crls: readonly Uint8Array[];
}

export interface RevocationFinding {
  readonly state: 'unknown' | 'good' | 'revoked';
  /** Of the list that says so. */
  readonly at: Date | null;
  /** For revoked ones. */
  readonly revokedAt: Date | null;
}

export type TrustVerdict =
  | { readonly status: 'trusted'; /** From the leaf upwards. */ readonly chain: readonly string[]; readonly revocation: RevocationFinding }
  | { readonly status: 'untrusted'; readonly reason: PathFailure; readonly serialHex: string | null }
  | { readonly status: 'not-checked' };

/** Self-signed certificates are anchors, the others stand between; where none is self-signed, each one given is trusted. */
export function trustIn(certificates: readonly Uint8Array[], crls: readonly Uint8Array[] = []): TrustQuestion {
  const selfSigned = certificates.filter((der) => isSelfIssued(parseCertificate(der)));
  return selfSigned.length > 0 ? { anchors: selfSigned, intermediates: certificates.filter((der) => !selfSigned.includes(der)), crls } : { anchors: certificates, intermediates: [], crls };
}

export const isSelfIssued = ({ subject, issuer }: Certificate): boolean => equalBytes(subject.der, issuer.der);

/** @param at when it had to be valid */
export async function judgeCertificate(leafDer: Uint8Array, at: Date, keyUsage: readonly KeyUsageName[], trust: TrustQuestion | null, crypto: CryptoPort, extra: readonly Uint8Array[] = []): Promise<TrustVerdict> {
  if (trust === null || trust.anchors.length === 0) return { status: 'not-checked' };
  const question = { leafDer, intermediatesDer: [...trust.intermediates, ...extra], trustAnchorsDer: trust.anchors, at, keyUsage };
  const path = await validatePath({ ...question, revocation: { kind: 'not-checked' } }, crypto);
  if (!path.valid) return { status: 'untrusted', reason: path.reason, serialHex: path.serialHex };
  const chain = path.chain.map(({ subject }) => nameText(subject));
  if (path.chain.length === 1) return { status: 'trusted', chain, revocation: UNKNOWN };
  const checked = (when: Date) => validatePath({ ...question, at: when, revocation: { kind: 'crls', crlsDer: trust.crls } }, crypto);
  const revocation = await findRevocation(path.chain, trust.crls, at, checked);
  return { status: 'trusted', chain, revocation };
}

const UNKNOWN: RevocationFinding = { state: 'unknown', at: null, revokedAt: null };

/** A list that is over says "revoked" still, and "good" no more. */
async function findRevocation(chain: readonly Certificate[], crls: readonly Uint8Array[], at: Date, check: (when: Date) => Promise<PathResult>): Promise<RevocationFinding> {
  const listed = newestListOf(chain[1], crls);
  if (!listed) return UNKNOWN;
  // A list that was made later knows more than one of the time itself.
  const result = await check(listed > at ? listed : at);
  if (result.valid) return { state: 'good', at: listed, revokedAt: null };
  const told = result.reason === 'CRL_STALE' ? await check(listed) : result;
  return !told.valid && told.reason === 'CERT_REVOKED' ? { state: 'revoked', at: listed, revokedAt: told.revokedAt ?? null } : UNKNOWN;
}

function newestListOf(issuer: Certificate | undefined, crls: readonly Uint8Array[]): Date | null {
  if (!issuer) return null;
  const times = crls.map(tryParseList).filter((one) => one !== null).filter((one) => equalBytes(one.issuer.der, issuer.subject.der)).map(({ thisUpdate }) => thisUpdate.date);
  return times.reduce<Date | null>((newest, one) => (newest && newest >= one ? newest : one), null);
}

/** @returns null for what is no list: it then says nothing about anyone */
function tryParseList(der: Uint8Array): CertificateRevocationList | null {
  return nullWhenRefused(() => parseCertificateRevocationList(der));
}

/** @param provenAt time of a trusted time stamp: a certificate that was revoked after it signed well @throws SEAL_SIGNER_UNTRUSTED for any verdict but "trusted" */
export function requireTrusted(verdict: TrustVerdict, part: string, provenAt: Date | null = null): void {
  if (verdict.status === 'untrusted') refuse('SEAL_SIGNER_UNTRUSTED', { part, reason: verdict.reason, serialHex: verdict.serialHex });
  if (verdict.status === 'not-checked') refuse('SEAL_SIGNER_UNTRUSTED', { part, reason: 'no trusted authority is given' });
  const { state, revokedAt } = verdict.revocation;
  if (state === 'revoked' && !(provenAt && revokedAt && provenAt < revokedAt)) refuse('SEAL_SIGNER_UNTRUSTED', { part, reason: 'CERT_REVOKED' });
}
