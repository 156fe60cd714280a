/**
 * What an ELF library needs of others: names of libraries, folders it looks in, versions of the C library. System V ABI chapter 5, LSB "symbol versioning".
 * Reads a file that anyone may have made: every offset and count is checked against the file, nothing is followed twice, nothing is guessed. Pure but for `readAt`.
 */

export interface ElfNeeds {
  readonly processorBits: 32 | 64;
  /** DT_NEEDED, in order. */
  readonly libraries: readonly string[];
  /** DT_RUNPATH, or DT_RPATH when there is none; `$ORIGIN` as it stands there. */
  readonly folders: readonly string[];
  /** Library → versions wanted of it, for example libc.so.6 → GLIBC_2.34. */
  readonly versions: ReadonlyMap<string, readonly string[]>;
}

/** Octets of the file from `offset`; fewer than `length` at its end. */
export type ReadAt = (offset: number, length: number) => Promise<Uint8Array>;

class NotElf extends Error {}

const MAX_SEGMENTS = 256;
const MAX_DYNAMIC_ENTRIES = 4096;
const MAX_STRINGS_BYTES = 4 * 1024 * 1024;
const MAX_NAME_BYTES = 1024;
const MAX_VERSIONS = 1024;

const SEGMENT_LOAD = 1;
const SEGMENT_DYNAMIC = 2;
const TAG = { end: 0, needed: 1, strtab: 5, strsz: 10, rpath: 15, runpath: 29, verneed: 0x6ffffffe, verneednum: 0x6fffffff } as const;

/** @returns null when the file is no ELF library that can be read to its end, in either word size, little-endian */
export async function readElfNeeds(readAt: ReadAt): Promise<ElfNeeds | null> {
  try {
    return await new ElfFile(readAt).needs();
  } catch (thrown) {
    if (thrown instanceof NotElf) return null;
    throw thrown;
  }
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly fileBytes: number;
}

class ElfFile {
  readonly #readAt: ReadAt;
  #bits: 32 | 64 = 64;

  constructor(readAt: ReadAt) {
    this.#readAt = readAt;
  }

