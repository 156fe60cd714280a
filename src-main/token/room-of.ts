/** How many pairs still fit on a key, by what its driver tells and what its model is known to need. Pure. */
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import type { KeyRoom } from '../ukey-models/ukey-model-profile.ts';
import type { TokenRoom } from './token-port.ts';

/** @returns null for an algorithm where neither bytes nor containers are known */
export function roomOf(told: Pick<TokenRoom, 'freeBytes' | 'freeContainers'>, known: KeyRoom): TokenRoom {
  const pairs = (algorithm: KeyAlgorithm): number | null => {
    const byBytes = told.freeBytes === null || known.pairBytes === null ? null : Math.floor(told.freeBytes / known.pairBytes[algorithm]);
    const limits = [byBytes, told.freeContainers].filter((limit) => limit !== null);
    return limits.length === 0 ? null : Math.min(...limits);
  };
  return { ...told, furtherPairs: { 'rsa-2048': pairs('rsa-2048'), sm2: pairs('sm2') } };
}
