/** Accounts and sessions over real HTTP: registration rules, log-in, lock-out, refresh with reuse detection. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { customer, PASSWORD, USCC } from './support/journeys.ts';
import { newKey, testCa, type TestCa } from './support/test-ca.ts';

const MINUTE = 60_000;
let ca: TestCa;
beforeAll(async () => {
  ca = await testCa();
});
afterAll(() => ca.stop());

const organisation = (changes: object = {}) => ({ loginName: `n${newKey()}`, password: PASSWORD, kind: 'organisation', displayName: '张三', organisationName: '测试建设有限公司', unifiedSocialCreditCode: USCC, phone: '13912345678', ...changes });
const person = (changes: object = {}) => ({ loginName: `n${newKey()}`, password: PASSWORD, kind: 'person', displayName: '李四', phone: '13912345678', ...changes });

describe('registration', () => {
  it('ok: an organisation and a person', async () => {
    expect(await ca.call('registerAccount', { body: organisation() })).toMatchObject({ kind: 'organisation', role: 'subscriber', unifiedSocialCreditCode: USCC });
    expect(await ca.call('registerAccount', { body: person() })).toMatchObject({ kind: 'person', organisationName: null });
  });

  it('refuses: a login name that is taken, in any letter case', async () => {
    const body = person();
    await ca.call('registerAccount', { body });
    expect((await ca.refusal('registerAccount', { body: { ...body, loginName: body.loginName.toUpperCase() } })).problem.code).toBe('ACCOUNT_NAME_TAKEN');
  });

  it.each([
    ['short', 'ab1!xyz', 'too-short'],
    ['of one character', 'aaaaaaaaaaaa', 'too-few-different-characters'],
    ['common', 'Password123', 'common'],
  ])('refuses: a password that is %s', async (_, password, rule) => {
    const { status, problem } = await ca.refusal('registerAccount', { body: person({ password }) });
    expect([status, problem.code, problem.details['rule']]).toEqual([422, 'ACCOUNT_PASSWORD_WEAK', rule]);
  });

  it('refuses: a password that contains the login name', async () => {
    const loginName = `n${newKey()}`;
    expect((await ca.refusal('registerAccount', { body: person({ loginName, password: `${loginName}!!` }) })).problem.details['rule']).toBe('contains-login-name');
  });

  it.each([
    ['a wrong check digit', { unifiedSocialCreditCode: `${USCC.slice(0, 17)}${USCC[17] === '0' ? '1' : '0'}` }, 'unifiedSocialCreditCode'],
    ['no name', { organisationName: undefined }, 'organisationName'],
    ['no code', { unifiedSocialCreditCode: undefined }, 'unifiedSocialCreditCode'],
    ['a blank person', { displayName: '   ' }, 'displayName'],
  ])('refuses: an organisation with %s', async (_, changes, field) => {
    const { problem } = await ca.refusal('registerAccount', { body: organisation(changes) });
    expect([problem.code, problem.details['field']]).toEqual(['ACCOUNT_SUBJECT_INVALID', field]);
  });

  it('refuses: a caller who names a role', async () => {
    const { status, problem } = await ca.refusal('registerAccount', { body: person({ role: 'staff' }) });
    expect([status, problem.code, problem.errors?.[0]?.pointer]).toEqual([400, 'INPUT_INVALID', '/role']);
  });
});

describe('log-in', () => {
  it('ok: a session whose token opens the account', async () => {
    const who = await customer(ca);
    expect(await ca.call('getMyAccount', { token: who.token })).toMatchObject({ id: who.accountId, loginName: who.loginName });
  });

  it('refuses: a wrong password and an unknown name with one and the same answer', async () => {
    const who = await customer(ca);
    const wrong = await ca.refusal('createSession', { body: { loginName: who.loginName, password: 'wrong-password' } });
    const unknown = await ca.refusal('createSession', { body: { loginName: `x${newKey()}`, password: 'wrong-password' } });
    const shape = ({ status, problem: { traceId, ...rest } }: typeof wrong) => ({ status, traced: traceId.length > 0, rest });
    expect(shape(wrong)).toEqual(shape(unknown));
    expect(wrong.problem.code).toBe('LOGIN_FAILED');
  });

  it.each(['a real account', 'a name nobody has'])('refuses: after five failures %s is locked, longer each time, and even the right password waits', async (whose) => {
    const loginName = whose === 'a real account' ? (await customer(ca)).loginName : `x${newKey()}`;
    const tryPassword = (password: string) => ca.refusal('createSession', { body: { loginName, password } });
    for (let failure = 0; failure < 5; failure += 1) expect((await tryPassword(`wrong-${failure}`)).problem.code).toBe('LOGIN_FAILED');
    const locked = await tryPassword(PASSWORD);
    expect([locked.status, locked.problem.code, locked.headers.get('retry-after')]).toEqual([423, 'LOGIN_LOCKED', '60']);
    expect(locked.problem.details['retryAtUtc']).toBe(new Date(ca.now().getTime() + MINUTE).toISOString());
    ca.advance(MINUTE);
    expect((await tryPassword('wrong-again')).problem.code).toBe('LOGIN_FAILED');
    expect((await tryPassword(PASSWORD)).headers.get('retry-after')).toBe('120');
    ca.advance(2 * MINUTE);
    if (whose === 'a real account') expect((await ca.call('createSession', { body: { loginName, password: PASSWORD } })).account.loginName).toBe(loginName);
  });

  it('refuses: forty guesses at once are counted like forty in turn', async () => {
    const { loginName } = await customer(ca);
    ca.advance(MINUTE);
    const answers = await Promise.all(Array.from({ length: 40 }, (_, guess) => ca.refusal('createSession', { body: { loginName, password: `guess-number-${guess}` } })));
    expect(answers.filter(({ problem }) => problem.code === 'LOGIN_FAILED')).toHaveLength(5);
    expect(answers.filter(({ problem }) => problem.code === 'LOGIN_LOCKED')).toHaveLength(35);
    ca.advance(MINUTE);
  });
});

describe('sessions', () => {
  it('refuses: no token, nonsense, a token of this service that never was, a refresh token', async () => {
    const who = await customer(ca);
    for (const token of [undefined, 'x', 'bka_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', who.refreshToken]) {
      const { status, problem, headers } = await ca.refusal('getMyAccount', token === undefined ? {} : { token });
      expect([status, problem.code, headers.get('www-authenticate')]).toEqual([401, 'UNAUTHENTICATED', 'Bearer']);
    }
  });

  it('refuses: an access token after its fifteen minutes', async () => {
    const who = await customer(ca);
    ca.advance(15 * MINUTE - 1);
    await ca.call('getMyAccount', { token: who.token });
    ca.advance(1);
    expect((await ca.refusal('getMyAccount', { token: who.token })).problem.code).toBe('UNAUTHENTICATED');
  });

  it('ok: a refresh token is exchanged for a new session', async () => {
    const who = await customer(ca);
    const session = await ca.call('refreshSession', { body: { refreshToken: who.refreshToken } });
    expect(session.refreshToken).not.toBe(who.refreshToken);
    expect((await ca.call('getMyAccount', { token: session.accessToken })).id).toBe(who.accountId);
  });

  it('refuses: a refresh token used twice ends the whole session, also for whoever used it first', async () => {
    const who = await customer(ca);
    const stolen = await ca.call('refreshSession', { body: { refreshToken: who.refreshToken } });
    expect((await ca.refusal('refreshSession', { body: { refreshToken: who.refreshToken } })).problem.code).toBe('SESSION_EXPIRED');
    expect((await ca.refusal('refreshSession', { body: { refreshToken: stolen.refreshToken } })).problem.code).toBe('SESSION_EXPIRED');
    expect((await ca.refusal('getMyAccount', { token: stolen.accessToken })).problem.code).toBe('UNAUTHENTICATED');
  });

  it('refuses: a refresh token sent twice at once gives at most one session, and that one is ended', async () => {
    const who = await customer(ca);
    const send = () => ca.raw('/v1/sessions/refresh', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ refreshToken: who.refreshToken }) });
    const answers = await Promise.all([send(), send(), send()]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    const session = (await answers.find(({ ok }) => ok)?.json()) as { accessToken: string };
    expect((await ca.refusal('getMyAccount', { token: session.accessToken })).problem.code).toBe('UNAUTHENTICATED');
  });

  it('refuses: a refresh token after fourteen days', async () => {
    const who = await customer(ca);
    ca.advance(14 * 24 * 60 * MINUTE);
    expect((await ca.refusal('refreshSession', { body: { refreshToken: who.refreshToken } })).problem.code).toBe('SESSION_EXPIRED');
  });

  it('ok: after logging out neither token is good any more', async () => {
    const who = await customer(ca);
    await ca.call('endSession', { token: who.token });
    expect((await ca.refusal('getMyAccount', { token: who.token })).problem.code).toBe('UNAUTHENTICATED');
    expect((await ca.refusal('refreshSession', { body: { refreshToken: who.refreshToken } })).problem.code).toBe('SESSION_EXPIRED');
  });
});
