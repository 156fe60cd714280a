/** The reviewers' list: requests of all accounts in one state, with their applicants; what has waited longest stands first. */
import type { RequestKind } from '#shared/contract/rest/orders.ts';
import type { RequestState, ReviewRequest } from '#shared/contract/rest/requests.ts';
import { assert } from '#shared/errors/assert.ts';
import { refuse } from '#shared/errors/app-error.ts';
import type { AccountRecords } from '../accounts/account-port.ts';
import { maskedPhone } from '../codes/send-code.ts';
import { pageOf, type CursorCodec } from '../cursors/cursor.ts';
import type { Transactions } from '../transactions.ts';
import type { RequestRow } from './request-port.ts';
import { requestViews, type RequestViewScope } from './request-view.ts';

type Scope = RequestViewScope & { readonly accounts: AccountRecords };

/** @throws CURSOR_INVALID */
export async function listReviewRequests(
  ports: { readonly transactions: Transactions<Scope>; readonly cursors: CursorCodec },
  { limit, after: cursor, state, kind }: { limit: number; after: string | undefined; state: RequestState; kind: RequestKind | undefined },
): Promise<{ items: ReviewRequest[]; next: string | null }> {
  const list = `review:${state}:${kind ?? ''}`;
  const after = cursor === undefined ? null : ports.cursors.read(list, cursor);
  return await ports.transactions.read(async (scope) => {
    const rows = await scope.requests.reviewPage({ state, ...(kind === undefined ? {} : { kind }) }, after, limit + 1);
    return pageOf(rows, limit, { cursors: ports.cursors, list, positionOf: ({ createdAtMs, id }) => ({ createdAtMs, id }) }, await withApplicants(scope, rows.slice(0, limit)));
  });
}

/** @throws NOT_FOUND */
export async function getReviewRequest(ports: { readonly transactions: Transactions<Scope> }, requestId: string): Promise<ReviewRequest> {
  return await ports.transactions.read(async (scope) => {
    const [view] = await withApplicants(scope, [(await scope.requests.byId(requestId)) ?? refuse('NOT_FOUND', { what: 'request' })]);
    assert(view, 'one view for one row');
    return view;
  });
}

async function withApplicants(scope: Scope, rows: readonly RequestRow[]): Promise<ReviewRequest[]> {
  const views = await requestViews(scope, rows);
  const reviews: ReviewRequest[] = [];
  for (const [index, request] of views.entries()) {
    const account = await scope.accounts.byId(rows[index]?.accountId ?? '');
    assert(account, 'every request belongs to an account');
    reviews.push({ request, applicant: { accountId: account.id, displayName: account.displayName, organisationName: account.organisationName, phone: maskedPhone(account.phone) } });
  }
  return reviews;
}
