/** 我的UKey: the certificates of one key as pairs, with what the service and the ledger know of them. */
import type { CertificatePair, KeyOverview } from '#shared/contract/desktop/key-overview.ts';
import type { SealedBidRecord } from '#shared/contract/desktop/ledger.ts';
import type { TokenCertificate, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import type { CertificateRecord } from '#shared/contract/rest/certificates.ts';
import { generationsThatCount } from '#shared/ledger/bid-generations.ts';
import { daysLeft, expiryWarning } from './days-left.ts';

export interface OverviewFacts {
  readonly token: TokenSummary;
  /** Null: the service was not asked or did not answer. */
  readonly records: readonly CertificateRecord[] | null;
  readonly bidsToOpen: readonly SealedBidRecord[];
  /** SHA-256 of a certificate → its SM3, under which bids of the SM suite name it. */
  readonly sm3Of: (certificate: TokenCertificate) => string;
  readonly now: Date;
}

export function keyOverview(facts: OverviewFacts): KeyOverview {
  const { token, records, now } = facts;
  const containers = [...new Set(token.certificates.map(({ containerId }) => containerId))];
  const pairs = containers.map((containerId) => describePair(containerId, facts));
  const newest = newestOfHolder(pairs);
  const judged = pairs.map((pair) => ({ ...pair, ...standingOf(pair, newest, now) }));
  judged.sort((one, other) => Number(one.standing === 'history') - Number(other.standing === 'history') || Date.parse(one.notAfterUtc) - Date.parse(other.notAfterUtc));
  return { token: token.ref, pairs: judged, caAsked: records !== null };
}

type UnjudgedPair = Omit<CertificatePair, 'standing' | 'warning'>;

function describePair(containerId: string, facts: OverviewFacts): UnjudgedPair {
  const certificates = facts.token.certificates.filter((one) => one.containerId === containerId);
  const of = (purpose: TokenCertificate['purpose']) => certificates.find((one) => one.purpose === purpose) ?? null;
  const [sign, encrypt, other] = [of('sign'), of('encrypt'), of('other')];
  const notAfterUtc = certificates.map((one) => one.notAfterUtc).sort((one, next) => Date.parse(one) - Date.parse(next))[0] ?? facts.now.toISOString();
  const record = facts.records?.find(({ sha256Hex }) => certificates.some((one) => one.sha256Hex === sha256Hex)) ?? null;
  return { containerId, sign, encrypt, other, notAfterUtc, daysLeft: daysLeft(notAfterUtc, facts.now), caState: record?.state ?? null, projectName: record?.projectName ?? null, bidsToOpen: encrypt ? countBids(encrypt, facts) : 0 };
}

function countBids(certificate: TokenCertificate, { bidsToOpen, sm3Of }: OverviewFacts): number {
  const names = [certificate.sha256Hex, sm3Of(certificate)];
  return bidsToOpen.filter((bid) => generationsThatCount(bid).some(({ openers }) => openers.some(({ fingerprintHex }) => names.includes(fingerprintHex)))).length;
}

/** Holder, CA and project → the newest signing certificate: what it replaced is history. */
function newestOfHolder(pairs: readonly UnjudgedPair[]): ReadonlyMap<string, string> {
  const newest = new Map<string, TokenCertificate>();
  for (const pair of pairs) {
    if (!pair.sign) continue;
    const before = newest.get(holderOf(pair, pair.sign));
    if (!before || Date.parse(pair.sign.notBeforeUtc) > Date.parse(before.notBeforeUtc)) newest.set(holderOf(pair, pair.sign), pair.sign);
  }
  return new Map([...newest].map(([holder, certificate]) => [holder, certificate.sha256Hex]));
}

/** Without the service's word two projects of one CA look alike; then algorithm is all that tells them apart. */
const holderOf = (pair: UnjudgedPair, sign: TokenCertificate) => JSON.stringify([sign.subject, sign.issuer, sign.keyAlgorithm, pair.projectName]);

function standingOf(pair: UnjudgedPair, newest: ReadonlyMap<string, string>, now: Date): Pick<CertificatePair, 'standing' | 'warning'> {
  const history = pair.sign === null ? pair.encrypt !== null : pair.caState === 'revoked' || (pair.caState === null && newest.get(holderOf(pair, pair.sign)) !== pair.sign.sha256Hex);
  return history ? { standing: 'history', warning: null } : { standing: 'current', warning: expiryWarning(daysLeft(pair.notAfterUtc, now)) };
}
