import { describe, expect, it } from 'vitest';
import type { PinRules, PinState } from '#shared/contract/desktop/tokens.ts';
import { checkNewPin } from './pin-rules.ts';
import { needsTryConfirmation, pinSeriousness } from './pin-tries.ts';

const RULES: PinRules = { minLength: 6, maxLength: 16, allowed: 'printable', minClasses: 2, refuseSequences: true, refuseRepeats: true };
const broken = (newPin: string, rules: PinRules = RULES, oldPin = 'old-pin1', repeated = newPin) => checkNewPin(rules, oldPin, newPin, repeated).filter((check) => !check.kept).map((check) => check.rule);

describe('rules of a new PIN', () => {
  it('ok: a PIN that keeps all of them', () => expect(broken('Tx7391')).toEqual([]));
  it.each([
    ['a1b2c', ['length']], ['a1'.repeat(9), ['length']], ['739150', ['classes']], ['Tx 7391', ['allowed']], ['公司Tx7391', ['allowed']],
    ['123456', ['classes', 'sequence']], ['fedcba', ['classes', 'sequence']], ['111111', ['classes', 'repeat']], ['old-pin1', ['differs']],
  ])('refuses: %s', (pin, rules) => expect(broken(pin)).toEqual(rules));
  it('refuses: two entries that differ', () => expect(broken('Tx7391', RULES, 'old-pin1', 'Tx7392')).toEqual(['repeated-same']));
  it('refuses: letters where only digits may stand', () => expect(broken('73915a', { ...RULES, allowed: 'digits', minClasses: 1 })).toEqual(['allowed']));
  it('ok: shows only the rules that the model has', () => {
    expect(checkNewPin({ ...RULES, minClasses: 1, refuseSequences: false, refuseRepeats: false }, '', '', '').map((check) => check.rule)).toEqual(['length', 'allowed', 'differs', 'repeated-same']);
  });
  it('ok: an empty field keeps no rule, so that nothing can be submitted', () => {
    expect(checkNewPin(RULES, '', '', '').every((check) => !check.kept)).toBe(true);
  });
  it('ok: a sequence inside a longer PIN is allowed', () => expect(broken('x12345y')).toEqual([]));
});

describe('tries left', () => {
  const state = (changes: Partial<PinState>): PinState => ({ status: 'ok', triesLeft: 6, maxTries: 6, mustChange: false, ...changes });
  it.each([
    [state({}), 'calm', false], [state({ triesLeft: null, maxTries: null }), 'calm', false], [state({ status: 'unknown', triesLeft: null }), 'calm', false],
    [state({ status: 'low', triesLeft: 5 }), 'careful', false], [state({ status: 'low', triesLeft: 3 }), 'careful', false], [state({ status: 'low', triesLeft: null, maxTries: null }), 'careful', true],
    [state({ status: 'low', triesLeft: 2 }), 'serious', true], [state({ triesLeft: 2 }), 'serious', true],
    [state({ status: 'final-try', triesLeft: 1 }), 'last', true], [state({ status: 'final-try', triesLeft: null }), 'last', true],
    [state({ status: 'locked', triesLeft: 0 }), 'locked', false], [state({ triesLeft: 0 }), 'locked', false], [state({ status: 'not-initialised' }), 'unusable', false],
  ])('ok: %j is %s, confirmation %s', (pin, seriousness, confirmation) => {
    expect(pinSeriousness(pin)).toBe(seriousness);
    expect(needsTryConfirmation(pin)).toBe(confirmation);
  });
});