  async needs(): Promise<ElfNeeds> {
    const segments = await this.#segments();
    const dynamic = segments.find(({ type }) => type === SEGMENT_DYNAMIC);
    if (!dynamic) return { processorBits: this.#bits, libraries: [], folders: [], versions: new Map() };
    const entries = await this.#dynamicEntries(dynamic);
    const one = (tag: number) => entries.find((entry) => entry.tag === tag)?.value;
    const strings = await this.#strings(segments, one(TAG.strtab), one(TAG.strsz));
    const texts = (tag: number) => entries.filter((entry) => entry.tag === tag).map(({ value }) => textAt(strings, value));
    const folders = [...texts(TAG.runpath), ...(entries.some(({ tag }) => tag === TAG.runpath) ? [] : texts(TAG.rpath))].flatMap((list) => list.split(':')).filter((folder) => folder !== '');
    return { processorBits: this.#bits, libraries: texts(TAG.needed), folders, versions: await this.#versions(segments, strings, one(TAG.verneed), one(TAG.verneednum)) };
  }

  async #exactly(offset: number, length: number): Promise<DataView> {
    if (!Number.isSafeInteger(offset) || offset < 0) throw new NotElf('offset');
    const bytes = await this.#readAt(offset, length);
    if (bytes.length < length) throw new NotElf('cut off');
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }

  async #segments(): Promise<Segment[]> {
    const start = await this.#exactly(0, 20);
    if (start.getUint32(0) !== 0x7f454c46 || start.getUint8(5) !== 1 || start.getUint8(6) !== 1) throw new NotElf('magic');
    const bits = { 1: 32 as const, 2: 64 as const }[start.getUint8(4)];
    if (bits === undefined) throw new NotElf('class');
    this.#bits = bits;
    const header = await this.#exactly(0, bits === 64 ? 64 : 52);
    const table = this.#word(header, bits === 64 ? 32 : 28);
    const size = header.getUint16(bits === 64 ? 54 : 42, true);
    const count = header.getUint16(bits === 64 ? 56 : 44, true);
    if (size !== (bits === 64 ? 56 : 32) || count > MAX_SEGMENTS) throw new NotElf('segments');
    const view = await this.#exactly(table, size * count);
    return Array.from({ length: count }, (_, index) => this.#segment(view, index * size));
  }

  #segment(view: DataView, at: number): Segment {
    const type = view.getUint32(at, true);
    if (this.#bits === 64) return { type, offset: this.#word(view, at + 8), address: this.#word(view, at + 16), fileBytes: this.#word(view, at + 32) };
    return { type, offset: view.getUint32(at + 4, true), address: view.getUint32(at + 8, true), fileBytes: view.getUint32(at + 16, true) };
  }

  /** An address or size of the word size of the file; numbers that no file can have are refused. */
  #word(view: DataView, at: number): number {
    if (this.#bits === 32) return view.getUint32(at, true);
    const value = view.getBigUint64(at, true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new NotElf('number');
    return Number(value);
  }

  async #dynamicEntries(dynamic: Segment): Promise<{ readonly tag: number; readonly value: number }[]> {
    const size = this.#bits === 64 ? 16 : 8;
    const count = Math.min(Math.floor(dynamic.fileBytes / size), MAX_DYNAMIC_ENTRIES);
    const view = await this.#exactly(dynamic.offset, count * size);
    const entries: { tag: number; value: number }[] = [];
    for (let index = 0; index < count; index++) {
      const tag = this.#bits === 64 ? Number(view.getBigUint64(index * size, true)) : view.getUint32(index * size, true);
      if (tag === TAG.end) return entries;
      // Only those that are understood are read: other tags hold values of any size.
      if (Object.values(TAG).some((known) => known === tag)) entries.push({ tag, value: this.#word(view, index * size + size / 2) });
    }
    return entries;
  }

  /** Tables are named by their address in memory; the segment that holds it tells where it is in the file. */
  #offsetOf(segments: readonly Segment[], address: number): number {
    const holder = segments.find((one) => one.type === SEGMENT_LOAD && address >= one.address && address < one.address + one.fileBytes);
    if (!holder) throw new NotElf('address');
    return holder.offset + (address - holder.address);
  }

  async #strings(segments: readonly Segment[], address: number | undefined, bytes: number | undefined): Promise<Uint8Array> {
    if (address === undefined || bytes === undefined || bytes > MAX_STRINGS_BYTES) throw new NotElf('string table');
    const view = await this.#exactly(this.#offsetOf(segments, address), bytes);
    return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  }

  /** Elfxx_Verneed and Elfxx_Vernaux: lists in which each entry says how far the next one is; both word sizes have the same form. */
  async #versions(segments: readonly Segment[], strings: Uint8Array, address: number | undefined, count: number | undefined): Promise<Map<string, string[]>> {
    const versions = new Map<string, string[]>();
    if (address === undefined || count === undefined) return versions;
    let total = 0;
    let at = this.#offsetOf(segments, address);
    for (let index = 0; index < count; index++) {
      const need = await this.#exactly(at, 16);
      const names: string[] = [];
      let aux = at + need.getUint32(8, true);
      for (let left = need.getUint16(2, true); left > 0; left--) {
        if (++total > MAX_VERSIONS) throw new NotElf('versions');
        const entry = await this.#exactly(aux, 16);
        names.push(textAt(strings, entry.getUint32(8, true)));
        if (entry.getUint32(12, true) === 0) break;
        aux += entry.getUint32(12, true);
      }
      const library = textAt(strings, need.getUint32(4, true));
      versions.set(library, [...(versions.get(library) ?? []), ...names]);
      const next = need.getUint32(12, true);
      if (next === 0) break;
      if (++total > MAX_VERSIONS) throw new NotElf('versions');
      at += next;
    }
    return versions;
  }
}

/** A name of a string table: ends with a zero, is not too long, and holds printable ASCII only. */
function textAt(strings: Uint8Array, at: number): string {
  const end = strings.indexOf(0, at);
  if (at >= strings.length || end < 0 || end - at > MAX_NAME_BYTES) throw new NotElf('name');
  const bytes = strings.subarray(at, end);
  if (bytes.some((byte) => byte < 0x20 || byte > 0x7e)) throw new NotElf('name');
  return String.fromCharCode(...bytes);
}
