import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIBRARY_HEADER_BYTES, readLibraryHeader } from './library-header.ts';

/** ELF header of a shared object up to e_machine, with one segment to be loaded. */
function elf(machine: number, options: { bits?: 1 | 2; order?: 1 | 2; type?: number; segmentBytes?: number } = {}): Uint8Array {
  const { bits = 2, order = 1, type = 3, segmentBytes = 500 } = options;
  const view = new DataView(new ArrayBuffer(128));
  const little = order === 1;
  view.setUint32(0, 0x7f454c46);
  view.setUint8(4, bits);
  view.setUint8(5, order);
  view.setUint8(6, 1);
  view.setUint16(16, type, little);
  view.setUint16(18, machine, little);
  view.setBigUint64(32, 64n, little);
  view.setUint16(54, 56, little);
  view.setUint16(56, 1, little);
  view.setUint32(64, 1, little);
  view.setBigUint64(64 + 8, 100n, little);
  view.setBigUint64(64 + 32, BigInt(segmentBytes), little);
  return new Uint8Array(view.buffer);
}

function pe(machine: number, options: { headerAt?: number; characteristics?: number } = {}): Uint8Array {
  const { headerAt = 0x80, characteristics = 0x2000 } = options;
  const view = new DataView(new ArrayBuffer(0x100));
  view.setUint16(0, 0x4d5a);
  view.setUint32(0x3c, headerAt, true);
  if (headerAt < 0xe0) {
    view.setUint32(headerAt, 0x50450000);
    view.setUint16(headerAt + 4, machine, true);
    view.setUint16(headerAt + 22, characteristics, true);
  }
  return new Uint8Array(view.buffer);
}

function universal(...types: number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 + types.length * 20));
  view.setUint32(0, 0xcafebabe);
  view.setUint32(4, types.length);
  types.forEach((type, index) => view.setUint32(8 + index * 20, type));
  return new Uint8Array(view.buffer);
}

describe('header of a library', () => {
  it.each([[62, 'x64'], [183, 'arm64'], [258, 'loong64'], [8, 'mips64el'], [9999, 'machine-9999-64']] as const)('ok: ELF machine %i is %s', (machine, name) => {
    expect(readLibraryHeader(elf(machine))).toEqual({ platform: 'linux', processors: [name], leastFileBytes: 600 });
  });
  it('ok: the same ELF machine in another word size or byte order is another processor', () => {
    expect(readLibraryHeader(elf(62, { bits: 1 }))?.processors).toEqual(['machine-62-32']);
    expect(readLibraryHeader(elf(183, { order: 2 }))?.processors).toEqual(['machine-183-64-big-endian']);
  });
  it.each([[0x8664, 'x64'], [0x014c, 'ia32'], [0xaa64, 'arm64'], [0x1234, 'machine-4660']] as const)('ok: PE machine %i is %s', (machine, name) => {
    expect(readLibraryHeader(pe(machine))).toMatchObject({ platform: 'win32', processors: [name] });
  });
  it('ok: a universal Mach-O names each of its processors', () => {
    expect(readLibraryHeader(universal(0x01000007, 0x0100000c))).toMatchObject({ platform: 'darwin', processors: ['x64', 'arm64'] });
  });
  it('ok: real libraries of this machine', async () => {
    const bytes = (await readFile(process.execPath)).subarray(0, LIBRARY_HEADER_BYTES);
    // Node itself is a program; where it is built position-independent its header is that of a library.
    expect([null, process.platform]).toContain(readLibraryHeader(bytes)?.platform ?? null);
  });
});

describe('bytes that are no library', () => {
  it('refuses: programs, relocatables, texts, Java classes, PE programs, headers that point outside', () => {
    expect(readLibraryHeader(elf(62, { type: 1 }))).toBeNull();
    expect(readLibraryHeader(new TextEncoder().encode('#!/bin/sh\necho this is no library at all'))).toBeNull();
    expect(readLibraryHeader(Uint8Array.of(0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 0x41, ...new Uint8Array(400)))).toBeNull();
    expect(readLibraryHeader(pe(0x8664, { characteristics: 0x0002 }))).toBeNull();
    for (const headerAt of [0xffffffff, 0x7fffffff, 0x100, 0xf0, 0xe9]) expect(readLibraryHeader(pe(0x8664, { headerAt }))).toBeNull();
  });
  it('refuses: every cut of a header that loses the machine, without reading beyond its end', () => {
    for (const [whole, least] of [[elf(62), 20], [pe(0x8664), 0x80 + 24], [universal(0x01000007), 28]] as const) {
      for (let length = 0; length < least; length++) expect(readLibraryHeader(whole.slice(0, length))).toBeNull();
    }
  });
  it('ok: never throws, whatever the bytes', () => {
    const start = fc.constantFrom(elf(62), pe(0x8664), universal(7, 8), new Uint8Array());
    fc.assert(fc.property(start, fc.uint8Array({ maxLength: 300 }), fc.array(fc.tuple(fc.nat(299), fc.nat(255)), { maxLength: 8 }), (head, tail, changes) => {
      const bytes = new Uint8Array([...head, ...tail]);
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      const header = readLibraryHeader(bytes);
      expect(header === null || header.processors.length > 0).toBe(true);
    }), { numRuns: 2000 });
  });
});
