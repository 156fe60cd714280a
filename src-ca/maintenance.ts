/** Work that comes round by itself: what has expired is removed. Revocation lists have a schedule of their own (`revocation/crl-publisher.ts`). */
import { FAILURES_FORGOTTEN_AFTER_MS } from './accounts/login-lock.ts';
import { CHALLENGES_KEPT_MS } from './challenges/key-challenges.ts';
import { DAY_MS, MINUTE_MS } from './clock.ts';
import { CODE_LIFE_DAYS } from './codes/send-code.ts';
import type { CaPorts } from './ports.ts';
import { expireRequests } from './requests/end-request.ts';
import { expireMaterials, sweepMaterials } from './requests/materials.ts';

export const MAINTENANCE_EVERY_MS = 10 * MINUTE_MS;
/** The draft asks for a day at least. */
const IDEMPOTENCY_KEPT_MS = 7 * DAY_MS;
/** Unused codes that have ended; those that were used are the history of their keys. */
const CODES_KEPT_MS = 30 * DAY_MS;
const MESSAGES_KEPT_MS = (CODE_LIFE_DAYS + 1) * DAY_MS;

export async function maintain(ports: CaPorts): Promise<void> {
  const nowMs = ports.clock().getTime();
  await ports.transactions.write(async ({ sessions, loginFailures, idempotency, messages, challenges, codes }) => {
    await sessions.removeExpired(nowMs - DAY_MS);
    await loginFailures.removeOlderThan(nowMs - FAILURES_FORGOTTEN_AFTER_MS);
    await idempotency.removeOlderThan(nowMs - IDEMPOTENCY_KEPT_MS);
    await challenges.removeExpired(nowMs - CHALLENGES_KEPT_MS);
    await codes.removeUnused(nowMs - CODES_KEPT_MS);
    await messages.removeOlderThan(nowMs - MESSAGES_KEPT_MS);
  });
  await expireMaterials(ports);
  await sweepMaterials(ports);
  // Last: it throws when a refund is refused, and nothing else shall wait for that.
  await expireRequests(ports);
}
