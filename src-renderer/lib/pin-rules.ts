/**
 * The rules of a new PIN, one by one, for the list that is shown before and while the person types. The key and its driver decide in the end;
 * this only spares a refusal. Pure; the PIN is looked at and not kept.
 */
import type { PinRules } from '#shared/contract/desktop/tokens.ts';

export type PinRuleName = 'length' | 'allowed' | 'classes' | 'sequence' | 'repeat' | 'differs' | 'repeated-same';

export interface PinRuleCheck {
  readonly rule: PinRuleName;
  readonly kept: boolean;
}

const CLASSES = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/];
const ALLOWED: Record<string, RegExp> = { digits: /^[0-9]+$/, printable: /^[\x21-\x7e]+$/ };

/**
 * @param repeated what stands in the second field
 * @returns only the rules that this model has, in the order in which they are shown
 */
export function checkNewPin(rules: PinRules, oldPin: string, newPin: string, repeated: string): PinRuleCheck[] {
  const checks: PinRuleCheck[] = [
    { rule: 'length', kept: newPin.length >= rules.minLength && newPin.length <= rules.maxLength },
    { rule: 'allowed', kept: (ALLOWED[rules.allowed] ?? /^[\x21-\x7e]+$/).test(newPin) },
  ];
  if (rules.minClasses > 1) checks.push({ rule: 'classes', kept: CLASSES.filter((kind) => kind.test(newPin)).length >= rules.minClasses });
  if (rules.refuseSequences) checks.push({ rule: 'sequence', kept: newPin !== '' && !isSequence(newPin) });
  if (rules.refuseRepeats) checks.push({ rule: 'repeat', kept: newPin !== '' && !isRepeat(newPin) });
  checks.push({ rule: 'differs', kept: newPin !== '' && newPin !== oldPin });
  checks.push({ rule: 'repeated-same', kept: newPin !== '' && newPin === repeated });
  return checks;
}

/** The whole PIN goes up or down by one: 123456, 654321, abcdef. */
export function isSequence(pin: string): boolean {
  if (pin.length < 3) return false;
  const steps = [...pin].slice(1).map((sign, index) => sign.charCodeAt(0) - pin.charCodeAt(index));
  return steps.every((step) => step === 1) || steps.every((step) => step === -1);
}

/** The whole PIN is one sign: 111111. */
export function isRepeat(pin: string): boolean {
  return pin.length > 1 && [...pin].every((sign) => sign === pin[0]);
}
