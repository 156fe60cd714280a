/** Lists of names in SKF: each ended by NUL, the list by one more, or by the length that the driver tells. Names are bytes; they go back to the driver as they came. Pure. */
import { text } from '../text-fields.ts';

/** A name without its NUL. */
export type DriverName = Uint8Array;

/** More than any key has devices, applications or containers. */
const MAX_NAMES = 512;

/** @returns the names, at most 512; the last may lack its NUL */
export function readNameList(list: Uint8Array): DriverName[] {
  const names: DriverName[] = [];
  let start = 0;
  while (start < list.length && names.length < MAX_NAMES) {
    const nul = list.indexOf(0, start);
    const end = nul < 0 ? list.length : nul;
    if (end === start) break;
    names.push(list.slice(start, end));
    start = end + 1;
  }
  return names;
}

/** As the driver wants it back. */
export function withNul(name: Uint8Array): Buffer {
  return Buffer.concat([name, Buffer.alloc(1)]);
}

export function sameName(left: DriverName, right: DriverName): boolean {
  return Buffer.compare(left, right) === 0;
}

/** For showing and comparing with what people write. */
export function nameText(name: DriverName): string {
  return text(name);
}
