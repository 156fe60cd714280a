/**
 * Looks at the certificates that shall open, before anything is sealed: use, validity past the opening, chain, revocation with the time of the data, and whether anyone has
 * proven that the key works. Spec §3, §4. What refuses here is refused by the sealing too; what only warns is for the person to decide.
 */
import { toHex } from '#shared/bytes/hex.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { checkOpenerCertificate, labelOf, type OpenerCertificate } from '#shared/seal/opener.ts';
import type { OpenerGroup } from '#shared/seal/prepare-file.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';
import { nameText } from '#shared/x509/name.ts';
import type { SealingMeans } from './sealing-means.ts';
import { judgeCertificate, type TrustQuestion, type TrustVerdict } from './trust.ts';

export interface CandidateGroup {
  readonly name: string;
  readonly certificates: readonly Uint8Array[];
}

export interface OpenerQuestion {
  readonly opensAt: Date | null;
  /** null or without anchors: chains and revocation are not checked, and the answer says so. */
  readonly trust: TrustQuestion | null;
  /** SHA-256 (hex) of certificates whose key has been proven by use: a rehearsal, or a proof of decryption. */
  readonly tested: ReadonlySet<string>;
}

/** `single-untested`: the only opener of its group, and nobody has tried it. `expires-soon`: within a week after the opening. */
export type OpenerWarning = 'single-untested' | 'revocation-unknown' | 'chain-not-checked' | 'issuer-unknown' | 'expires-soon';

export interface OpenerFinding {
  readonly group: string;
  readonly certificateDer: Uint8Array;
  readonly label: string;
  readonly issuer: string;
  readonly serialHex: string;
  readonly sha256Hex: string;
  readonly notAfter: Date;
  readonly revocation: OpenerCertificate['revocation'];
  /** Of the list that says so. */
  readonly revocationAt: Date | null;
  readonly tested: boolean;
  /** Why it cannot be an opener; null when it can. */
  readonly refusal: string | null;
  readonly warnings: readonly OpenerWarning[];
}

const SOON_MS = 7 * 86_400_000;

/** @throws CERTIFICATE_MALFORMED, DER_MALFORMED for what is no certificate */
export async function checkOpeners(groups: readonly CandidateGroup[], question: OpenerQuestion, means: SealingMeans): Promise<OpenerFinding[]> {
  const findings: OpenerFinding[] = [];
  for (const { name, certificates } of groups) {
    for (const certificateDer of certificates) findings.push(await checkOpener(name, certificateDer, certificates.length === 1, question, means));
  }
  return findings;
}

async function checkOpener(group: string, certificateDer: Uint8Array, single: boolean, question: OpenerQuestion, means: SealingMeans): Promise<OpenerFinding> {
  const now = means.clock();
  const certificate = parseCertificate(certificateDer);
  const verdict = await judgeCertificate(certificateDer, now, [], question.trust, means.crypto);
  const revocation = verdict.status === 'trusted' ? verdict.revocation : { state: 'unknown' as const, at: null };
  const sha256Hex = toHex(means.crypto.digest('sha-256', certificateDer));
  const tested = question.tested.has(sha256Hex);
  const needed = question.opensAt && question.opensAt > now ? question.opensAt : now;
  const warnings: OpenerWarning[] = [
    ...(single && !tested ? (['single-untested'] as const) : []),
    ...chainWarnings(verdict),
    ...(verdict.status === 'trusted' && revocation.state === 'unknown' ? (['revocation-unknown'] as const) : []),
    ...(certificate.notAfter.date.getTime() - needed.getTime() < SOON_MS ? (['expires-soon'] as const) : []),
  ];
  return {
    group, certificateDer, label: labelOf(certificateDer), issuer: nameText(certificate.issuer), serialHex: certificate.serialHex, sha256Hex, notAfter: certificate.notAfter.date,
    revocation: revocation.state, revocationAt: revocation.at, tested, warnings,
    refusal: refusalOf({ certificateDer, revocation: revocation.state, revocationAt: revocation.at }, now, question.opensAt) ?? chainRefusal(verdict),
  };
}

function chainWarnings(verdict: TrustVerdict): readonly OpenerWarning[] {
  if (verdict.status === 'not-checked') return ['chain-not-checked', 'revocation-unknown'];
  return verdict.status === 'untrusted' && verdict.reason === 'ISSUER_NOT_FOUND' ? ['issuer-unknown', 'revocation-unknown'] : [];
}

/** An authority that is not in our list may be a good one; a chain that is wrong is not. */
const chainRefusal = (verdict: TrustVerdict): string | null => (verdict.status === 'untrusted' && verdict.reason !== 'ISSUER_NOT_FOUND' ? verdict.reason : null);

function refusalOf(opener: OpenerCertificate, now: Date, opensAt: Date | null): string | null {
  try {
    checkOpenerCertificate(opener, now, opensAt);
    return null;
  } catch (thrown) {
    if (thrown instanceof AppError) return String(thrown.details['reason'] ?? thrown.code);
    throw thrown;
  }
}

/** What a sealing takes. @throws SEAL_OPENER_REFUSED for the first that cannot be an opener */
export function openersOf(findings: readonly OpenerFinding[]): OpenerGroup[] {
  const groups = new Map<string, OpenerCertificate[]>();
  for (const { group, certificateDer, revocation, revocationAt, refusal, label } of findings) {
    if (refusal !== null) throw new AppError('SEAL_OPENER_REFUSED', { reason: refusal, label, group });
    groups.set(group, [...(groups.get(group) ?? []), { certificateDer, revocation, revocationAt }]);
  }
  return [...groups].map(([name, openers]) => ({ name, openers }));
}
