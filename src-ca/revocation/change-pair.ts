/** Suspends, releases or revokes a pair in the caller's transaction: state, staleness of the list, the sessions that it opened and the audit entry together. */
import type { RevocationReason } from '#shared/contract/rest/requests.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { endSessionsOfPair, type EndSessionsScope } from '../accounts/end-sessions.ts';
import type { AuditRecords, AuditSeal } from '../audit/audit-port.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { CertificateRecords, CertificateRow, CrlRecords } from '../issuance/issuance-port.ts';
import { nextPairState, type PairEvent } from './pair-states.ts';

export interface ChangePairScope extends EndSessionsScope {
  readonly certificates: CertificateRecords;
  readonly crls: CrlRecords;
  readonly audit: AuditRecords;
}

export type PairChange =
  | { readonly event: 'suspend' }
  | { readonly event: 'release' }
  | { readonly event: 'revoke'; readonly reason: RevocationReason };

export interface ChangedBy {
  /** Account id, or `system`. */
  readonly actor: string;
  /** How it was brought about: `staff`, `key`, `code`, `renewal` … */
  readonly way: string;
  readonly requestId?: string;
  readonly note?: string;
  readonly nowMs: number;
}

type ChangedCertificate = Pick<CertificateRow, 'serialHex' | 'issuanceId' | 'caId' | 'projectId' | 'tokenSerial' | 'state' | 'revokedAtMs'>;

/** Here the pair ends because a new one of the same holder on the same key takes its place – of a new issue, when it has expired –, and its sessions go on. */
const REPLACING_WAYS: readonly string[] = ['renewal', 'change', 'new-issue'];

const AUDITED = { suspend: 'certificate.suspended', release: 'certificate.released', revoke: 'certificate.revoked' } as const satisfies Record<PairEvent, string>;

/** @param certificate either one of the pair. @throws CERTIFICATE_STATE */
export async function changePair(scope: ChangePairScope, auditSeal: AuditSeal, certificate: ChangedCertificate, change: PairChange, by: ChangedBy): Promise<void> {
  const next = nextPairState(certificate.state, change.event);
  const changed = await scope.certificates.setState(certificate.issuanceId, certificate.state, next, columnsOf(change, certificate, by.nowMs));
  if (changed === 0) throw new AppError('CERTIFICATE_STATE', { state: certificate.state, event: change.event });
  await scope.crls.markStale(certificate.caId);
  // What is pending has opened nothing yet, but its predecessor may have.
  const endsSessions = change.event !== 'release' && certificate.state !== 'pending' && !REPLACING_WAYS.includes(by.way);
  if (endsSessions) await endSessionsOfPair(scope, auditSeal, certificate, { actor: by.actor, because: change.event === 'suspend' ? 'suspended' : 'revoked', nowMs: by.nowMs });
  await recordAudit(scope.audit, auditSeal, {
    atMs: by.nowMs, actor: by.actor, event: AUDITED[change.event], target: certificate.serialHex,
    details: { way: by.way, issuanceId: certificate.issuanceId, requestId: by.requestId ?? null, ...(change.event === 'revoke' ? { reason: change.reason } : {}), ...(by.note === undefined ? {} : { note: by.note }) },
  });
}

/** X.509 §9.5.3.1: when a certificate on hold is revoked, its entry keeps the date of the hold – nothing was valid since then. */
function columnsOf(change: PairChange, { revokedAtMs }: Pick<CertificateRow, 'revokedAtMs'>, nowMs: number): { revokedAtMs: number | null; revocationReason: string | null } {
  if (change.event === 'release') return { revokedAtMs: null, revocationReason: null };
  return { revokedAtMs: revokedAtMs ?? nowMs, revocationReason: change.event === 'suspend' ? 'certificateHold' : change.reason };
}
