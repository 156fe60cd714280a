/** Drafts: a request is begun, and changed until it is submitted or after it was rejected. What is said is checked as it is said; what is missing, on submission. */
import type { CertificateSubject } from '#shared/contract/rest/orders.ts';
import type { Request, RequestDraft, RequestUpdate } from '#shared/contract/rest/requests.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Caller } from '../caller.ts';
import type { CertificateRecords, CertificateRow, IssuanceRecords } from '../issuance/issuance-port.ts';
import { newId, newRequestNumber } from '../identifiers.ts';
import { callOnce, type OncePorts } from '../once/call-once.ts';
import type { OnceCall } from '../once/idempotency-port.ts';
import { checkSubject } from '../orders/check-subject.ts';
import { rulesOf, type CatalogueRecords, type ProjectRow } from '../orders/order-port.ts';
import { itemView } from '../orders/order-view.ts';
import type { Transactions } from '../transactions.ts';
import { blankRequest } from './blank-request.ts';
import { checkCertificateFor, ownedSigningCertificate, subjectBefore } from './certificate-of-request.ts';
import { applicant, insertRequest, refuseExpired, type MovePorts, type MoveScope } from './move-request.ts';
import { ownedRequest } from './read-requests.ts';
import { expiryOf } from './request-expiry.ts';
import { refuseForeignFields } from './request-fields.ts';
import { requestSubject, type RequestRow } from './request-port.ts';
import { EDITABLE_STATES } from './request-transitions.ts';
import { requestView, type RequestViewScope } from './request-view.ts';

export type DraftScope = MoveScope & RequestViewScope & { readonly catalogue: CatalogueRecords; readonly certificates: CertificateRecords; readonly issuances: IssuanceRecords };

export type CreateRequestPorts = OncePorts<DraftScope> & MovePorts;

/** @throws NOT_FOUND, REQUEST_FIELD_*, REQUEST_CERTIFICATE_STATE, REQUEST_OTHER_KEY, REQUEST_INCOMPLETE, ORDER_ITEM_UNKNOWN, ACCOUNT_SUBJECT_INVALID, IDEMPOTENCY_* */
export async function createRequest(ports: CreateRequestPorts, caller: Caller, draft: RequestDraft, once: OnceCall): Promise<Request> {
  const { kind, ...content } = draft;
  refuseForeignFields(kind, Object.keys(content));
  return await callOnce(ports, once, async (scope: DraftScope) => {
    const now = ports.clock();
    const begun = await beginning(scope, caller, draft);
    const blank = blankRequest({ id: newId(), number: newRequestNumber(now), accountId: caller.accountId, project: begun.project, kind, certificateType: begun.certificateType, nowMs: now.getTime() });
    const filled = await withContent(scope, { ...blank, ...begun.columns }, begun.project, content, now.getTime());
    return await requestView(scope, await insertRequest(scope, ports, filled, 'draft', applicant(caller), now.getTime()));
  });
}

interface Beginning {
  readonly project: ProjectRow;
  readonly certificateType: RequestRow['certificateType'];
  readonly columns: Partial<Pick<RequestRow, 'certificateSerialHex' | 'tokenSerial' | 'subjectJson'>>;
}

/** Project and holder follow from the certificate; of a new issue the applicant names the project, of an unlock the key. */
async function beginning(scope: DraftScope, caller: Caller, draft: RequestDraft): Promise<Beginning> {
  if (draft.kind === 'new-issue') {
    if (draft.projectId === undefined) throw new AppError('REQUEST_INCOMPLETE', { kind: draft.kind, fields: ['projectId'] });
    const project = (await scope.catalogue.project(draft.projectId)) ?? refuse('ORDER_ITEM_UNKNOWN', { projectId: draft.projectId });
    const account = (await scope.accounts.byId(caller.accountId)) ?? refuse('NOT_FOUND', { what: 'account' });
    return { project, certificateType: account.kind, columns: {} };
  }
  const certificate = await certificateAskedFor(scope, caller, draft);
  const project = (await scope.catalogue.project(certificate.projectId)) ?? refuse('NOT_FOUND', { what: 'project' });
  const issuance = await scope.issuances.byId(certificate.issuanceId);
  const before = issuance === null ? null : await scope.requests.byId(issuance.requestId);
  if (issuance === null || before === null) refuse('NOT_FOUND', { what: 'certificate' });
  // What was given up before it worked is paid back; there is nothing that a reissue could take the place of.
  if (draft.kind === 'reissue' && issuance.completedAtMs === null) throw new AppError('REQUEST_CERTIFICATE_STATE', { state: 'never-active' });
  return { project, certificateType: before.certificateType, columns: { certificateSerialHex: certificate.serialHex, tokenSerial: certificate.tokenSerial, subjectJson: issuance.subjectJson } };
}

