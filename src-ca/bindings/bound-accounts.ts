/** Who is bound to what: explicit bindings, and the one that every certificate of this service has with its own account until that is ended. */
import { createHash } from 'node:crypto';
import type { CertificateRecords, CertificateRow } from '../issuance/issuance-port.ts';
import type { BindingRecords, BindingRow } from './binding-port.ts';
import type { KnownCertificate } from './check-certificate.ts';

export interface BoundAccount {
  readonly accountId: string;
  /** Null: bound by issuance, and nothing was remembered of it yet. */
  readonly binding: BindingRow | null;
}

export async function accountsBoundTo(bindings: BindingRecords, certificate: Pick<KnownCertificate, 'certificateSha256' | 'ownerAccountId'>): Promise<BoundAccount[]> {
  const rows = await bindings.ofCertificate(certificate.certificateSha256);
  const bound: BoundAccount[] = rows.filter(({ state }) => state === 'bound').map((binding) => ({ accountId: binding.accountId, binding }));
  const { ownerAccountId } = certificate;
  return ownerAccountId !== null && !rows.some(({ accountId }) => accountId === ownerAccountId) ? [{ accountId: ownerAccountId, binding: null }, ...bound] : bound;
}

/** What an account is bound to by issuance alone: its valid signing certificates of which no binding tells otherwise. */
export async function issuedTo(scope: { readonly bindings: BindingRecords; readonly certificates: CertificateRecords }, accountId: string, rows: readonly BindingRow[], nowMs: number): Promise<CertificateRow[]> {
  const told = new Set(rows.map(({ certificateSha256 }) => certificateSha256));
  const own = await scope.certificates.signOfAccount(accountId);
  return own.filter(({ state, notAfterMs, sha256Hex }) => (state === 'active' || state === 'suspended') && notAfterMs > nowMs && !told.has(sha256Hex));
}

/** The same id every time, before there is a row. */
export function issuedBindingId(accountId: string, certificateSha256: string): string {
  return createHash('sha256').update(`binding by issuance\n${accountId}\n${certificateSha256}`).digest('hex').slice(0, 32);
}

export function issuedBindingRow(accountId: string, certificate: KnownCertificate | CertificateRow, atMs: number): BindingRow {
  const { serialHex, subject, issuer, notBeforeMs, notAfterMs } = certificate;
  const certificateSha256 = 'sha256Hex' in certificate ? certificate.sha256Hex : certificate.certificateSha256;
  return {
    id: issuedBindingId(accountId, certificateSha256), accountId, source: 'issued', state: 'bound', certificateSha256, serialHex, subject, issuer, projectId: certificate.projectId, trustedCaId: null,
    certificateDer: Buffer.from(certificate.certificateDer), notBeforeMs, notAfterMs, boundAtMs: atMs, unboundAtMs: null, lastLoginAtMs: null,
  };
}
