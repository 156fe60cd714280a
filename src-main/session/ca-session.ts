/**
 * The signed-in account: log in, log out, and calls to the CA service with the account's token. Rule: tokens live in this closure only –
 * not in a file, a log, an event or an error; ending the program ends the session.
 */
import { CA_CONTRACT, type CaEndpointName } from '#shared/contract/rest/ca-contract.ts';
import type { EndpointAccess } from '#shared/contract/rest/endpoint.ts';
import type { Account, Session } from '#shared/contract/rest/accounts.ts';
import type { SessionKey } from '#shared/contract/desktop/requests.ts';
import { AppError, toAppError } from '#shared/errors/app-error.ts';
import { createCaCaller, type CaCaller, type CaClient, type CaExchangeInput } from '../ca-client/ca-client.ts';
import type { Log } from '../report/log.ts';

export interface CaSession {
  /** Every endpoint, with the account's token where it needs one. @throws NOT_SIGNED_IN */
  readonly ca: CaCaller;
  account(): Account | null;
  /** @throws NOT_SIGNED_IN */
  requireAccount(): Account;
  logIn(loginName: string, password: string): Promise<Account>;
  /** Logs in by what a key has signed; the session remembers which key. */
  logInByKey(key: SessionKey, exchange: () => Promise<Session>): Promise<Account>;
  /** The key that the account was signed in with; null after a login by password. */
  key(): SessionKey | null;
  logOut(): Promise<void>;
  /** Drops the session without telling the service: its address has changed. */
  forget(): void;
}

export interface CaSessionDeps {
  /** The client for the address of the settings. @throws CA_NOT_CONFIGURED */
  readonly client: () => CaClient;
  readonly log: Log;
  readonly onAccountChanged: (account: Account | null, key: SessionKey | null) => void;
}

export function createCaSession(deps: CaSessionDeps): CaSession {
  let session: Session | null = null;
  let key: SessionKey | null = null;
  let refreshing: Promise<void> | null = null;
  /** How often the address has changed: a log-in that was on its way to the old one must not give its token to the new one. */
  let timesForgotten = 0;

  function keep(next: Session | null, nextKey: SessionKey | null): void {
    const changed = session?.account.id !== next?.account.id || key?.certificateSha256Hex !== nextKey?.certificateSha256Hex;
    session = next;
    key = nextKey;
    if (changed) deps.onAccountChanged(next?.account ?? null, nextKey);
  }

  async function begin(open: () => Promise<Session>, withKey: SessionKey | null): Promise<Account> {
    const asked = timesForgotten;
    const next = await open();
    if (asked !== timesForgotten) throw new AppError('CANCELLED', { reason: 'address changed' });
    keep(next, withKey);
    return next.account;
  }

  /** Refresh tokens are single use: calls that run at the same time share one exchange. */
  function refresh(): Promise<void> {
    refreshing ??= exchangeRefreshToken().finally(() => (refreshing = null));
    return refreshing;
  }

  async function exchangeRefreshToken(): Promise<void> {
    const current = session;
    if (!current) throw new AppError('NOT_SIGNED_IN');
    try {
      const next = await deps.client().anonymous.refreshSession({ body: { refreshToken: current.refreshToken } });
      if (session === current) keep(next, key);
    } catch (thrown) {
      const error = toAppError(thrown);
      deps.log.warn('session refresh failed', { code: error.code });
      // Only the service's word on the token ends the session: a limit, a broken answer or a lost connection passes.
      if (error.code !== 'SESSION_EXPIRED') throw error;
      if (session === current) keep(null, null);
      throw new AppError('NOT_SIGNED_IN', { reason: 'expired' });
    }
  }

  async function exchange(name: CaEndpointName, input: CaExchangeInput): Promise<unknown> {
    const access: EndpointAccess = CA_CONTRACT[name].access;
    if (access === 'public' || access === 'sandbox') return deps.client().exchange(name, input, null);
    if (!session) throw new AppError('NOT_SIGNED_IN');
    const tokenUsed = session.accessToken;
    try {
      return await deps.client().exchange(name, input, tokenUsed);
    } catch (thrown) {
      if (toAppError(thrown).code !== 'UNAUTHENTICATED') throw thrown;
      // Another call may have refreshed meanwhile; then its token is tried.
      if (session?.accessToken === tokenUsed) await refresh();
      if (!session) throw new AppError('NOT_SIGNED_IN', { reason: 'expired' });
      return deps.client().exchange(name, input, session.accessToken);
    }
  }

  return {
    ca: createCaCaller(exchange),
    account: () => session?.account ?? null,
    requireAccount() {
      if (!session) throw new AppError('NOT_SIGNED_IN');
      return session.account;
    },
    key: () => key,
    logIn: (loginName, password) => begin(() => deps.client().anonymous.createSession({ body: { loginName, password } }), null),
    logInByKey: (withKey, exchange) => begin(exchange, withKey),
    async logOut() {
      if (!session) return;
      const ending = session;
      keep(null, null);
      try {
        await deps.client().exchange('endSession', {}, ending.accessToken);
      } catch (thrown) {
        // The person is logged out here in any case; the service forgets the tokens at their end.
        deps.log.warn('service was not told of the log-out', { code: toAppError(thrown).code });
      }
    },
    forget() {
      timesForgotten += 1;
      keep(null, null);
    },
  };
}
