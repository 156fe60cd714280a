/**
 * Which encryption keys may come back from escrow: all that this service ever put on the key of the old certificate for the same account, except those
 * of the working pair, and only after two different members of staff agreed.
 */
import type { RestorableKey } from '#shared/contract/rest/issuances.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { CertificateRecords, CertificateRow, EscrowedKeyRow, IssuanceRecords } from '../issuance/issuance-port.ts';
import { RECOVERY_APPROVALS_NEEDED } from '../requests/approve-recovery.ts';
import type { RequestRecords, RequestRow } from '../requests/request-port.ts';

/** Kinds that bring keys back. */
const RECOVERING_KINDS: readonly RequestRow['kind'][] = ['reissue', 'key-recovery'];

export interface RestorableScope {
  readonly certificates: CertificateRecords;
  readonly issuances: Pick<IssuanceRecords, 'escrowOf'>;
  readonly requests: Pick<RequestRecords, 'recoveryApprovals'>;
}

/** @throws RECOVERY_NOT_APPROVED */
export async function checkRecoveryApproved(requests: RestorableScope['requests'], request: RequestRow): Promise<void> {
  const approvals = await approvalsOf(requests, request);
  if (approvals < RECOVERY_APPROVALS_NEEDED) throw new AppError('RECOVERY_NOT_APPROVED', { approvals });
}

/** The applicant's own agreement never counts, wherever it may have come from. */
async function approvalsOf(requests: RestorableScope['requests'], request: RequestRow): Promise<number> {
  const approvals = await requests.recoveryApprovals([request.id]);
  return new Set(approvals.map(({ staffId }) => staffId).filter((staffId) => staffId !== request.accountId)).size;
}

/** Nothing before both approvals, and nothing for other kinds. @param issuanceId of the pair that is being written or works already */
export async function restorableKeysOf(scope: RestorableScope, request: RequestRow, issuanceId: string): Promise<RestorableKey[]> {
  if (!RECOVERING_KINDS.includes(request.kind) || (await approvalsOf(scope.requests, request)) < RECOVERY_APPROVALS_NEEDED) return [];
  const rows = await restorableCertificates(scope, request, issuanceId);
  return rows.map(({ certificate }) => ({ certificateSerialHex: certificate.serialHex, certificateDer: certificate.certificateDer.toString('base64'), from: 'escrow' }));
}

export interface RestorableCertificate {
  readonly certificate: CertificateRow;
  readonly escrow: EscrowedKeyRow;
}

/** Newest first; of several certificates over one key the newest. */
export async function restorableCertificates(scope: RestorableScope, request: RequestRow, issuanceId: string): Promise<RestorableCertificate[]> {
  const about = request.certificateSerialHex === null ? null : await scope.certificates.bySerial(request.certificateSerialHex);
  if (about === null || about.accountId !== request.accountId) return [];
  const onOldKey = (await scope.certificates.encryptionOnToken(about.tokenSerial)).filter(({ accountId, state }) => accountId === request.accountId && state !== 'pending');
  const working = new Set((await scope.certificates.ofIssuance(issuanceId)).map(({ publicKeySha256 }) => publicKeySha256));
  const newestOfKey = onOldKey.filter(({ publicKeySha256 }, index) => !working.has(publicKeySha256) && onOldKey.findIndex((other) => other.publicKeySha256 === publicKeySha256) === index);
  const found: RestorableCertificate[] = [];
  for (const certificate of newestOfKey) {
    const escrow = await escrowOf(scope, certificate, onOldKey);
    if (escrow !== null && escrow.algorithm === request.keyAlgorithm) found.push({ certificate, escrow });
  }
  return found;
}

/** A certificate over a key that was kept has no escrowed key of its own. */
async function escrowOf({ issuances }: RestorableScope, certificate: CertificateRow, others: readonly CertificateRow[]): Promise<EscrowedKeyRow | null> {
  for (const { serialHex } of [certificate, ...others.filter(({ publicKeySha256 }) => publicKeySha256 === certificate.publicKeySha256)]) {
    const escrow = await issuances.escrowOf(serialHex);
    if (escrow !== null) return escrow;
  }
  return null;
}
