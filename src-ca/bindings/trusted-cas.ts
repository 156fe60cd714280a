/** Foreign CAs that projects may trust: added, replaced and given revocation lists by staff. Which project trusts which stands in its rules. */
import { createHash } from 'node:crypto';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { fromBase64, toBase64 } from '#shared/bytes/base64.ts';
import type { TrustedCa } from '#shared/contract/rest/bindings.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { parseCertificate, type Certificate } from '#shared/x509/certificate.ts';
import { parseCertificateRevocationList, type CertificateRevocationList } from '#shared/x509/certificate-revocation-list.ts';
import { findExtension } from '#shared/x509/extension.ts';
import { BASIC_CONSTRAINTS } from '#shared/x509/extensions/basic-constraints.ts';
import { KEY_USAGE } from '#shared/x509/extensions/key-usage.ts';
import { CRL_EXTENSIONS, findUnknownCritical } from '#shared/x509/extensions/known-extensions.ts';
import { nameText } from '#shared/x509/name.ts';
import { verifySigned } from '#shared/x509/signed-structure.ts';
import { validatePath } from '#shared/x509/validate-path.ts';
import { endSessionsOfCertificates, type EndSessionsScope } from '../accounts/end-sessions.ts';
import type { AuditRecords, AuditSeal } from '../audit/audit-port.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Caller } from '../caller.ts';
import { utcTextOrNull, type Clock } from '../clock.ts';
import type { Transactions } from '../transactions.ts';
import type { BindingRecords, BindingRow, TrustedCaRecords, TrustedCaRow } from './binding-port.ts';
import { chainOf } from './trusted-ca-path.ts';

interface Scope {
  readonly trustedCas: TrustedCaRecords;
  readonly bindings: Pick<BindingRecords, 'ofTrustedCa'>;
  readonly sessions: EndSessionsScope['sessions'];
  readonly audit: AuditRecords;
}

export interface TrustedCasPorts {
  readonly transactions: Transactions<Scope>;
  readonly crypto: CryptoPort;
  readonly auditSeal: AuditSeal;
  readonly clock: Clock;
}

export async function listTrustedCas(ports: Pick<TrustedCasPorts, 'transactions'>): Promise<{ items: TrustedCa[] }> {
  return await ports.transactions.read(async ({ trustedCas }) => {
    const items: TrustedCa[] = [];
    for (const row of await trustedCas.all()) items.push(await trustedCaView(trustedCas, row));
    return { items };
  });
}

/** @throws CERTIFICATE_MALFORMED, CERTIFICATE_NOT_TRUSTED when the chain does not hold together */
export async function putTrustedCa(ports: TrustedCasPorts, caller: Caller, id: string, input: { name: string; withoutCrl: TrustedCaRow['withoutCrl']; chainDer: readonly string[] }): Promise<TrustedCa> {
  const chain = input.chainDer.map((text) => readAs('CERTIFICATE_MALFORMED', () => parseCertificate(fromBase64(text))));
  await checkChain(ports, chain);
  return await ports.transactions.write(async ({ trustedCas, audit }) => {
    const nowMs = ports.clock().getTime();
    const row: TrustedCaRow = { id, name: input.name, withoutCrl: input.withoutCrl, chainJson: JSON.stringify(chain.map(({ der }) => toBase64(der))), changedAtMs: nowMs };
    await trustedCas.save(row);
    await recordAudit(audit, ports.auditSeal, { atMs: nowMs, actor: caller.accountId, event: 'trusted-ca.changed', target: id, details: { withoutCrl: row.withoutCrl, sha256: chain.map(({ der }) => sha256Hex(der)) } });
    return await trustedCaView(trustedCas, row);
  });
}

async function checkChain(ports: TrustedCasPorts, chain: readonly Certificate[]): Promise<void> {
  const [issuing, root] = [chain[0], chain.at(-1)];
  if (issuing === undefined || root === undefined) throw new AppError('CERTIFICATE_MALFORMED');
  for (const one of chain) {
    const usage = findExtension(one.extensions, KEY_USAGE)?.value;
    if (findExtension(one.extensions, BASIC_CONSTRAINTS)?.value.ca !== true || (usage !== undefined && !usage.includes('keyCertSign'))) throw new AppError('CERTIFICATE_NOT_TRUSTED', { reason: 'ISSUER_NOT_CA' });
  }
  const path = await validatePath({ leafDer: issuing.der, intermediatesDer: chain.slice(1).map(({ der }) => der), trustAnchorsDer: [root.der], at: ports.clock(), revocation: { kind: 'not-checked' } }, ports.crypto);
  if (!path.valid) throw new AppError('CERTIFICATE_NOT_TRUSTED', { reason: path.reason });
  if (path.chain.length !== chain.length) throw new AppError('CERTIFICATE_NOT_TRUSTED', { reason: 'more certificates than the chain needs' });
}

