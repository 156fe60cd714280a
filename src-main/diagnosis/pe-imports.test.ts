/** Imports of Windows libraries: built octet by octet here, as there is no Windows compiler; hostile forms of the same. */
import { describe, expect, it } from 'vitest';
import type { ReadAt } from './elf-dynamic.ts';
import { readPeImports } from './pe-imports.ts';
import { readRegistry, readServiceState } from './windows-facts.ts';

const from = (bytes: Uint8Array): ReadAt => async (offset, length) => bytes.subarray(offset, offset + length);
const HEADER = 0x80;
const OPTIONAL = HEADER + 24;

/** One section at RVA 0x1000, file offset 0x400, holding import descriptors and names. */
function dll(names: readonly string[], magic: 0x10b | 0x20b = 0x20b): Buffer {
  const bytes = Buffer.alloc(0x1400);
  bytes.write('MZ');
  bytes.writeUInt32LE(HEADER, 0x3c);
  bytes.write('PE\0\0', HEADER, 'latin1');
  bytes.writeUInt16LE(0x8664, HEADER + 4);
  bytes.writeUInt16LE(1, HEADER + 6);
  bytes.writeUInt16LE(240, HEADER + 20);
  bytes.writeUInt16LE(0x2022, HEADER + 22);
  bytes.writeUInt16LE(magic, OPTIONAL);
  const directories = OPTIONAL + (magic === 0x20b ? 112 : 96);
  bytes.writeUInt32LE(16, directories - 4);
  bytes.writeUInt32LE(0x1000, directories + 8);
  const section = OPTIONAL + 240;
  bytes.writeUInt32LE(0x1000, section + 12);
  bytes.writeUInt32LE(0x1000, section + 16);
  bytes.writeUInt32LE(0x400, section + 20);
  names.forEach((name, index) => {
    const at = 0x800 + index * 64;
    bytes.writeUInt32LE(0x1000 + at, 0x400 + index * 20 + 12);
    bytes.write(`${name}\0`, 0x400 + at, 'latin1');
  });
  return bytes;
}

describe('PE imports', () => {
  it('ok: names of both word sizes, in order; none when there are none', async () => {
    expect(await readPeImports(from(dll(['mtoken.dll', 'KERNEL32.dll'])))).toEqual(['mtoken.dll', 'KERNEL32.dll']);
    expect(await readPeImports(from(dll(['a.dll'], 0x10b)))).toEqual(['a.dll']);
    expect(await readPeImports(from(dll([])))).toEqual([]);
  });

  it('refuses: cut off, addresses outside of every section, names without end or with control characters', async () => {
    const whole = dll(['mtoken.dll']);
    for (const length of [0, 2, 63, 0x90, 0x180, 0x405]) expect(await readPeImports(from(whole.subarray(0, length)))).toBe(null);
    for (const [at, value] of [[0x400 + 12, 0x5000], [OPTIONAL + 112 + 8, 0x9000], [0x3c, 0xfffffff0], [HEADER + 6, 0xffff]] as const) {
      const hostile = Buffer.from(whole);
      if (at === HEADER + 6) hostile.writeUInt16LE(value, at);
      else hostile.writeUInt32LE(value, at);
      expect(await readPeImports(from(hostile))).toBe(null);
    }
    const endless = Buffer.from(whole);
    endless.fill(0x41, 0xc00);
    expect(await readPeImports(from(endless))).toBe(null);
    const strange = Buffer.from(whole);
    strange[0xc00] = 7;
    expect(await readPeImports(from(strange))).toBe(null);
  });

  it('refuses or reads, and never breaks: each octet of the headers turned round', async () => {
    const whole = dll(['mtoken.dll', 'KERNEL32.dll']);
    for (let at = 0; at < 0x430; at++) {
      const hostile = Buffer.from(whole);
      hostile[at] = (hostile[at] ?? 0) ^ 0xff;
      const names = await readPeImports(from(hostile));
      expect(names === null || names.length <= 512).toBe(true);
    }
  });
});

describe('what Windows prints', () => {
  it('ok: keys and text values of reg query; other lines are left out', () => {
    const text = '\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Cryptography\\Defaults\\Provider\\Maker CSP v1.0\r\n    Image Path    REG_SZ    maker.dll\r\n    SKFImagePath    REG_EXPAND_SZ    C:\\Windows\\System32\\maker skf.dll\r\n    Type    REG_DWORD    0x1\r\n\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Cryptography\\Defaults\\Provider\\Other\r\n\r\n';
    expect(readRegistry(text)).toEqual([
      { name: 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Cryptography\\Defaults\\Provider\\Maker CSP v1.0', values: { 'Image Path': 'maker.dll', SKFImagePath: 'C:\\Windows\\System32\\maker skf.dll' } },
      { name: 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Cryptography\\Defaults\\Provider\\Other', values: {} },
    ]);
    expect(readRegistry('    Image Path    REG_SZ    without a key')).toEqual([]);
  });

  it('ok: the state of a service', () => {
    expect(readServiceState('SERVICE_NAME: SCardSvr\r\n        TYPE               : 30  WIN32\r\n        STATE              : 4  RUNNING\r\n')).toBe('RUNNING');
    expect(readServiceState('nothing of the kind')).toBe(null);
  });
});
