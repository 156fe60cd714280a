import { describe, expect, it } from 'vitest';
import type { DesktopEngine } from '#shared/contract/desktop/desktop-contract.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { createDispatch } from './dispatch.ts';

function engineThat(answer: (method: string, input: unknown) => unknown): DesktopEngine {
  return { call: (async (method: string, input: unknown) => answer(method, input)) as DesktopEngine['call'], onEvent: () => () => undefined };
}
const never = engineThat(() => { throw new Error('the engine must not be asked'); });

describe('dispatch', () => {
  it('ok: passes a known call on and gives its answer as data', async () => {
    const seen: unknown[] = [];
    const dispatch = createDispatch(engineThat((method, input) => { seen.push(method, input); return { loginName: 'x' }; }));
    expect(await dispatch('session.logIn', { loginName: 'demo', password: 'secret' })).toEqual({ ok: true, value: { loginName: 'x' } });
    expect(seen).toEqual(['session.logIn', { loginName: 'demo', password: 'secret' }]);
  });

  it.each([['nothing.here'], ['constructor'], ['__proto__'], ['toString'], [17], [null], [['app.info']]])('refuses: method %j', async (method) => {
    expect(await createDispatch(never)(method, null)).toEqual({ ok: false, error: { code: 'METHOD_UNKNOWN', details: {} } });
  });

  it('ok: an error of the table crosses as itself, an unexpected one as INTERNAL without its message', async () => {
    expect(await createDispatch(engineThat(() => { throw new AppError('NOT_SIGNED_IN'); }))('session.get', null)).toEqual({ ok: false, error: { code: 'NOT_SIGNED_IN', details: {} } });
    expect(await createDispatch(engineThat(() => { throw new Error('secret inside'); }))('session.get', null)).toEqual({ ok: false, error: { code: 'INTERNAL', details: {} } });
  });
});
