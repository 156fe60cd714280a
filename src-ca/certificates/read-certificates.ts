/** Certificates that the service issued: search and detail. Staff see all, an account its own. */
import type { CertificateRecord, CertificateState } from '#shared/contract/rest/certificates.ts';
import { refuse } from '#shared/errors/app-error.ts';
import type { Caller } from '../caller.ts';
import { utcText, utcTextOrNull } from '../clock.ts';
import { pageOf, type CursorCodec } from '../cursors/cursor.ts';
import type { CertificateFilter, CertificateRecords, CertificateRow } from '../issuance/issuance-port.ts';
import type { Transactions } from '../transactions.ts';

interface ReadCertificatesPorts {
  readonly transactions: Transactions<{ certificates: CertificateRecords }>;
  readonly cursors: CursorCodec;
}

export interface CertificateQuery {
  readonly limit: number;
  readonly after: string | undefined;
  readonly serialHex: string | undefined;
  readonly subject: string | undefined;
  readonly tokenSerial: string | undefined;
  readonly state: CertificateState | undefined;
}

/** Newest first. @throws CURSOR_INVALID */
export async function searchCertificates(ports: ReadCertificatesPorts, caller: Caller, query: CertificateQuery): Promise<{ items: CertificateRecord[]; next: string | null }> {
  const { limit, after: cursor, ...wanted } = query;
  const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
  const filter: CertificateFilter = { ...given, ...(caller.role === 'staff' ? {} : { accountId: caller.accountId }) };
  const list = `certificates:${caller.accountId}:${JSON.stringify(Object.entries(given).sort())}`;
  const after = cursor === undefined ? null : ports.cursors.read(list, cursor);
  const rows = await ports.transactions.read(({ certificates }) => certificates.page(filter, after, limit + 1));
  return pageOf(rows, limit, { cursors: ports.cursors, list, positionOf: ({ createdAtMs, serialHex }) => ({ createdAtMs, id: serialHex }) }, rows.slice(0, limit).map(certificateView));
}

/** @throws NOT_FOUND, also when the certificate is another account's */
export async function getCertificate(ports: Pick<ReadCertificatesPorts, 'transactions'>, caller: Caller, serialHex: string): Promise<CertificateRecord> {
  const row = await ports.transactions.read(({ certificates }) => certificates.bySerial(serialHex));
  return row !== null && (caller.role === 'staff' || row.accountId === caller.accountId) ? certificateView(row) : refuse('NOT_FOUND', { what: 'certificate' });
}

export function certificateView(row: CertificateRow): CertificateRecord {
  const { serialHex, purpose, state, subject, issuer, projectName, tokenSerial, issuanceId, sha256Hex } = row;
  return {
    serialHex, purpose, state, subject, issuer, projectName, tokenSerial, issuanceId,
    notBeforeUtc: utcText(row.notBeforeMs), notAfterUtc: utcText(row.notAfterMs), sha256Hex,
    certificateDer: row.certificateDer.toString('base64'), revokedAtUtc: utcTextOrNull(row.revokedAtMs), revocationReason: row.revocationReason,
  };
}
