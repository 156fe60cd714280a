/** Issuances of mine: one, and those that are begun and not completed. */
import type { Issuance } from '#shared/contract/rest/issuances.ts';
import { refuse } from '#shared/errors/app-error.ts';
import type { Caller } from '../caller.ts';
import { pageOf, type CursorCodec } from '../cursors/cursor.ts';
import type { Transactions } from '../transactions.ts';
import type { IssuanceFilter, IssuanceRecords, IssuanceRow } from './issuance-port.ts';
import { issuanceView, type IssuanceViewScope } from './issuance-view.ts';

interface ReadIssuancesPorts {
  readonly transactions: Transactions<IssuanceViewScope>;
  readonly cursors: CursorCodec;
}

/** @throws NOT_FOUND, also when the issuance is another account's */
export async function ownedIssuance(issuances: IssuanceRecords, caller: Caller, issuanceId: string): Promise<IssuanceRow> {
  const row = await issuances.byId(issuanceId);
  return row !== null && row.accountId === caller.accountId ? row : refuse('NOT_FOUND', { what: 'issuance' });
}

/** @throws NOT_FOUND */
export async function getIssuance(ports: Pick<ReadIssuancesPorts, 'transactions'>, caller: Caller, issuanceId: string): Promise<Issuance> {
  return await ports.transactions.read(async (scope) => issuanceView(scope, await ownedIssuance(scope.issuances, caller, issuanceId)));
}

/** Newest first. @throws CURSOR_INVALID */
export async function listOpenIssuances(
  ports: ReadIssuancesPorts,
  caller: Caller,
  query: { limit: number; after: string | undefined; requestId: string | undefined; tokenSerial: string | undefined },
): Promise<{ items: Issuance[]; next: string | null }> {
  const list = `issuances:${caller.accountId}:${query.requestId ?? ''}:${query.tokenSerial ?? ''}`;
  const after = query.after === undefined ? null : ports.cursors.read(list, query.after);
  const filter: IssuanceFilter = {
    accountId: caller.accountId,
    ...(query.requestId === undefined ? {} : { requestId: query.requestId }),
    ...(query.tokenSerial === undefined ? {} : { tokenSerial: query.tokenSerial }),
  };
  return await ports.transactions.read(async (scope) => {
    const rows = await scope.issuances.openPage(filter, after, query.limit + 1);
    const items: Issuance[] = [];
    for (const row of rows.slice(0, query.limit)) items.push(await issuanceView(scope, row));
    return pageOf(rows, query.limit, { cursors: ports.cursors, list, positionOf: ({ startedAtMs, id }) => ({ createdAtMs: startedAtMs, id }) }, items);
  });
}
