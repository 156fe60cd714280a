/**
 * Keys that still have the PIN they were handed out with: noticed at every login, told with every list, until the PIN is changed or the person knowingly
 * keeps it. Stands around the token port. Rule: that a key has such a PIN is kept in memory only; on disk stands only what the person decided.
 */
import type { TokenList, TokenRef, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { toAppError } from '#shared/errors/app-error.ts';
import type { Log } from '../report/log.ts';
import type { TokenPort } from '../token/token-port.ts';

export interface DefaultPinWatch {
  readonly tokens: TokenPort;
  /** The person keeps it, or takes that back. */
  keep(ref: TokenRef, keep: boolean): void;
}

export interface KeptDefaultPins {
  read(): readonly string[];
  write(serials: readonly string[]): void;
}

export function watchDefaultPins(port: TokenPort, kept: KeptDefaultPins, log: Log): DefaultPinWatch {
  const found = new Set<string>();
  const listeners = new Set<(list: TokenList) => void>();
  /** Never rejects: whoever changed something does not wait for the news of it. */
  const tell = async () => {
    try {
      const list = await tokens.list();
      for (const listener of listeners) listener(list);
    } catch (thrown) {
      log.warn('keys not listed after a login', { code: toAppError(thrown).code });
    }
  };
  const withNotice = (token: TokenSummary): TokenSummary => (found.has(token.ref.serial) ? { ...token, defaultPin: kept.read().includes(token.ref.serial) ? 'kept' : 'change-it' } : token);
  const withNotices = (list: TokenList): TokenList => ({ ...list, tokens: list.tokens.map(withNotice) });
  const changed = (serial: string) => {
    found.delete(serial);
    if (kept.read().includes(serial)) kept.write(kept.read().filter((one) => one !== serial));
  };

  const tokens: TokenPort = {
    list: async () => withNotices(await port.list()),
    rescan: async () => withNotices(await port.rescan()),
    get: async (ref) => withNotice(await port.get(ref)),
    onChange(listener) {
      listeners.add(listener);
      const stop = port.onChange((list) => listener(withNotices(list)));
      return () => {
        listeners.delete(listener);
        stop();
      };
    },
    async logIn(ref, pin) {
      const session = await port.logIn(ref, pin);
      const known = found.has(ref.serial);
      if (session.pinIsDefault) found.add(ref.serial);
      else found.delete(ref.serial);
      // Whoever shows the keys hears of it at once; the session that was asked for does not wait for that.
      if (known !== session.pinIsDefault) void tell();
      return session;
    },
    async changePin(ref, oldPin, newPin) {
      const state = await port.changePin(ref, oldPin, newPin);
      changed(ref.serial);
      return state;
    },
    async unblockPin(ref, adminPin, newPin) {
      const state = await port.unblockPin(ref, adminPin, newPin);
      changed(ref.serial);
      return state;
    },
    adminPinState: (ref) => port.adminPinState(ref),
    changeAdminPin: (ref, oldAdminPin, newAdminPin) => port.changeAdminPin(ref, oldAdminPin, newAdminPin),
    initialise: (ref, secrets) => port.initialise(ref, secrets),
    room: (ref) => port.room(ref),
    renameLabel: (ref, label) => port.renameLabel(ref, label),
    driverMilliseconds: () => port.driverMilliseconds(),
    close: () => port.close(),
  };

  return {
    tokens,
    keep(ref, keep) {
      const others = kept.read().filter((serial) => serial !== ref.serial);
      kept.write(keep ? [...others, ref.serial] : others);
      void tell();
    },
  };
}
