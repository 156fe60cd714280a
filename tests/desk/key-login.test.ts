/** Login by key and binding: real keys of both algorithms, the real service, and a service that asks for the wrong signature. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEY_KINDS, refOf, type TestKey } from '../support/key-kinds.ts';
import { openDeskWorld, refusal, type DeskEngine, type DeskWorld } from './desk-world.ts';

let world: DeskWorld;
beforeAll(async () => { world = await openDeskWorld(); });
afterAll(() => world.close());

const KINDS = KEY_KINDS.filter(({ name }) => name === 'SoftHSM2, RSA' || name === 'soft UKey SKF, SM2');

describe.each(KINDS)('$name', (kind) => {
  let key: TestKey;
  let desk: DeskEngine;
  beforeAll(async () => {
    if (kind.missing === null) ({ key, desk } = await world.openWrittenKey(kind));
  });

  it.skipIf(kind.missing)('ok: logs in by a signature of the key, and the session knows which key', async () => {
    const { engine } = desk;
    await engine.call('session.logOut', undefined as never);
    const { accounts, certificateSha256Hex } = await engine.call('session.accountsForKey', { token: refOf(key) });
    expect(accounts).toHaveLength(1);
    expect(accounts[0]?.loginName).not.toBe(world.customer.login.loginName);
    desk.events.length = 0;
    const account = await engine.call('session.logInByKey', { token: refOf(key), pin: key.pin });
    expect(account.loginName).toBe(world.customer.login.loginName);
    expect(await engine.call('session.key', undefined as never)).toMatchObject({ token: refOf(key), certificateSha256Hex });
    expect(desk.events).toContainEqual({ name: 'session.changed', data: { account, key: expect.objectContaining({ certificateSha256Hex }) } });
    expect((await engine.call('requests.forKey', { token: refOf(key) })).certificates).toHaveLength(1);
    await engine.call('session.logIn', world.customer.login);
    expect(await engine.call('session.key', undefined as never)).toBe(null);
  });

  it.skipIf(kind.missing)('refuses: a wrong PIN, tried once, and nobody is signed in', async () => {
    const { engine } = desk;
    await engine.call('session.logOut', undefined as never);
    expect((await refusal(engine.call('session.logInByKey', { token: refOf(key), pin: '00000000' }))).code).toBe('PIN_INCORRECT');
    if (key.soft) expect((await key.soft.status()).userPin).toMatchObject({ triesLeft: 9 });
    expect(await engine.call('session.get', undefined as never)).toBe(null);
    await engine.call('session.logInByKey', { token: refOf(key), pin: key.pin, confirmedFewTries: true });
  });

  it.skipIf(kind.missing)('refuses: a challenge for another service, purpose or certificate, before the PIN is used', async () => {
    const { engine } = desk;
    const turned: readonly ((message: string) => string)[] = [
      (message) => message.replace('login', 'binding'), (message) => message.replace('http://', 'https://'), (message) => `${message}x`, (message) => message.slice(0, -33) + (message.at(-33) === 'a' ? 'b' : 'a') + message.slice(-32),
    ];
    for (const turn of turned) {
      world.relay.change((path, body) => {
        const answer = body as { message: string };
        return path === '/v1/certificate-sessions/challenges' ? { ...answer, message: Buffer.from(turn(Buffer.from(answer.message, 'base64').toString('latin1')), 'latin1').toString('base64') } : body;
      });
      // A PIN that is wrong: if it were used, that is what would be said.
      expect((await refusal(engine.call('session.logInByKey', { token: refOf(key), pin: '00000000' }))).code).toBe('KEY_CHALLENGE_REFUSED');
    }
    world.relay.change(null);
    expect((await engine.call('tokens.list', undefined as never)).tokens[0]?.pin.status).toBe('ok');
  });

  it.skipIf(kind.missing)('refuses: a key without certificates', async () => {
    const empty = await kind.create();
    const other = await world.openEngine([empty.driver]);
    while ((await other.engine.call('tokens.list', undefined as never)).tokens.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await refusal(other.engine.call('session.logInByKey', { token: refOf(empty), pin: empty.pin }))).code).toBe('KEY_NO_SIGNING_CERTIFICATE');
    await other.close();
    await empty.dispose();
  });

  it.skipIf(kind.missing)('ok: bound to a second account where the project allows it, which then has to be chosen; refuses: where it does not', async () => {
    const { engine } = desk;
    const { items: projects } = await engine.call('projects.list', undefined as never);
    const allowed = projects.find(({ keyAlgorithm }) => keyAlgorithm === kind.algorithm)?.bindingRule.certificateToSeveralAccounts;
    const login = await world.newAccount(`second-${kind.algorithm}`);
    await engine.call('session.logIn', login);
    const bound = engine.call('bindings.bind', { token: refOf(key), pin: key.pin });
    if (!allowed) return expect((await refusal(bound)).code).toBe('BINDING_RULE');
    const binding = await bound;
    expect((await engine.call('bindings.list', undefined as never)).items.map(({ id, source }) => [id, source])).toEqual([[binding.id, 'signed']]);
    await engine.call('session.logOut', undefined as never);
    const choice = await refusal(engine.call('session.logInByKey', { token: refOf(key), pin: '00000000' }));
    expect([choice.code, (choice.details['accountIds'] as string[]).length]).toEqual(['LOGIN_ACCOUNT_CHOICE', 2]);
    const { accounts } = await engine.call('session.accountsForKey', { token: refOf(key) });
    for (const { accountId } of accounts) expect((await engine.call('session.logInByKey', { token: refOf(key), pin: key.pin, accountId })).id).toBe(accountId);

    await engine.call('session.logIn', login);
    await engine.call('bindings.unbind', { bindingId: binding.id });
    expect((await engine.call('bindings.list', undefined as never)).items).toEqual([]);
    expect((await engine.call('session.accountsForKey', { token: refOf(key) })).accounts).toHaveLength(1);
  });

  it.skipIf(kind.missing)('ok: neither PIN nor signature nor token stand in the log', async () => {
    const { text } = await desk.engine.call('app.report', { errorCode: null, traceId: null, page: '/' });
    for (const secret of [key.pin, '00000000', 'Bearer ey']) expect(text).not.toContain(secret);
  });
});
