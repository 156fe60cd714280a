/**
 * Lint of everything that stands in the database: every certificate and list by every rule, its signature by its issuer's key, and the record beside it
 * against the certificate itself. The rules are those that run before signing; here they find what came in another way, or was issued before a rule.
 */
import { createHash } from 'node:crypto';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { nullWhenRefused } from '#shared/errors/null-when-refused.ts';
import { parseCertificate, type Certificate } from '#shared/x509/certificate.ts';
import { parseCertificateRevocationList } from '#shared/x509/certificate-revocation-list.ts';
import { findExtension } from '#shared/x509/extension.ts';
import { CRL_NUMBER } from '#shared/x509/extensions/crl-number.ts';
import { verifySigned, type SignedStructure } from '#shared/x509/signed-structure.ts';
import { CERTIFICATE_PROFILES, type ProfileId } from '../authority/certificate-profile.ts';
import type { CertificateRow, CrlRow } from '../issuance/issuance-port.ts';
import { CERTIFICATE_RULES } from './certificate-rules.ts';
import { CRL_RULES } from './crl-rules.ts';
import type { LintedAuthority, LintRecords } from './lint-port.ts';
import { runRules, type LintFinding } from './lint-rule.ts';

export interface DatabaseFinding extends LintFinding {
  /** What breaks the rule: `certificate <serial>`, `list <CA> <number>`, `root of <CA>`, …; never a name. */
  readonly of: string;
}

export interface DatabaseLintPorts {
  readonly records: LintRecords;
  readonly authorities: readonly LintedAuthority[];
  readonly crypto: CryptoPort;
  /** Hears of each finding as it is made. */
  readonly onFinding: (finding: DatabaseFinding) => void;
}

export interface LintedCounts {
  readonly certificates: number;
  readonly lists: number;
  readonly findings: number;
}

const ISSUANCES_AT_ONCE = 200;
const LISTS_AT_ONCE = 20;

interface Issuers {
  readonly issuing: Certificate;
  readonly root: Certificate;
}

export async function lintDatabase(ports: DatabaseLintPorts): Promise<LintedCounts> {
  const counts = { certificates: 0, lists: 0, findings: 0 };
  const report: Report = (of, findings) => {
    for (const finding of findings) {
      counts.findings += 1;
      ports.onFinding({ of, ...finding });
    }
  };
  const issuers = new Map<string, Issuers>();
  for (const authority of ports.authorities) {
    const read = await lintAuthority(authority, ports.crypto, report);
    if (read) issuers.set(authority.caId, read);
    counts.certificates += 2;
    counts.lists += 1;
  }
  for await (const pair of issuedPairs(ports.records)) {
    await lintPair(pair, issuers, ports.crypto, report);
    counts.certificates += pair.length;
  }
  for await (const row of storedLists(ports.records)) {
    await lintList(row, issuers, ports.crypto, report);
    counts.lists += 1;
  }
  return counts;
}

type Report = (of: string, findings: readonly LintFinding[]) => void;

async function lintAuthority({ caId, rootDer, issuingDer, rootCrlDer }: LintedAuthority, crypto: CryptoPort, report: Report): Promise<Issuers | null> {
  const root = parsed(`root of ${caId}`, () => parseCertificate(rootDer), report);
  const issuing = parsed(`issuing CA of ${caId}`, () => parseCertificate(issuingDer), report);
  if (!root || !issuing) return null;
  report(`root of ${caId}`, [...byRules(root, 'root', root, null), ...(await signatureFindings(root, root, crypto))]);
  report(`issuing CA of ${caId}`, [...byRules(issuing, 'issuing-ca', root, null), ...(await signatureFindings(issuing, root, crypto))]);
  const list = parsed(`list of the root of ${caId}`, () => parseCertificateRevocationList(rootCrlDer), report);
  if (list) report(`list of the root of ${caId}`, [...runRules(CRL_RULES, { crl: list, issuer: root }, list.thisUpdate.date), ...(await signatureFindings(list, root, crypto))]);
  return { root, issuing };
}

async function* issuedPairs(records: LintRecords): AsyncGenerator<CertificateRow[]> {
  for (let last = ''; ; ) {
    const rows = await records.certificatesAfter(last, ISSUANCES_AT_ONCE);
    const pairs = new Map<string, CertificateRow[]>();
    for (const row of rows) pairs.set(row.issuanceId, [...(pairs.get(row.issuanceId) ?? []), row]);
    yield* pairs.values();
    const end = rows.at(-1);
    if (!end) return;
    last = end.issuanceId;
  }
}

async function* storedLists(records: LintRecords): AsyncGenerator<CrlRow> {
  for (let last: Pick<CrlRow, 'caId' | 'number'> = { caId: '', number: 0 }; ; ) {
    const rows = await records.crlsAfter(last, LISTS_AT_ONCE);
    yield* rows;
    const end = rows.at(-1);
    if (!end) return;
    last = end;
  }
}

