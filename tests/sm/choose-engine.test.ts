/** Which engine runs, and that a fall back is seen. */
import { describe, expect, it } from 'vitest';
import { chooseEngine } from '#shared/sm/choose-engine.ts';
import { openSmEngine } from '../../src-main/sm-engine/open-engine.ts';
import { loadNativeAddon } from './each-engine.ts';

const addon = loadNativeAddon();
const missing = () => {
  throw new Error('libstdc++ is too old');
};

describe('the choice', () => {
  it('ok: the addon when it loads, without a notice', () => {
    expect(chooseEngine(() => addon, undefined)).toMatchObject({ engine: { kind: 'native' }, notice: null });
  });

  it('ok: portable when it does not load, with the reason of the loader', () => {
    expect(chooseEngine(missing, undefined)).toMatchObject({ engine: { kind: 'portable' }, notice: { code: 'SM_ENGINE_PORTABLE', details: { reason: 'addon does not load', loaderMessage: 'libstdc++ is too old' } } });
  });

  it('ok: portable when the addon lacks a call, with a notice', () => {
    const { sm2Verify: _left, ...older } = addon as unknown as Record<string, unknown>;
    expect(chooseEngine(() => older, undefined)).toMatchObject({ engine: { kind: 'portable' }, notice: { details: { reason: 'addon of another version' } } });
  });

  it('ok: portable when it is forced, and the addon is not even loaded', () => {
    let loaded = false;
    const choice = chooseEngine(() => (loaded = true), 'portable');
    expect(choice).toMatchObject({ engine: { kind: 'portable' }, notice: { code: 'SM_ENGINE_PORTABLE', details: { reason: 'forced' } } });
    expect(loaded).toBe(false);
  });

  it('refuses: to go on without the addon when it is insisted on', () => {
    expect(() => chooseEngine(missing, 'native')).toThrow(expect.objectContaining({ code: 'SM_ENGINE_FAILED' }));
  });
});

describe('opening on this machine', () => {
  it('ok: native from dist, portable by BIDKEY_ENGINE', () => {
    expect(openSmEngine({}).engine.kind).toBe('native');
    expect(openSmEngine({ BIDKEY_ENGINE: 'portable' }).engine.kind).toBe('portable');
  });

  it('ok: a file that is no addon leads to portable with the linker\'s words', () => {
    const { engine, notice } = openSmEngine({ BIDKEY_ENGINE_PATH: `${import.meta.dirname}/choose-engine.test.ts.node` });
    expect(engine.kind).toBe('portable');
    expect(notice?.details.loaderMessage).toContain('choose-engine.test.ts.node');
  });
});
