/** A token port whose drivers can change while the program runs: the settings name them. Rule: the old host processes end before the new ones start, because many drivers tolerate only one user. */
import type { TokenList } from '#shared/contract/desktop/tokens.ts';
import type { TokenPort } from '../token/token-port.ts';

export interface ReplaceableTokens extends TokenPort {
  /** @param make starts the new port */
  replace(make: () => Promise<TokenPort>): Promise<void>;
}

export function createReplaceableTokens(first: TokenPort): ReplaceableTokens {
  const listeners = new Set<(list: TokenList) => void>();
  const tell = (list: TokenList) => listeners.forEach((listener) => listener(list));
  let driverMillisecondsBefore = 0;
  let current: Promise<TokenPort> = Promise.resolve(first);
  let present: TokenPort = first;
  let stopListening = first.onChange(tell);

  async function swap(make: () => Promise<TokenPort>): Promise<TokenPort> {
    stopListening();
    driverMillisecondsBefore += present.driverMilliseconds();
    await present.close();
    present = await make();
    stopListening = present.onChange(tell);
    return present;
  }

  return {
    list: async () => (await current).list(),
    rescan: async () => (await current).rescan(),
    get: async (ref) => (await current).get(ref),
    changePin: async (ref, oldPin, newPin) => (await current).changePin(ref, oldPin, newPin),
    logIn: async (ref, pin) => (await current).logIn(ref, pin),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    driverMilliseconds: () => driverMillisecondsBefore + present.driverMilliseconds(),
    close: async () => {
      stopListening();
      await (await current).close();
    },
    async replace(make) {
      current = current.then(() => swap(make));
      const list = await (await current).list();
      tell(list);
    },
  };
}
