import { describe, expect, it } from 'vitest';
import type { DesktopEngine } from '#shared/contract/desktop/desktop-contract.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { createDispatch } from './dispatch.ts';

function engineThat(answer: (method: string, input: unknown) => unknown): DesktopEngine {
  return { call: (async (method: string, input: unknown) => answer(method, input)) as DesktopEngine['call'], onEvent: () => () => undefined };
}
const never = engineThat(() => { throw new Error('the engine must not be asked'); });
const noLog = () => undefined;

describe('dispatch', () => {
  it('ok: passes a fitting call on and gives its answer as data', async () => {
    const seen: unknown[] = [];
    const dispatch = createDispatch(engineThat((method, input) => { seen.push(method, input); return { loginName: 'x' }; }), noLog);
    expect(await dispatch('session.logIn', { loginName: 'demo', password: 'secret' })).toEqual({ ok: true, value: { loginName: 'x' } });
    expect(seen).toEqual(['session.logIn', { loginName: 'demo', password: 'secret' }]);
  });

  it('ok: a call without input takes null and undefined alike', async () => {
    const dispatch = createDispatch(engineThat(() => 1), noLog);
    expect(await dispatch('app.info', null)).toEqual({ ok: true, value: 1 });
    expect(await dispatch('app.info', undefined)).toEqual({ ok: true, value: 1 });
  });

  it.each([['nothing.here'], ['constructor'], ['__proto__'], ['toString'], [17], [null], [['app.info']]])('refuses: method %j', async (method) => {
    expect(await createDispatch(never, noLog)(method, null)).toEqual({ ok: false, error: { code: 'METHOD_UNKNOWN', details: {} } });
  });

  it.each([
    ['input where none is wanted', 'app.info', { a: 1 }],
    ['missing field', 'session.logIn', { loginName: 'demo' }],
    ['unknown field', 'session.logIn', { loginName: 'demo', password: 'p', admin: true }],
    ['wrong type', 'session.logIn', { loginName: 'demo', password: 5 }],
    ['null instead of an object', 'session.logIn', null],
    ['array instead of an object', 'session.logIn', []],
  ])('refuses: %s', async (_name, method, input) => {
    expect(await createDispatch(never, noLog)(method, input)).toMatchObject({ ok: false, error: { code: 'INPUT_INVALID' } });
  });

  it('refuses: a wrong PIN field without repeating what it held', async () => {
    const answer = await createDispatch(never, noLog)('tokens.checkPin', { token: { driverId: 'd', serial: 's' }, pin: '1'.repeat(70) });
    expect(answer).toEqual({ ok: false, error: { code: 'INPUT_INVALID', details: { fields: ['/pin'] } } });
  });

  it('ok: an error of the table crosses as itself, an unexpected one as INTERNAL and is logged', async () => {
    const logged: unknown[] = [];
    const log = (method: string, thrown: unknown) => { logged.push(method, thrown); };
    expect(await createDispatch(engineThat(() => { throw new AppError('NOT_SIGNED_IN'); }), log)('session.get', null)).toEqual({ ok: false, error: { code: 'NOT_SIGNED_IN', details: {} } });
    const mistake = new Error('secret inside');
    expect(await createDispatch(engineThat(() => { throw mistake; }), log)('session.get', null)).toEqual({ ok: false, error: { code: 'INTERNAL', details: {} } });
    expect(logged).toEqual(['session.get', mistake]);
  });
});
