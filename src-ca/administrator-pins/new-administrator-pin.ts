/** Random administrator PINs: letters and digits that every key takes and that nobody has to read. */
import { randomInt } from 'node:crypto';

const SORTS = ['ABCDEFGHJKLMNPQRSTUVWXYZ', 'abcdefghijkmnopqrstuvwxyz', '23456789'] as const;
const ALPHABET = SORTS.join('');
/** About 93 bits; what the PIN fields of SKF and of most PKCS#11 keys hold. */
export const ADMINISTRATOR_PIN_LENGTH = 16;

/** Holds every sort of character, because some models ask for it. */
export function newAdministratorPin(length = ADMINISTRATOR_PIN_LENGTH): string {
  for (;;) {
    const pin = Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
    if (SORTS.every((sort) => [...sort].some((character) => pin.includes(character)))) return pin;
  }
}