/** Ends the sessions that a certificate on the list has opened. @throws NOT_FOUND, CRL_NOT_ACCEPTED */
export async function putTrustedCaCrl(ports: TrustedCasPorts, caller: Caller, id: string, crlText: string): Promise<TrustedCa> {
  const row = (await ports.transactions.read(({ trustedCas }) => trustedCas.byId(id))) ?? refuse('NOT_FOUND', { what: 'trusted CA' });
  const crl = readAs('CRL_NOT_ACCEPTED', () => parseCertificateRevocationList(fromBase64(crlText)));
  const issuer = chainOf(row).map((der) => parseCertificate(der)).find(({ subject }) => equalBytes(subject.der, crl.issuer.der));
  if (issuer === undefined) throw new AppError('CRL_NOT_ACCEPTED', { reason: 'issuer' });
  const nextUpdateMs = await checkList(ports, crl, issuer);
  const list = { trustedCaId: id, issuerSha256: sha256Hex(crl.issuer.der), thisUpdateMs: crl.thisUpdate.date.getTime(), nextUpdateMs, crlDer: Buffer.from(crl.der) };
  return await ports.transactions.write(async ({ trustedCas, bindings, sessions, audit }) => {
    const nowMs = ports.clock().getTime();
    const before = (await trustedCas.crls(id)).find(({ issuerSha256 }) => issuerSha256 === list.issuerSha256);
    // An older list would let revoked certificates come back.
    if (before !== undefined && before.thisUpdateMs > list.thisUpdateMs) throw new AppError('CRL_NOT_ACCEPTED', { reason: 'older' });
    await trustedCas.saveCrl(list);
    await endSessionsOfCertificates({ sessions, audit }, ports.auditSeal, listed(await bindings.ofTrustedCa(id), crl), { actor: 'system', because: 'revoked', nowMs });
    await recordAudit(audit, ports.auditSeal, { atMs: nowMs, actor: caller.accountId, event: 'trusted-ca.crl', target: id, details: { entries: crl.entries.length, sha256: sha256Hex(crl.der) } });
    return await trustedCaView(trustedCas, row);
  });
}

/** SHA-256 of the bound certificates that stand on the list: of the same issuer, whose serial numbers alone say nothing. */
function listed(bound: readonly BindingRow[], crl: CertificateRevocationList): string[] {
  const serials = new Set(crl.entries.map(({ serialHex }) => serialHex));
  return bound.filter(({ serialHex, certificateDer }) => serials.has(serialHex) && equalBytes(parseCertificate(certificateDer).issuer.der, crl.issuer.der)).map(({ certificateSha256 }) => certificateSha256);
}

/** A complete list, signed by the CA, of now (RFC 5280 §6.3.3). @returns its end */
async function checkList({ crypto, clock }: TrustedCasPorts, crl: CertificateRevocationList, issuer: Certificate): Promise<number> {
  const usage = findExtension(issuer.extensions, KEY_USAGE)?.value;
  if (usage !== undefined && !usage.includes('cRLSign')) throw new AppError('CRL_NOT_ACCEPTED', { reason: 'issuer may not sign lists' });
  // A delta list or one with a distribution point tells of a part only, and says so in a critical extension.
  if (findUnknownCritical(crl.extensions, CRL_EXTENSIONS) !== null) throw new AppError('CRL_NOT_ACCEPTED', { reason: 'critical extension' });
  if (!equalBytes(crl.signatureAlgorithm.der, crl.tbsSignatureAlgorithm.der)) throw new AppError('CRL_NOT_ACCEPTED', { reason: 'signature' });
  if (!(await verifySigned(crl, issuer.publicKeySpkiDer, crypto))) throw new AppError('CRL_NOT_ACCEPTED', { reason: 'signature' });
  const now = clock();
  if (crl.nextUpdate === null || crl.nextUpdate.date <= now) throw new AppError('CRL_NOT_ACCEPTED', { reason: 'ended' });
  if (crl.thisUpdate.date > now) throw new AppError('CRL_NOT_ACCEPTED', { reason: 'not valid yet' });
  return crl.nextUpdate.date.getTime();
}

async function trustedCaView(trustedCas: TrustedCaRecords, row: TrustedCaRow): Promise<TrustedCa> {
  const chain = chainOf(row).map((der) => parseCertificate(der));
  const [issuing] = chain;
  const list = (await trustedCas.crls(row.id)).find(({ issuerSha256 }) => issuing !== undefined && issuerSha256 === sha256Hex(issuing.subject.der));
  return { id: row.id, name: row.name, withoutCrl: row.withoutCrl, subjects: chain.map(({ subject }) => nameText(subject)), crlNextUpdateUtc: utcTextOrNull(list?.nextUpdateMs ?? null) };
}

function readAs<T>(code: 'CERTIFICATE_MALFORMED' | 'CRL_NOT_ACCEPTED', read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw thrown instanceof AppError ? new AppError(code, { ...thrown.details, reason: String(thrown.details.reason ?? thrown.code) }, thrown) : thrown;
  }
}

function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
