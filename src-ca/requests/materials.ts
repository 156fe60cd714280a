/** Materials (材料): the stamped scans that a request needs. Uploaded to a draft or a rejected request, looked at by the reviewer; what a file says it is must be what it is. */
import { createHash } from 'node:crypto';
import type { Request, RequestMaterial } from '#shared/contract/rest/requests.ts';
import { MAX_MATERIAL_BYTES, MAX_MATERIALS } from '#shared/contract/rest/requests.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Caller } from '../caller.ts';
import { DAY_MS, type Clock } from '../clock.ts';
import { newId } from '../identifiers.ts';
import { prepareAndCallOnce, type OncePorts } from '../once/call-once.ts';
import type { OnceCall } from '../once/idempotency-port.ts';
import { rulesOf } from '../orders/order-port.ts';
import type { Transactions } from '../transactions.ts';
import type { MaterialFiles } from './material-port.ts';
import type { MovePorts, MoveScope } from './move-request.ts';
import { ownedRequest, readableRequest } from './read-requests.ts';
import type { MaterialRow, RequestRecords, RequestRow } from './request-port.ts';
import { EDITABLE_STATES } from './request-transitions.ts';
import { materialView, requestView, type RequestViewScope } from './request-view.ts';

type Scope = MoveScope & RequestViewScope;
type MaterialPorts = { readonly transactions: Transactions<Scope>; readonly materialFiles: MaterialFiles; readonly clock: Clock } & MovePorts;

/** What any request may bring beside the list of its change kind. */
export const GENERAL_MATERIALS: readonly string[] = ['application-form', 'identity-proof', 'other-proof'];

const FIRST_BYTES: Readonly<Record<RequestMaterial['mediaType'], readonly string[]>> = { 'application/pdf': ['255044462d'], 'image/jpeg': ['ffd8ff'], 'image/png': ['89504e470d0a1a0a'] };

export interface Upload {
  readonly materialKindId: string;
  readonly fileName: string;
  readonly mediaType: RequestMaterial['mediaType'];
  /** Base64. */
  readonly content: string;
}

/** The file stands before its record does, but not for a call that is answered already; one without a record is swept away later. @throws NOT_FOUND, REQUEST_STATE, MATERIAL_*, INPUT_INVALID, IDEMPOTENCY_* */
export async function addMaterial(ports: OncePorts<Scope> & MaterialPorts, caller: Caller, requestId: string, upload: Upload, once: OnceCall): Promise<Request> {
  const content = readContent(upload);
  const id = newId();
  const row: MaterialRow = {
    id, requestId, materialKindId: upload.materialKindId, fileName: upload.fileName, mediaType: upload.mediaType, bytes: content.length,
    sha256Hex: createHash('sha256').update(content).digest('hex'), addedAtMs: ports.clock().getTime(), approved: 0,
  };
  const writeFile = async () => {
    await ports.transactions.read((scope: Scope) => checkPlace(scope, caller, row));
    await ports.materialFiles.write(id, content);
  };
  return await prepareAndCallOnce(ports, once, writeFile, async (scope: Scope) => {
    const request = await checkPlace(scope, caller, row);
    await scope.requests.insertMaterial(row);
    await recordAudit(scope.audit, ports.auditSeal, { atMs: row.addedAtMs, actor: caller.accountId, event: 'request.material-added', target: requestId, details: { materialId: id, materialKindId: row.materialKindId, sha256: row.sha256Hex, bytes: row.bytes } });
    return await requestView(scope, await touch(scope.requests, request));
  });
}

/** Canonical base64 of a file that is what it says. @throws INPUT_INVALID, MATERIAL_TOO_LARGE, MATERIAL_TYPE */
function readContent({ content, mediaType }: Upload): Buffer {
  const bytes = Buffer.from(content, 'base64');
  if (bytes.toString('base64') !== content) throw new AppError('INPUT_INVALID', { field: 'content', reason: 'not base64' });
  if (bytes.length > MAX_MATERIAL_BYTES) throw new AppError('MATERIAL_TOO_LARGE', { maxBytes: MAX_MATERIAL_BYTES, bytes: bytes.length });
  if (!FIRST_BYTES[mediaType].some((first) => bytes.subarray(0, first.length / 2).toString('hex') === first)) throw new AppError('MATERIAL_TYPE', { mediaType });
  return bytes;
}

