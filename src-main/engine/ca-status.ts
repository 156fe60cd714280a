/** Who the CA service is, whether it answers, and how far its clock is from ours. */
import type { CaStatus } from '#shared/contract/desktop/desktop-contract.ts';
import { toAppError } from '#shared/errors/app-error.ts';
import type { CaCaller } from '../ca-client/ca-client.ts';

/** Never rejects: not to be reached is an answer here. */
export async function askCaStatus(ca: CaCaller, now: () => Date): Promise<CaStatus> {
  const askedMs = now().getTime();
  try {
    const info = await ca.getServiceInfo({});
    // The service read its clock somewhere between question and answer; the middle is the best guess.
    const middleMs = (askedMs + now().getTime()) / 2;
    return { reachable: true, info, clockOffsetSeconds: Math.round((Date.parse(info.timeUtc) - middleMs) / 100) / 10, errorCode: null };
  } catch (thrown) {
    return { reachable: false, info: null, clockOffsetSeconds: null, errorCode: toAppError(thrown).code };
  }
}
