/** The session against a real HTTP server that plays the CA's sign-in: renewing, sharing one renewal, ending, and what stays out of sight. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Account } from '#shared/contract/rest/accounts.ts';
import { createCaClient } from '../ca-client/ca-client.ts';
import { createLog } from '../report/log.ts';
import { createCaSession, type CaSession } from './ca-session.ts';

const account: Account = { id: 'account-1', loginName: 'who', kind: 'person', role: 'subscriber', displayName: 'Who', organisationName: null, unifiedSocialCreditCode: null, phone: '13800000000', createdAtUtc: '2026-01-01T00:00:00Z' };
const cleanUps: (() => void)[] = [];
afterEach(() => cleanUps.splice(0).forEach((cleanUp) => cleanUp()));

/** Accepts only the newest access token; a refresh token works once. */
class FakeSignIn {
  generation = 0;
  refreshes = 0;
  logOuts = 0;
  expireNow = false;
  refuseRefresh = false;
  /** An answer to the renewal that says nothing of the token. */
  refreshTrouble: { readonly status: number; readonly code: string } | null = null;
  /** Runs before the log-in is answered. */
  beforeLogInAnswer: () => void = () => undefined;
  changes: (Account | null)[] = [];
  lines: () => readonly string[] = () => [];

  async start(): Promise<CaSession> {
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      this.#answer(request, response, body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = createCaClient({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, monotonicMs: () => 0 });
    cleanUps.push(() => client.close(), () => server.closeAllConnections(), () => server.close());
    const log = createLog({ now: () => new Date(), file: null });
    this.lines = log.lastLines;
    return createCaSession({ client: () => client, log, onAccountChanged: (now) => this.changes.push(now) });
  }

  #answer(request: IncomingMessage, response: ServerResponse, body: string): void {
    const send = (status: number, value: unknown): void => void response.writeHead(status, { 'Content-Type': 'application/json' }).end(value === null ? undefined : JSON.stringify(value));
    const refuse = (status: number, code: string) => send(status, { type: 'x', title: 'x', status, code, instance: '/', traceId: 't', details: {} });
    const route = `${request.method} ${request.url}`;
    if (route === 'POST /v1/sessions') {
      this.beforeLogInAnswer();
      return send(201, this.#session());
    }
    if (route === 'POST /v1/sessions/refresh') {
      const { refreshToken } = JSON.parse(body) as { refreshToken: string };
      this.refreshes += 1;
      if (this.refreshTrouble !== null) return refuse(this.refreshTrouble.status, this.refreshTrouble.code);
      if (this.refuseRefresh || refreshToken !== `refresh-${this.generation}`) return refuse(401, 'SESSION_EXPIRED');
      this.expireNow = false;
      return send(201, this.#session());
    }
    if (this.expireNow || request.headers.authorization !== `Bearer access-${this.generation}`) return refuse(401, 'UNAUTHENTICATED');
    if (route === 'DELETE /v1/sessions/current') {
      this.logOuts += 1;
      return send(204, null);
    }
    return send(200, account);
  }

  #session(): unknown {
    this.generation += 1;
    return { accessToken: `access-${this.generation}`, accessTokenExpiresAtUtc: '2026-01-01T00:00:00Z', refreshToken: `refresh-${this.generation}`, refreshTokenExpiresAtUtc: '2026-01-01T00:00:00Z', account };
  }
}

describe('session', () => {
  it('ok: an expired access token is renewed once, and calls at the same time share the renewal', async () => {
    const signIn = new FakeSignIn();
    const session = await signIn.start();
    await session.logIn('who', 'password');
    signIn.expireNow = true;
    const answers = await Promise.all([1, 2, 3, 4].map(() => session.ca.getMyAccount({})));
    expect(answers).toEqual([account, account, account, account]);
    expect(signIn.refreshes).toBe(1);
    expect(signIn.changes).toEqual([account]);
  });

  it('refuses: with the refresh token refused the person is logged out and told', async () => {
    const signIn = new FakeSignIn();
    const session = await signIn.start();
    await session.logIn('who', 'password');
    signIn.expireNow = true;
    signIn.refuseRefresh = true;
    await expect(session.ca.getMyAccount({})).rejects.toMatchObject({ code: 'NOT_SIGNED_IN' });
    expect([session.account(), signIn.changes, signIn.refreshes]).toEqual([null, [account, null], 1]);
  });

  it.each([
    ['a limit', 429, 'RATE_LIMITED', 'RATE_LIMITED'],
    ['a fault of the service', 500, 'INTERNAL', 'CA_ANSWER_INVALID'],
  ])('ok: %s at the renewal does not log the person out', async (_, status, code, told) => {
    const signIn = new FakeSignIn();
    const session = await signIn.start();
    await session.logIn('who', 'password');
    signIn.expireNow = true;
    signIn.refreshTrouble = { status, code };
    await expect(session.ca.getMyAccount({})).rejects.toMatchObject({ code: told });
    signIn.refreshTrouble = null;
    expect(await session.ca.getMyAccount({})).toEqual(account);
    expect(signIn.changes).toEqual([account]);
  });

  it('refuses: a log-in that is answered after the address of the service has changed', async () => {
    const signIn = new FakeSignIn();
    const session = await signIn.start();
    signIn.beforeLogInAnswer = () => session.forget();
    await expect(session.logIn('who', 'password')).rejects.toMatchObject({ code: 'CANCELLED' });
    expect([session.account(), signIn.changes]).toEqual([null, []]);
  });

  it('refuses: a token that is still refused after its renewal does not loop', async () => {
    const signIn = new FakeSignIn();
    const session = await signIn.start();
    await session.logIn('who', 'password');
    // The renewal itself works, the new token is refused all the same.
    Object.defineProperty(signIn, 'expireNow', { get: () => true, set: () => undefined });
    await expect(session.ca.getMyAccount({})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(signIn.refreshes).toBe(1);
  });

  it('ok: logging out tells the service, and nothing in the log holds a token or the password', async () => {
    const signIn = new FakeSignIn();
    const session = await signIn.start();
    await session.logIn('who', 'Pass-Word-77');
    await session.logOut();
    await expect(session.ca.getMyAccount({})).rejects.toMatchObject({ code: 'NOT_SIGNED_IN' });
    expect([signIn.logOuts, session.account()]).toEqual([1, null]);
    expect(signIn.lines().join('\n')).not.toMatch(/access-1|refresh-1|Pass-Word-77/);
  });
});
