/** Sessions that end before their time: those that a certificate opened, when it is no key to the account any more; all others of an account, when its password is changed. */
import type { AuditRecords, AuditSeal } from '../audit/audit-port.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { CertificateRecords, CertificateRow } from '../issuance/issuance-port.ts';
import type { SessionRecords } from './account-port.ts';

export interface EndSessionsScope {
  readonly sessions: Pick<SessionRecords, 'endOfCertificates'>;
  readonly certificates: Pick<CertificateRecords, 'onToken'>;
  readonly audit: AuditRecords;
}

export interface SessionsEnd {
  /** Account id, or `system`. */
  readonly actor: string;
  readonly because: 'unbound' | 'suspended' | 'revoked';
  readonly nowMs: number;
  /** Of this account only; absent: of every account that the certificate opened. */
  readonly accountId?: string;
}

/** A certificate of this service: also what its predecessors on the same key have opened, for a renewal lets their sessions go on. */
export async function endSessionsOfPair(scope: EndSessionsScope, auditSeal: AuditSeal, certificate: Pick<CertificateRow, 'projectId' | 'tokenSerial'>, end: SessionsEnd): Promise<void> {
  const pairs = (await scope.certificates.onToken(certificate.tokenSerial)).filter(({ purpose, projectId }) => purpose === 'sign' && projectId === certificate.projectId);
  await endSessionsOfCertificates(scope, auditSeal, pairs.map(({ sha256Hex }) => sha256Hex), end);
}

/** In the transaction that ends their right. */
export async function endSessionsOfCertificates(scope: Pick<EndSessionsScope, 'sessions' | 'audit'>, auditSeal: AuditSeal, certificateSha256s: readonly string[], end: SessionsEnd): Promise<void> {
  const ended = await scope.sessions.endOfCertificates(certificateSha256s, end.nowMs, end.accountId);
  for (const { id, accountId, certificateSha256 } of ended) {
    await recordAudit(scope.audit, auditSeal, { atMs: end.nowMs, actor: end.actor, event: 'session.ended-with-certificate', target: accountId, details: { sessionId: id, certificateSha256, because: end.because } });
  }
}