async function checkPlace(scope: Scope, caller: Caller, { requestId, materialKindId }: MaterialRow): Promise<RequestRow> {
  const request = await editableRequest(scope, caller, requestId);
  const project = await scope.catalogue.project(request.projectId);
  const kind = project === null ? undefined : rulesOf(project).changeKinds.find(({ id }) => id === request.changeKindId);
  const onList = kind?.materials.some(({ id }) => id === materialKindId) ?? false;
  if (!onList && !GENERAL_MATERIALS.includes(materialKindId)) throw new AppError('MATERIAL_KIND_UNKNOWN', { materialKindId });
  if ((await scope.requests.materials([requestId])).length >= MAX_MATERIALS) throw new AppError('MATERIAL_TOO_MANY', { max: MAX_MATERIALS });
  return request;
}

async function editableRequest(scope: Scope, caller: Caller, requestId: string): Promise<RequestRow> {
  const request = await ownedRequest(scope.requests, caller, requestId);
  if (!EDITABLE_STATES.includes(request.state)) throw new AppError('REQUEST_STATE', { state: request.state });
  return request;
}

/** A change of the materials is a change of the request: an update that has not seen it is refused. */
async function touch(requests: RequestRecords, row: RequestRow): Promise<RequestRow> {
  const touched = { ...row, version: row.version + 1 };
  if (!(await requests.change(row, { version: touched.version }))) throw new AppError('REQUEST_VERSION', { version: touched.version });
  return touched;
}

/** @throws NOT_FOUND */
export async function getMaterial(ports: Pick<MaterialPorts, 'transactions' | 'materialFiles'>, caller: Caller, requestId: string, materialId: string): Promise<{ material: RequestMaterial; content: string }> {
  const row = await ports.transactions.read(async ({ requests }) => {
    await readableRequest(requests, caller, requestId);
    return (await requests.materials([requestId])).find(({ id }) => id === materialId) ?? refuse('NOT_FOUND', { what: 'material' });
  });
  return { material: materialView(row), content: (await ports.materialFiles.read(row.id)).toString('base64') };
}

/** @throws NOT_FOUND, REQUEST_STATE */
export async function removeMaterial(ports: MaterialPorts, caller: Caller, requestId: string, materialId: string): Promise<Request> {
  const request = await ports.transactions.write(async (scope) => {
    const row = await editableRequest(scope, caller, requestId);
    const material = (await scope.requests.materials([requestId])).find(({ id }) => id === materialId) ?? refuse('NOT_FOUND', { what: 'material' });
    await scope.requests.removeMaterial(material.id);
    await recordAudit(scope.audit, ports.auditSeal, { atMs: ports.clock().getTime(), actor: caller.accountId, event: 'request.material-removed', target: requestId, details: { materialId, sha256: material.sha256Hex } });
    return await requestView(scope, await touch(scope.requests, row));
  });
  await ports.materialFiles.remove(materialId);
  return request;
}

/** How long the materials of a request outlive its end, when it ended without an approval and without a result; the operator may choose otherwise. */
export const MATERIALS_KEPT_DAYS = 30;
const REMOVED_AT_ONCE = 500;

type ExpireMaterialsPorts = Pick<MaterialPorts, 'transactions' | 'materialFiles' | 'clock' | 'auditSeal'> & { readonly materialsKeptMs: number };

/**
 * The clock's work: scans of identity papers are not kept for requests that came to nothing. A draft or a rejected request can be handed in again and keeps
 * its own; what staff have approved rests on its materials and keeps them, however it ended. The digests stay in the audit log.
 * @returns how many were removed
 */
export async function expireMaterials(ports: ExpireMaterialsPorts): Promise<number> {
  const nowMs = ports.clock().getTime();
  const removed = await ports.transactions.write(async ({ requests, audit }) => {
    const due = await requests.materialsOfEnded(nowMs - ports.materialsKeptMs, REMOVED_AT_ONCE);
    for (const { id } of due) await requests.removeMaterial(id);
    for (const requestId of new Set(due.map((row) => row.requestId))) {
      const materials = due.filter((row) => row.requestId === requestId).map(({ id, materialKindId, sha256Hex }) => `${id} ${materialKindId} ${sha256Hex}`);
      await recordAudit(audit, ports.auditSeal, { atMs: nowMs, actor: 'system', event: 'request.materials-expired', target: requestId, details: { materials } });
    }
    return due;
  });
  // A file that stays behind when the service ends here is swept away: it has no record any more.
  for (const { id } of removed) await ports.materialFiles.remove(id);
  return removed.length;
}

/** Files whose record was never written, or is gone. A file of a call that is under way is younger than a day. */
export async function sweepMaterials(ports: Pick<MaterialPorts, 'transactions' | 'materialFiles' | 'clock'>): Promise<void> {
  const ids = await ports.materialFiles.writtenBefore(ports.clock().getTime() - DAY_MS);
  const known = new Set(await ports.transactions.read(({ requests }) => requests.knownMaterials(ids)));
  for (const id of ids) if (!known.has(id)) await ports.materialFiles.remove(id);
}
