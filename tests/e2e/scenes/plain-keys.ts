/** Keys as plain data, to be handed into the page. */
import type { PinState, TokenSummary } from '#shared/contract/desktop/tokens.ts';

export const pinOk = (): PinState => ({ status: 'ok', triesLeft: 6, maxTries: 6, mustChange: false });

export function key(serial: string, modelId: string, pin: PinState): TokenSummary {
  return { ref: { driverId: modelId, serial }, modelId, label: 'BidKey', manufacturer: '', hardwareModel: modelId, demo: false, pin, certificates: [], freeBytes: null };
}
