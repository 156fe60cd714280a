/** One form for one value: members sorted by code unit, no white space. Covers what our records hold (strings, whole numbers, booleans, null, lists, objects). */
import { assert } from '#shared/errors/assert.ts';

export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`;
  }
  assert(value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value), 'canonical JSON holds no fractions and no undefined');
  return JSON.stringify(value);
}
