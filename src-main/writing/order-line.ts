/** The row of 待制作证书 that a new issue is about, found among those that still have keys to write. */
import type { PendingWriting } from '#shared/contract/rest/orders.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { CaCaller } from '../ca-client/ca-client.ts';

/** More pages than any account has; an endless list of a broken service ends here. */
const MAX_PAGES = 100;

/** @throws NOT_FOUND */
export async function findOrderLine(requestId: string, ca: CaCaller): Promise<PendingWriting> {
  let after: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { items, next } = await ca.listPendingWritings({ query: { limit: 100, ...(after === undefined ? {} : { after }) } });
    const line = items.find((one) => one.requestId === requestId);
    if (line) return line;
    if (next === null) break;
    after = next;
  }
  throw new AppError('NOT_FOUND', { what: 'order line' });
}
