/** Submitting a draft, or a rejected request again; and withdrawing one. Everything that must be said is checked here, once more against what is true now. */
import type { CertificateSubject } from '#shared/contract/rest/orders.ts';
import type { Request } from '#shared/contract/rest/requests.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { assert } from '#shared/errors/assert.ts';
import type { Caller } from '../caller.ts';
import type { Clock } from '../clock.ts';
import type { SendCodePorts } from '../codes/send-code.ts';
import type { CertificateRecords, IssuanceRecords } from '../issuance/issuance-port.ts';
import { replacedCertificate } from '../issuance/replaced-certificate.ts';
import { checkSubject } from '../orders/check-subject.ts';
import { rulesOf, type CatalogueRecords, type ProjectRow } from '../orders/order-port.ts';
import type { Transactions } from '../transactions.ts';
import { checkCertificateFor, subjectBefore } from './certificate-of-request.ts';
import { applicant, moveRequest, refuseExpired, type MovePorts, type MoveScope } from './move-request.ts';
import { ownedRequest } from './read-requests.ts';
import { checkRenewalWindow } from './renewal-window.ts';
import { refuseIncomplete } from './request-fields.ts';
import { requestSubject, type RequestRow } from './request-port.ts';
import { nextRequestState } from './request-transitions.ts';
import { requestView, type RequestViewScope } from './request-view.ts';
import { checkValidity } from './request-validity.ts';
import { sendRequestCode } from './send-request-code.ts';

type Scope = MoveScope & RequestViewScope & { readonly catalogue: CatalogueRecords; readonly certificates: CertificateRecords; readonly issuances: IssuanceRecords };

export type SubmitRequestPorts = { readonly transactions: Transactions<Scope>; readonly clock: Clock } & SendCodePorts;

/** Kinds whose holder confirms them with a code instead of a review. */
const CODE_AT_ONCE: readonly RequestRow['kind'][] = ['revocation', 'suspension'];

/** @throws NOT_FOUND, REQUEST_*, ACCOUNT_SUBJECT_INVALID */
export async function submitRequest(ports: SubmitRequestPorts, caller: Caller, requestId: string): Promise<Request> {
  return await ports.transactions.write(async (scope) => {
    const nowMs = ports.clock().getTime();
    const row = await ownedRequest(scope.requests, caller, requestId);
    nextRequestState(row.kind, row.state, 'submit', 'applicant');
    refuseExpired(row, applicant(caller), nowMs);
    const project = await scope.catalogue.project(row.projectId);
    assert(project, 'every request belongs to a project');
    await checkWhole(scope, row, project, nowMs);
    // What staff agreed to was the request as it stood before it was rejected.
    await scope.requests.removeRecoveryApprovals(row.id);
    const submitted = await moveRequest(scope, ports, row, { event: 'submit', by: applicant(caller), nowMs, changes: { submittedAtMs: nowMs, rejectionReason: null, claimedByStaffId: null } });
    return await requestView(scope, CODE_AT_ONCE.includes(row.kind) ? await sendRequestCode(scope, ports, submitted, nowMs) : submitted);
  });
}

async function checkWhole(scope: Scope, row: RequestRow, project: ProjectRow, nowMs: number): Promise<void> {
  const offered = (await scope.catalogue.items()).some((item) => item.projectId === row.projectId && item.kind === row.kind && item.certificateType === row.certificateType);
  refuseIncomplete(row, offered);
  const subject = requestSubject(row);
  if (row.kind === 'new-issue' && subject !== null) checkSubject(subject, row.certificateType);
  if (row.kind === 'change') await refuseNoChange(scope, row);
  await checkCertificateFor(scope.certificates, row, nowMs);
  await refuseReplacedBefore(scope, row);
  if (row.kind === 'renewal' && row.certificateSerialHex !== null) {
    const certificate = await scope.certificates.bySerial(row.certificateSerialHex);
    checkRenewalWindow(rulesOf(project).renewalRule, certificate?.notAfterMs ?? 0, nowMs);
  }
  if (row.kind === 'key-recovery') await refuseDeadTarget(scope, row);
  await checkValidity(scope.certificates, row, nowMs);
  await refuseMissingMaterials(scope, row, project);
}

/** The draft begins with the subject as it is. @throws REQUEST_INCOMPLETE */
async function refuseNoChange(scope: Scope, row: RequestRow): Promise<void> {
  if (sameSubject(await subjectBefore(scope, row), requestSubject(row))) throw new AppError('REQUEST_INCOMPLETE', { kind: row.kind, fields: ['subject'] });
}

function sameSubject(before: CertificateSubject, after: CertificateSubject | null): boolean {
  return after !== null && (Object.keys(before) as (keyof CertificateSubject)[]).every((field) => before[field] === after[field]);
}

/** A pair is replaced once: what was paid for one key must not become two. @throws REQUEST_CERTIFICATE_STATE */
async function refuseReplacedBefore(scope: Scope, row: RequestRow): Promise<void> {
  const serialHex = replacedCertificate(row);
  const other = serialHex === null ? null : await scope.requests.completedAbout(serialHex, ['renewal', 'change', 'reissue']);
  if (other !== null) throw new AppError('REQUEST_CERTIFICATE_STATE', { state: 'replaced', requestId: other.id });
}

/** An old key goes only to a key that works and is the applicant's. @throws REQUEST_OTHER_KEY */
async function refuseDeadTarget(scope: Scope, row: RequestRow): Promise<void> {
  const onKey = await scope.certificates.onToken(row.tokenSerial ?? '');
  if (!onKey.some(({ accountId, state }) => accountId === row.accountId && state === 'active')) throw new AppError('REQUEST_OTHER_KEY', { wanted: 'one with an active certificate' });
}

/** @throws REQUEST_MATERIALS_MISSING */
async function refuseMissingMaterials(scope: Scope, row: RequestRow, project: ProjectRow): Promise<void> {
  if (row.kind !== 'change') return;
  const kind = rulesOf(project).changeKinds.find(({ id }) => id === row.changeKindId) ?? refuse('ORDER_ITEM_UNKNOWN', { changeKindId: row.changeKindId });
  const uploaded = (await scope.requests.materials([row.id])).map(({ materialKindId }) => materialKindId);
  const missing = kind.materials.filter(({ id, required }) => required && !uploaded.includes(id)).map(({ id }) => id);
  if (missing.length > 0) throw new AppError('REQUEST_MATERIALS_MISSING', { materials: missing });
}

export type WithdrawRequestPorts = { readonly transactions: Transactions<MoveScope & RequestViewScope>; readonly clock: Clock } & MovePorts;

/** Before its review or after its rejection. @throws NOT_FOUND, REQUEST_STATE */
export async function withdrawRequest(ports: WithdrawRequestPorts, caller: Caller, requestId: string): Promise<Request> {
  return await ports.transactions.write(async (scope) => {
    const row = await ownedRequest(scope.requests, caller, requestId);
    return await requestView(scope, await moveRequest(scope, ports, row, { event: 'withdraw', by: applicant(caller), nowMs: ports.clock().getTime() }));
  });
}