async function certificateAskedFor(scope: DraftScope, caller: Caller, { kind, certificateSerialHex, tokenSerial }: RequestDraft): Promise<CertificateRow> {
  if (certificateSerialHex !== undefined) return await ownedSigningCertificate(scope.certificates, caller.accountId, certificateSerialHex);
  if (kind !== 'unlock' || tokenSerial === undefined) throw new AppError('REQUEST_INCOMPLETE', { kind, fields: [kind === 'unlock' ? 'tokenSerial' : 'certificateSerialHex'] });
  const mine = (await scope.certificates.onToken(tokenSerial)).filter((row) => row.accountId === caller.accountId && row.state !== 'pending');
  return mine.find(({ state }) => state === 'active') ?? mine[0] ?? refuse('NOT_FOUND', { what: 'key' });
}

type Content = Omit<RequestUpdate, 'version'>;
type Filled = Parameters<typeof insertRequest>[2];

/** The columns with what is said now. */
async function withContent<R extends Filled>(scope: DraftScope, row: R, project: ProjectRow, content: Content & { readonly projectId?: string }, nowMs: number): Promise<R> {
  const { tokenModelId, quantity, revocationReason, oldKeyHandling } = content;
  const filled: R = {
    ...row,
    ...(tokenModelId === undefined ? {} : { tokenModelId }), ...(quantity === undefined ? {} : { quantity }),
    ...(revocationReason === undefined ? {} : { revocationReason }), ...(oldKeyHandling === undefined ? {} : { oldKeyHandling }),
  };
  if (filled.kind === 'reissue') filled.oldKeyHandling ??= 'hold-until-new-works';
  setToken(filled, content);
  await checkCertificateFor(scope.certificates, filled, nowMs);
  await setItem(scope, filled, content.itemId);
  setKeyPolicy(filled, project, content.keyPolicy);
  await setSubject(scope, filled, project, content);
  return filled;
}

/** Only a recovery may go to another key than that of the certificate. @throws REQUEST_OTHER_KEY */
function setToken(row: Filled, { tokenSerial }: Content): void {
  if (tokenSerial === undefined) return;
  if (row.kind !== 'key-recovery' && row.tokenSerial !== null && row.tokenSerial !== tokenSerial) throw new AppError('REQUEST_OTHER_KEY', { wanted: 'same' });
  row.tokenSerial = tokenSerial;
}

/** The only item that the project offers for this kind is chosen without asking. @throws ORDER_ITEM_UNKNOWN */
async function setItem(scope: DraftScope, row: Filled, itemId: string | undefined): Promise<void> {
  const offered = (await scope.catalogue.items()).filter((item) => item.projectId === row.projectId && item.kind === row.kind);
  const fitting = offered.filter((item) => row.kind === 'new-issue' || item.certificateType === row.certificateType);
  const item = itemId === undefined ? (row.itemId === null && fitting.length === 1 ? fitting[0] : undefined) : (fitting.find(({ id }) => id === itemId) ?? refuse('ORDER_ITEM_UNKNOWN', { itemId }));
  if (item === undefined) return;
  row.itemId = item.id;
  row.itemJson = JSON.stringify(itemView(item));
  if (row.kind === 'new-issue') row.certificateType = item.certificateType;
}

