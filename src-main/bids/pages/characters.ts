/**
 * Characters that the font of the pages has no sign for. A page would show an empty box in their place, and what is signed would not be what was typed:
 * such a page is refused with the characters named, or shows them by their number.
 */
import type { Font } from 'fontkit';
import { refuse } from '#shared/errors/app-error.ts';

export type UnwritableCharacters = 'refuse' | 'name';

/** Breaks and tabs are not drawn. */
const UNDRAWN = new Set(['\n', '\r', '\t']);

const opened = new Map<string, Promise<Font>>();

async function readFont(path: string): Promise<Font> {
  const { open } = await import('fontkit');
  const font = await open(path);
  return 'fonts' in font ? refuse('INTERNAL') : font;
}

/** Kept: a font of many thousand signs is not read for every page. */
function openFont(path: string): Promise<Font> {
  const font = opened.get(path) ?? readFont(path);
  opened.set(path, font);
  return font;
}

const numberOf = (character: string): string => `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

/** @returns the same shape, every text of it writable @throws BID_CHARACTER, details.characters names each with its number */
export async function checkCharacters<T>(page: T, unwritable: UnwritableCharacters, fontPath: string): Promise<T> {
  const font = await openFont(fontPath);
  const missing = new Set<string>();
  const writable = (text: string): string => [...text].map((character) => {
    if (UNDRAWN.has(character) || font.hasGlyphForCodePoint(character.codePointAt(0) ?? 0)) return character;
    missing.add(character);
    return `[${numberOf(character)}]`;
  }).join('');
  const checked = mapTexts(page, writable);
  if (unwritable === 'refuse' && missing.size > 0) refuse('BID_CHARACTER', { characters: [...missing].map((character) => `${character} (${numberOf(character)})`).join(', ') });
  return checked;
}

function mapTexts<T>(value: T, change: (text: string) => string): T {
  const mapped = (one: unknown): unknown => {
    if (typeof one === 'string') return change(one);
    if (Array.isArray(one)) return one.map(mapped);
    if (one === null || typeof one !== 'object' || one instanceof Date) return one;
    return Object.fromEntries(Object.entries(one).map(([name, inner]) => [name, mapped(inner)]));
  };
  return mapped(value) as T;
}
