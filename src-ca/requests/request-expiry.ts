/** When a request expires if nothing happens, by its state. What waits for staff never does: that is not the applicant's delay. */
import type { RequestState } from '#shared/contract/rest/requests.ts';
import { DAY_MS } from '../clock.ts';
import type { RequestRow } from './request-port.ts';

const LIFE_DAYS: Readonly<Partial<Record<RequestState, number>>> = { draft: 30, rejected: 30, 'awaiting-payment': 30, 'code-sent': 90, writing: 90 };
/** An approval of a key recovery that waits for the two agreements. */
const APPROVED_RECOVERY_DAYS = 90;

/** Null: never. A request whose key is begun waits for that key. */
export function expiryOf(row: Pick<RequestRow, 'kind' | 'state' | 'openQuantity'>, nowMs: number): number | null {
  if (row.state === 'writing' && row.openQuantity > 0) return null;
  const days = row.state === 'approved' && row.kind === 'key-recovery' ? APPROVED_RECOVERY_DAYS : LIFE_DAYS[row.state];
  return days === undefined ? null : nowMs + days * DAY_MS;
}
