/** Requests of mine: one, and a page of them; staff read any. */
import type { Request, RequestState } from '#shared/contract/rest/requests.ts';
import type { RequestKind } from '#shared/contract/rest/orders.ts';
import { refuse } from '#shared/errors/app-error.ts';
import type { Caller } from '../caller.ts';
import { pageOf, type CursorCodec } from '../cursors/cursor.ts';
import type { Transactions } from '../transactions.ts';
import type { RequestRecords, RequestRow } from './request-port.ts';
import { requestView, requestViews, type RequestViewScope } from './request-view.ts';

interface ReadRequestsPorts {
  readonly transactions: Transactions<RequestViewScope>;
  readonly cursors: CursorCodec;
}

/** @throws NOT_FOUND, also when the request is another account's */
export async function ownedRequest(requests: RequestRecords, caller: Pick<Caller, 'accountId'>, requestId: string): Promise<RequestRow> {
  const row = await requests.byId(requestId);
  return row !== null && row.accountId === caller.accountId ? row : refuse('NOT_FOUND', { what: 'request' });
}

/** Mine, or anyone's when a staff member asks. @throws NOT_FOUND */
export async function readableRequest(requests: RequestRecords, caller: Caller, requestId: string): Promise<RequestRow> {
  const row = await requests.byId(requestId);
  return row !== null && (row.accountId === caller.accountId || caller.role === 'staff') ? row : refuse('NOT_FOUND', { what: 'request' });
}

/** @throws NOT_FOUND */
export async function getRequest(ports: Pick<ReadRequestsPorts, 'transactions'>, caller: Caller, requestId: string): Promise<Request> {
  return await ports.transactions.read(async (scope) => requestView(scope, await readableRequest(scope.requests, caller, requestId)));
}

export interface RequestQuery {
  readonly limit: number;
  readonly after: string | undefined;
  readonly kind: RequestKind | undefined;
  readonly state: RequestState | undefined;
  readonly tokenSerial: string | undefined;
}

/** Newest first. @throws CURSOR_INVALID */
export async function listRequests(ports: ReadRequestsPorts, caller: Caller, { limit, after: cursor, ...wanted }: RequestQuery): Promise<{ items: Request[]; next: string | null }> {
  const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
  const list = `requests:${caller.accountId}:${JSON.stringify(Object.entries(given).sort())}`;
  const after = cursor === undefined ? null : ports.cursors.read(list, cursor);
  return await ports.transactions.read(async (scope) => {
    const rows = await scope.requests.page({ accountId: caller.accountId, ...given }, after, limit + 1);
    return pageOf(rows, limit, { cursors: ports.cursors, list, positionOf: ({ createdAtMs, id }) => ({ createdAtMs, id }) }, await requestViews(scope, rows.slice(0, limit)));
  });
}
