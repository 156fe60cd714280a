/** Whether a signer's certificate leads to an authority that somebody trusts. Spec §8. Absent data is said to be absent: nothing given is "not checked", no list is "unknown". */
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { refuse } from '#shared/errors/app-error.ts';
import { nullWhenRefused, nullWhenRejected } from '#shared/errors/null-when-refused.ts';
import type { Certificate } from '#shared/x509/certificate.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';
import { parseCertificateRevocationList, type CertificateRevocationList } from '#shared/x509/certificate-revocation-list.ts';
import type { KeyUsageName } from '#shared/x509/extensions/key-usage.ts';
import { isListOf } from '#shared/x509/list-of-issuer.ts';
import { nameText } from '#shared/x509/name.ts';
import { validatePath, type PathFailure } from '#shared/x509/validate-path.ts';

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
  | { readonly status: 'untrusted'; readonly reason: PathFailure; /** Of the certificate that fails; null when that cannot be told. */ readonly serialHex: string | null }
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
  return { status: 'trusted', chain: path.chain.map(({ subject }) => nameText(subject)), revocation: await findRevocation(path.chain, trust.crls, at, crypto) };
}

const UNKNOWN: RevocationFinding = { state: 'unknown', at: null, revokedAt: null };

/** Of the whole chain but its anchor: revoked when one of them is, the earliest first; good when all are. */
async function findRevocation(chain: readonly Certificate[], crlsDer: readonly Uint8Array[], at: Date, crypto: CryptoPort): Promise<RevocationFinding> {
  const lists = crlsDer.map(tryParseList).filter((one) => one !== null).sort((one, other) => other.thisUpdate.date.getTime() - one.thisUpdate.date.getTime());
  const findings: RevocationFinding[] = [];
  for (const [index, issuer] of chain.slice(1).entries()) findings.push(await findInLists(chain[index] ?? issuer, issuer, lists, at, crypto));
  const [revoked] = findings.filter(({ state }) => state === 'revoked').sort((one, other) => (one.revokedAt?.getTime() ?? 0) - (other.revokedAt?.getTime() ?? 0));
  return revoked ?? (findings.every(({ state }) => state === 'good') ? findings[0] : null) ?? UNKNOWN;
}

/**
 * The newest list of the issuer decides, apart from the path: neither the end of the certificate nor that of the list makes a revocation undone.
 * @param lists newest first, of any issuers @param at when the certificate had to be good
 */
async function findInLists(certificate: Certificate, issuer: Certificate, lists: readonly CertificateRevocationList[], at: Date, crypto: CryptoPort): Promise<RevocationFinding> {
  for (const list of lists) {
    // One that somebody else signed under the same name hides none of the issuer's own.
    if (!(await nullWhenRejected(() => isListOf(list, issuer, crypto)))) continue;
    const madeAt = list.thisUpdate.date;
    const entry = list.entries.find(({ serialHex }) => serialHex === certificate.serialHex);
    if (entry) return { state: 'revoked', at: madeAt, revokedAt: entry.revokedAt };
    // Issuers leave out what has ended (RFC 5280 §3.3): the last list from before that knows more.
    if (madeAt > certificate.notAfter.date) continue;
    // "Good" ends with its list, and a list that was made later is about the time before, too.
    const current = list.nextUpdate !== null && (madeAt > at ? madeAt : at) <= list.nextUpdate.date;
    return current ? { state: 'good', at: madeAt, revokedAt: null } : UNKNOWN;
  }
  return UNKNOWN;
}

/** @returns null for what is no list: it then says nothing about anyone */
function tryParseList(der: Uint8Array): CertificateRevocationList | null {
  return nullWhenRefused(() => parseCertificateRevocationList(der));
}

/** For a time-stamp authority: it proves times and nobody proves its own, so once revoked it proves none. */
export const untrustedWhenRevoked = (verdict: TrustVerdict): TrustVerdict =>
  verdict.status === 'trusted' && verdict.revocation.state === 'revoked' ? { status: 'untrusted', reason: 'CERT_REVOKED', serialHex: null } : verdict;

/** @param provenAt time of a trusted time stamp: a certificate that was revoked after it signed well @throws SEAL_SIGNER_UNTRUSTED for any verdict but "trusted" */
export function requireTrusted(verdict: TrustVerdict, part: string, provenAt: Date | null = null): void {
  if (verdict.status === 'untrusted') refuse('SEAL_SIGNER_UNTRUSTED', { part, reason: verdict.reason, serialHex: verdict.serialHex });
  if (verdict.status === 'not-checked') refuse('SEAL_SIGNER_UNTRUSTED', { part, reason: 'no trusted authority is given' });
  const { state, revokedAt } = verdict.revocation;
  if (state === 'revoked' && !(provenAt && revokedAt && provenAt < revokedAt)) refuse('SEAL_SIGNER_UNTRUSTED', { part, reason: 'CERT_REVOKED' });
}
