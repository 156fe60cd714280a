/** What libraries need, read from real files and from hostile ones. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readElfNeeds, type ReadAt } from './elf-dynamic.ts';
import { missingLibraries, newerGlibcWanted, readLoaderCache } from './linux-libraries.ts';
import { thisSystem } from './system-view.ts';

const from = (bytes: Uint8Array): ReadAt => async (offset, length) => bytes.subarray(offset, offset + length);
let folder = '';
let library: Buffer;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidkey-elf-'));
  const source = join(folder, 'needs.c');
  writeFileSync(source, '#include <math.h>\n#include <stdio.h>\ndouble lean(double x) { printf("%f", x); return pow(x, 1.5); }\n');
  const absent = join(folder, 'libbidkey-absent.so.3');
  for (const words of [['-shared', '-fPIC', '-x', 'c', '/dev/null', '-Wl,-soname,libbidkey-absent.so.3', '-o', absent], ['-shared', '-fPIC', '-Wl,--no-as-needed', source, absent, '-lm', '-Wl,-rpath,$ORIGIN/beside:/opt/maker', '-o', join(folder, 'libneeds.so')]]) {
    const { status, stderr } = spawnSync('cc', words, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  }
  library = readFileSync(join(folder, 'libneeds.so'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('ELF needs', () => {
  it('ok: names libraries, folders and versions of a library that a compiler made, as readelf does', async () => {
    const needs = await readElfNeeds(from(library));
    const said = spawnSync('readelf', ['-d', '-V', '-W', join(folder, 'libneeds.so')], { encoding: 'utf8' }).stdout;
    expect(needs?.libraries).toEqual([...said.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map((match) => match[1]));
    expect(needs?.libraries).toEqual(expect.arrayContaining(['libbidkey-absent.so.3', 'libc.so.6', 'libm.so.6']));
    expect(needs?.folders).toEqual(['$ORIGIN/beside', '/opt/maker']);
    for (const [, version] of said.matchAll(/Name: (GLIBC_[\d.]+)/g)) expect([...(needs?.versions.values() ?? [])].flat()).toContain(version);
  });

  it('ok: says which of them the loader would not find, as the loader does', async () => {
    const needs = await readElfNeeds(from(library));
    const path = join(folder, 'libneeds.so');
    expect(needs && (await missingLibraries(path, needs, thisSystem()))).toEqual(['libbidkey-absent.so.3']);
    // ldd asks the loader itself, which finds the library beside the program by its full name only.
    expect(spawnSync('ldd', [path], { encoding: 'utf8' }).stdout).toContain('libbidkey-absent.so.3 => not found');
    const beside = needs && (await missingLibraries(path, { ...needs, folders: ['$ORIGIN'] }, thisSystem()));
    expect(beside).toEqual([]);
  });

  it('ok: a real driver of this machine lacks nothing', async () => {
    const path = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so', '/usr/lib64/softhsm/libsofthsm2.so'].find(existsSync) ?? '';
    const needs = await readElfNeeds(from(readFileSync(path)));
    expect(needs && (await missingLibraries(path, needs, thisSystem()))).toEqual([]);
    expect(needs && newerGlibcWanted(needs, thisSystem().glibcVersion)).toBe(null);
  });

  it('ok: a version that this C library does not have is told; the numbers are compared as numbers', () => {
    const needs = { processorBits: 64 as const, libraries: [], folders: [], versions: new Map([['libc.so.6', ['GLIBC_2.2.5', 'GLIBC_2.9', 'GLIBC_2.34']]]) };
    expect(newerGlibcWanted(needs, '2.28')).toBe('2.34');
    expect([newerGlibcWanted(needs, '2.34'), newerGlibcWanted(needs, '2.100'), newerGlibcWanted(needs, null)]).toEqual([null, null, null]);
  });

  it('refuses: every file that was cut off before its tables end', async () => {
    const answers = new Set<boolean>();
    for (let length = 0; length < library.length; length += 97) answers.add((await readElfNeeds(from(library.subarray(0, length)))) === null);
    expect(answers.has(true)).toBe(true);
    expect(await readElfNeeds(from(library.subarray(0, 300)))).toBe(null);
  });

  it('refuses or reads, and never breaks: each byte of the headers turned round, one after the other', async () => {
    // Program headers and dynamic section: what an attacker would change.
    for (let at = 0; at < Math.min(library.length, 1400); at++) {
      const hostile = Buffer.from(library);
      hostile[at] = (hostile[at] ?? 0) ^ 0xff;
      const needs = await readElfNeeds(from(hostile));
      expect(needs === null || needs.libraries.every((name) => name.length <= 1024)).toBe(true);
    }
  });

  it('refuses: version lists that lead in circles, within a bound', async () => {
    const original = await readElfNeeds(from(library));
    expect(original?.versions.size).toBeGreaterThan(0);
    let reads = 0;
    const hostile = Buffer.from(library);
    // vn_next and vna_next of every entry to themselves: an offset of one octet at a time.
    for (let at = 0; at + 16 <= hostile.length; at += 4) if (hostile.readUInt16LE(at) === 1 && hostile.readUInt32LE(at + 8) === 16) hostile.writeUInt32LE(1, at + 12);
    await readElfNeeds(async (offset, length) => {
      reads += 1;
      return hostile.subarray(offset, offset + length);
    });
    expect(reads).toBeLessThan(5000);
  });
});

describe('cache of the loader', () => {
  it('ok: knows what ldconfig -p knows', async () => {
    const cache = readLoaderCache((await thisSystem().read('/etc/ld.so.cache', 16 << 20)) ?? new Uint8Array(0));
    const said = spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' }).stdout;
    for (const [, name, path] of said.matchAll(/^\t(\S+) \(.*\) => (\S+)$/gm)) expect(cache.get(name ?? '')).toContain(path);
    expect(cache.size).toBeGreaterThan(5);
  });

  it('refuses: caches that were cut off or point outside of themselves', async () => {
    const bytes = Buffer.from((await thisSystem().read('/etc/ld.so.cache', 16 << 20)) ?? []);
    expect(readLoaderCache(bytes.subarray(0, 100)).size).toBe(0);
    const start = bytes.indexOf('glibc-ld.so.cache1.1');
    const outside = Buffer.from(bytes);
    outside.writeUInt32LE(0xfffffff0, start + 48 + 8);
    expect(readLoaderCache(outside).size).toBe(0);
    const tooMany = Buffer.from(bytes);
    tooMany.writeUInt32LE(0xffffffff, start + 20);
    expect(readLoaderCache(tooMany).size).toBe(0);
    expect(readLoaderCache(new Uint8Array(0)).size).toBe(0);
  });
});