async function lintPair(pair: readonly CertificateRow[], issuers: ReadonlyMap<string, Issuers>, crypto: CryptoPort, report: Report): Promise<void> {
  const certificates = pair.map((row) => parsed(`certificate ${row.serialHex}`, () => parseCertificate(row.certificateDer), report));
  const whole = pair.length === 2 && pair.some(({ purpose }) => purpose === 'sign') && pair.some(({ purpose }) => purpose === 'encrypt');
  for (const [index, row] of pair.entries()) {
    const of = `certificate ${row.serialHex}`;
    if (!whole) report(of, [recordFinding('not one signing and one encryption certificate in its issuance')]);
    const certificate = certificates[index];
    if (!certificate) continue;
    report(of, recordFindings(row, certificate));
    const issuer = issuers.get(row.caId)?.issuing;
    if (!issuer) {
      report(of, [recordFinding('its CA is not in the data folder')]);
      continue;
    }
    const sibling = whole ? (certificates[1 - index] ?? null) : null;
    report(of, [...byRules(certificate, row.purpose === 'sign' ? 'subscriber-sign' : 'subscriber-encrypt', issuer, sibling), ...(await signatureFindings(certificate, issuer, crypto))]);
  }
}

async function lintList(row: CrlRow, issuers: ReadonlyMap<string, Issuers>, crypto: CryptoPort, report: Report): Promise<void> {
  const of = `list ${row.caId} ${row.number}`;
  const crl = parsed(of, () => parseCertificateRevocationList(row.crlDer), report);
  if (!crl) return;
  const number = findNumber(crl);
  const agrees = number === BigInt(row.number) && crl.thisUpdate.date.getTime() === row.thisUpdateMs && crl.nextUpdate?.date.getTime() === row.nextUpdateMs;
  if (!agrees) report(of, [recordFinding('number or times are not those of the list')]);
  const issuer = issuers.get(row.caId)?.issuing;
  if (issuer) report(of, [...runRules(CRL_RULES, { crl, issuer }, crl.thisUpdate.date), ...(await signatureFindings(crl, issuer, crypto))]);
  else report(of, [recordFinding('its CA is not in the data folder')]);
}

/** A number that cannot be read is the finding of its rule. */
function findNumber(crl: { readonly extensions: Parameters<typeof findExtension>[0] }): bigint | null {
  return nullWhenRefused(() => findExtension(crl.extensions, CRL_NUMBER)?.value ?? null);
}

function byRules(certificate: Certificate, profileId: ProfileId, issuer: Certificate, sibling: Certificate | null): LintFinding[] {
  return runRules(CERTIFICATE_RULES, { certificate, profile: CERTIFICATE_PROFILES[profileId], issuer, sibling }, certificate.notBefore.date);
}

const recordFinding = (problem: string): LintFinding => ({ ruleId: 'record', clause: 'docs/adr/0017-sm2-dual-certificates.md (one record, one certificate)', problem });

/** Searches, revocation and delivery go by the record; a certificate that is another one would be missed by them. */
function recordFindings(row: CertificateRow, certificate: Certificate): LintFinding[] {
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const agreements: readonly (readonly [string, boolean])[] = [
    ['serial number', row.serialHex === certificate.serialHex],
    ['fingerprint', row.sha256Hex === sha256(row.certificateDer)],
    ['public key', row.publicKeySha256 === sha256(certificate.publicKeySpkiDer)],
    ['validity', row.notBeforeMs === certificate.notBefore.date.getTime() && row.notAfterMs === certificate.notAfter.date.getTime()],
  ];
  return agreements.flatMap(([what, agrees]) => (agrees ? [] : [recordFinding(`${what} is not that of the certificate`)]));
}

async function signatureFindings(signed: SignedStructure, issuer: Certificate, crypto: CryptoPort): Promise<LintFinding[]> {
  const finding = (problem: string): LintFinding[] => [{ ruleId: 'signature', clause: 'RFC 5280 §6.1.3 (a)(1), §6.3.3 (g); GB/T 32918.2 §7 with the default user id', problem }];
  try {
    return (await verifySigned(signed, issuer.publicKeySpkiDer, crypto)) ? [] : finding('does not verify by the key of the issuer');
  } catch (thrown) {
    if (thrown instanceof AppError) return finding(`cannot be verified: ${thrown.code}`);
    throw thrown;
  }
}

/** @returns null after a finding when it does not even parse */
function parsed<T>(of: string, parse: () => T, report: Report): T | null {
  try {
    return parse();
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    report(of, [{ ruleId: 'parse', clause: 'X.690 §10, §11; RFC 5280 §4.1, §5.1', problem: `unreadable: ${thrown.code}` }]);
    return null;
  }
}
