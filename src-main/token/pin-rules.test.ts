import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors/app-error.ts';
import { checkNewPin, type PinRuleName } from './pin-rules.ts';

const RULES = { minLength: 6, maxLength: 16, allowed: 'printable', minClasses: 1, refuseSequences: true, refuseRepeats: true };
const bytes = (text: string) => new TextEncoder().encode(text);

function brokenBy(newPin: string, rules = RULES, defaultPins: readonly string[] = []): readonly string[] {
  try {
    checkNewPin(bytes(newPin), bytes('0ldSecret'), rules, defaultPins);
    return [];
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.code !== 'PIN_RULE') throw thrown;
    expect(JSON.stringify(thrown.toData())).not.toContain(newPin);
    return thrown.details['rules'] as string[];
  }
}

const CASES: readonly (readonly [PinRuleName, string, Partial<typeof RULES>, readonly string[]])[] = [
  ['length', 'a1b2c', {}, []],
  ['length', 'a1b2c3d4e5f6g7h8i', {}, []],
  ['characters', 'with space', {}, []],
  ['characters', 'letters', { allowed: 'digits' }, []],
  ['characters', 'secrét1', {}, []],
  ['classes', 'onlylower', { minClasses: 2 }, []],
  ['classes', 'lowerAND1', { minClasses: 4 }, []],
  ['sequence', '123456', {}, []],
  ['sequence', '987654', {}, []],
  ['sequence', 'abcdefg', {}, []],
  ['repeat', '777777', {}, []],
  ['same-as-old', '0ldSecret', {}, []],
  ['factory', '12345679', {}, ['111111', '12345679']],
];

describe('new PIN', () => {
  for (const [rule, newPin, change, defaultPins] of CASES) it(`refuses: ${newPin} by ${rule}`, () => expect(brokenBy(newPin, { ...RULES, ...change }, defaultPins)).toEqual([rule]));
  it('ok: PINs that keep all rules', () => {
    for (const newPin of ['28461937', 'aB3$xy', '123457', 'zzzzzy']) expect(brokenBy(newPin, { ...RULES, minClasses: 1 }, ['12345678'])).toEqual([]);
    expect(brokenBy('aB3$xyzz', { ...RULES, minClasses: 4 })).toEqual([]);
  });
  it('refuses: everything where the profile names a rule that is not known', () => expect(brokenBy('28461937', { ...RULES, allowed: 'emoji' })).toEqual(['characters']));
});