/** @throws REQUEST_FIELD_NOT_FOR_KIND when the project decides itself */
function setKeyPolicy(row: Filled, project: ProjectRow, keyPolicy: Content['keyPolicy']): void {
  if (row.kind !== 'renewal' && row.kind !== 'change') return;
  const { renewalKeyPolicy } = rulesOf(project);
  const decided = renewalKeyPolicy === 'holder-chooses' ? (keyPolicy ?? row.keyPolicy ?? 'new-keys') : renewalKeyPolicy;
  if (keyPolicy !== undefined && keyPolicy !== decided) throw new AppError('REQUEST_FIELD_NOT_FOR_KIND', { kind: row.kind, field: 'keyPolicy', rule: renewalKeyPolicy });
  row.keyPolicy = decided;
}

/** @throws REQUEST_FIELD_NOT_CHANGEABLE, ACCOUNT_SUBJECT_INVALID */
async function setSubject(scope: DraftScope, row: Filled, project: ProjectRow, { subject, changeKindId }: Content): Promise<void> {
  if (changeKindId !== undefined) row.changeKindId = changeKindId;
  if (subject !== undefined) row.subjectJson = JSON.stringify(subject);
  const wanted = requestSubject(row);
  if (row.kind === 'new-issue' && subject !== undefined && row.itemId !== null) checkSubject(subject, row.certificateType);
  if (row.kind !== 'change' || (subject === undefined && changeKindId === undefined)) return;
  const kind = row.changeKindId === null ? null : (rulesOf(project).changeKinds.find(({ id }) => id === row.changeKindId) ?? refuse('ORDER_ITEM_UNKNOWN', { changeKindId: row.changeKindId }));
  if (wanted === null) return;
  checkSubject(wanted, row.certificateType);
  if (kind !== null) refuseOtherChanges(await subjectBefore(scope, row), wanted, kind.fields);
}

function refuseOtherChanges(before: CertificateSubject, after: CertificateSubject, fields: readonly string[]): void {
  for (const field of Object.keys(after) as (keyof CertificateSubject)[]) {
    if (before[field] !== after[field] && !fields.includes(field)) throw new AppError('REQUEST_FIELD_NOT_CHANGEABLE', { field });
  }
}

export type UpdateRequestPorts = { readonly transactions: Transactions<DraftScope> } & MovePorts & Pick<OncePorts<DraftScope>, 'clock'>;

/** @throws NOT_FOUND, REQUEST_STATE, REQUEST_VERSION, and what a draft may be refused for */
export async function updateRequest(ports: UpdateRequestPorts, caller: Caller, requestId: string, { version, ...content }: RequestUpdate): Promise<Request> {
  return await ports.transactions.write(async (scope) => {
    const nowMs = ports.clock().getTime();
    const row = await ownedRequest(scope.requests, caller, requestId);
    if (!EDITABLE_STATES.includes(row.state)) throw new AppError('REQUEST_STATE', { state: row.state });
    refuseExpired(row, applicant(caller), nowMs);
    if (row.version !== version) throw new AppError('REQUEST_VERSION', { version: row.version });
    refuseForeignFields(row.kind, Object.keys(content));
    if (content.certificateSerialHex !== undefined && content.certificateSerialHex !== row.certificateSerialHex) throw new AppError('REQUEST_FIELD_NOT_CHANGEABLE', { field: 'certificateSerialHex' });
    const project = (await scope.catalogue.project(row.projectId)) ?? refuse('NOT_FOUND', { what: 'project' });
    const filled = await withContent(scope, row, project, content, nowMs);
    const changed: RequestRow = { ...filled, version: row.version + 1, expiresAtMs: expiryOf(filled, nowMs) };
    const { id, ...columns } = changed;
    if (!(await scope.requests.change(row, columns))) throw new AppError('REQUEST_VERSION', { version: (await scope.requests.byId(id))?.version ?? row.version });
    await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: caller.accountId, event: 'request.updated', target: id, details: { version: changed.version, fields: Object.keys(content) } });
    return await requestView(scope, changed);
  });
}
