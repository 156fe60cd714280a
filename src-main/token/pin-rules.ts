/** Rules for a new PIN, checked before the key is asked. Rules are a table; the names of broken ones go to the screen, the PIN does not. Pure. */
import type { PinRules } from '#shared/contract/desktop/tokens.ts';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { AppError } from '#shared/errors/app-error.ts';

export type PinRuleName = 'length' | 'characters' | 'classes' | 'sequence' | 'repeat' | 'same-as-old' | 'factory';

interface NewPin {
  readonly bytes: Uint8Array;
  readonly oldBytes: Uint8Array;
  readonly rules: PinRules;
  readonly defaultPins: readonly string[];
}

const ALLOWED: Readonly<Record<string, (byte: number) => boolean>> = {
  digits: (byte) => byte >= 0x30 && byte <= 0x39,
  printable: (byte) => byte >= 0x21 && byte <= 0x7e,
};
const CLASSES: readonly ((byte: number) => boolean)[] = [
  (byte) => byte >= 0x61 && byte <= 0x7a,
  (byte) => byte >= 0x41 && byte <= 0x5a,
  (byte) => byte >= 0x30 && byte <= 0x39,
  (byte) => byte >= 0x21 && byte <= 0x7e && !/[0-9A-Za-z]/.test(String.fromCharCode(byte)),
];

/** Whether the rule is broken. */
const BROKEN: Readonly<Record<PinRuleName, (pin: NewPin) => boolean>> = {
  length: ({ bytes, rules }) => bytes.length < rules.minLength || bytes.length > rules.maxLength,
  characters: ({ bytes, rules }) => !bytes.every(ALLOWED[rules.allowed] ?? (() => false)),
  classes: ({ bytes, rules }) => CLASSES.filter((isOfClass) => bytes.some(isOfClass)).length < rules.minClasses,
  sequence: ({ bytes, rules }) => rules.refuseSequences && (stepsAreAll(bytes, 1) || stepsAreAll(bytes, -1)),
  repeat: ({ bytes, rules }) => rules.refuseRepeats && stepsAreAll(bytes, 0),
  'same-as-old': ({ bytes, oldBytes }) => equalBytes(bytes, oldBytes),
  factory: ({ bytes, defaultPins }) => isDefaultPin(bytes, defaultPins),
};

/** @throws PIN_RULE with the names of all broken rules */
export function checkNewPin(newPin: Uint8Array, oldPin: Uint8Array, rules: PinRules, defaultPins: readonly string[]): void {
  const pin = { bytes: newPin, oldBytes: oldPin, rules, defaultPins };
  const broken = (Object.keys(BROKEN) as PinRuleName[]).filter((name) => BROKEN[name](pin));
  if (broken.length > 0) throw new AppError('PIN_RULE', { rules: broken });
}

/** Whether a PIN is one that keys of the model are handed out with. The PIN is compared and nothing of it kept. */
export function isDefaultPin(pin: Uint8Array, defaultPins: readonly string[]): boolean {
  return defaultPins.some((known) => equalBytes(pin, new TextEncoder().encode(known)));
}

function stepsAreAll(bytes: Uint8Array, step: number): boolean {
  return bytes.length > 1 && bytes.every((byte, index) => index === 0 || byte - (bytes[index - 1] ?? 0) === step);
}
