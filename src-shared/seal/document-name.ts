/** Names of documents in a bid: which are allowed, and which two are one. Spec §7. Pure. */
import { toUtf8 } from '../bytes/utf8.ts';
import { refuse } from '../errors/app-error.ts';

const MAX_NAME_BYTES = 1024;
const MAX_PART_BYTES = 255;
/** Control, format (bidirectional overrides), surrogates, private, unassigned, line separators. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\u2028\u2029]/u;
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:\s*\..*|\s*)$/i;

/** @returns null when the name is allowed */
export function findNameProblem(name: string): string | null {
  if (name.length === 0) return 'empty';
  if (INVISIBLE.test(name)) return 'invisible character';
  if (name !== name.normalize('NFC')) return 'not in normal form C';
  if (toUtf8(name).length > MAX_NAME_BYTES) return 'too long';
  if (name.startsWith('/')) return 'absolute path';
  if (/^[A-Za-z]:/.test(name)) return 'drive letter';
  if (/[\\<>:"|?*]/.test(name)) return 'forbidden character';
  for (const part of name.split('/')) {
    const problem = findPartProblem(part);
    if (problem) return problem;
  }
  return null;
}

function findPartProblem(part: string): string | null {
  if (part.length === 0) return 'empty part';
  if (part === '.' || part === '..') return 'traversal';
  if (toUtf8(part).length > MAX_PART_BYTES) return 'too long';
  // Windows drops them silently: two names would be one file. Other spaces of Unicode show the same.
  if (/^\s|[\s.]$/u.test(part)) return 'space or dot at an end';
  return DEVICE.test(part) ? 'device name' : null;
}

/** @throws SEAL_NAME_REFUSED */
export function checkName(name: string): void {
  const reason = findNameProblem(name);
  if (reason) refuse('SEAL_NAME_REFUSED', { reason, name: printable(name) });
}

/** File systems that ignore case keep one of two names that differ in it only. */
const folded = (name: string): string => name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');

/** @throws SEAL_NAME_REFUSED, SEAL_NAME_DUPLICATE */
export function checkNames(names: readonly string[]): void {
  const files = new Set<string>();
  const folders = new Set<string>();
  for (const name of names) {
    checkName(name);
    const key = folded(name);
    if (files.has(key) || folders.has(key)) refuse('SEAL_NAME_DUPLICATE', { name: printable(name) });
    files.add(key);
    for (let at = key.indexOf('/'); at >= 0; at = key.indexOf('/', at + 1)) {
      const folder = key.slice(0, at);
      if (files.has(folder)) refuse('SEAL_NAME_DUPLICATE', { name: printable(name) });
      folders.add(folder);
    }
  }
}

/** A name that is refused is shown without what makes it dangerous to show. */
const printable = (name: string): string => name.slice(0, 200).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\u2028\u2029]/gu, '\ufffd');
