/** Drivers that cannot work, each with its own reason: real files, loaded in real token hosts, beside drivers that can. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '#shared/contract/desktop/diagnosis.ts';
import { lookAtDrivers } from '../../src-main/diagnosis/driver-findings.ts';
import { makeFinding } from '../../src-main/diagnosis/findings.ts';
import { thisSystem, type SystemView } from '../../src-main/diagnosis/system-view.ts';
import type { DriverConfig } from '../../src-main/token/driver-watch.ts';
import { thisMachine } from '../../src-main/token/find-library.ts';
import type { HostSpawner } from '../../src-main/token/host-spawner.ts';
import { loadUkeyModels } from '../../src-main/ukey-models/load-ukey-models.ts';
import type { UkeyModelProfile } from '../../src-main/ukey-models/ukey-model-profile.ts';
import { createTestSoftUkey, softUkeyMissing, type TestSoftUkey } from '../support/soft-ukey.ts';
import { createSoftHsm2Token, type SoftHsm2Token } from '../support/softhsm2.ts';
import { builtHostSpawner } from '../support/token-host-program.ts';
import { buildHostileDriver, type HostileDriver } from '../token/hostile-driver/build-hostile-driver.ts';

const missing = softUkeyMissing();
const LIMITS = { open: 5_000, poll: 1_500, close: 500 };
let folder = '';
let spawner: HostSpawner;
let profiles: readonly UkeyModelProfile[];
let hostile: HostileDriver;
let softHsm2: SoftHsm2Token;
let softUkey: TestSoftUkey | null = null;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bidkey-drivers-'));
  [spawner, hostile, softHsm2] = await Promise.all([builtHostSpawner(), buildHostileDriver(), createSoftHsm2Token()]);
  profiles = (await loadUkeyModels(join(import.meta.dirname, '../../resources/ukey-models'))).map(({ profile }) => profile);
  if (missing === null) softUkey = await createTestSoftUkey({ create: ['--test'] });
});
afterAll(async () => {
  await hostile.dispose();
  await softHsm2.dispose();
  await softUkey?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const modelOf = (id: string) => profiles.filter((profile) => profile.id === id);

async function look(models: readonly UkeyModelProfile[], drivers: readonly DriverConfig[], changes: { readonly system?: SystemView; readonly busy?: boolean } = {}): Promise<Finding[]> {
  const findings: Finding[] = [];
  const probe = { spawner, machine: thisMachine(), limits: LIMITS };
  await lookAtDrivers({ models, drivers, busy: changes.busy ?? false }, changes.system ?? thisSystem(), probe, (code, about, facts) => findings.push(makeFinding(code, about, facts)));
  return findings;
}

const named = (libraryPath: string, face: 'pkcs11' | 'skf' = 'pkcs11'): DriverConfig => ({ driverId: 'named', modelId: 'generic-pkcs11', libraryPath, interface: face });
const onlyOf = async (libraryPath: string): Promise<Finding | undefined> => {
  const findings = await look(modelOf('generic-pkcs11'), [named(libraryPath)]);
  expect(findings).toHaveLength(1);
  return findings[0];
};
function file(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
function compile(name: string, source: string, ...words: string[]): string {
  const out = join(folder, name);
  const { status, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-x', 'c', '-', '-x', 'none', '-o', out, ...words], { input: source, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return out;
}

describe('driver files', () => {
  it('ok: a driver that loads says how many keys it shows', async () => {
    const findings = await look(modelOf('softhsm2'), [{ driverId: 'mine', modelId: 'softhsm2', libraryPath: softHsm2.modulePath, interface: 'pkcs11', environment: softHsm2.env }]);
    expect(findings).toEqual([expect.objectContaining({ code: 'DRIVER_LOADS', severity: 'good', facts: { model: 'softhsm2', path: softHsm2.modulePath, interface: 'pkcs11', keys: 1 } })]);
  });

  it.skipIf(missing)('ok: both faces of the software UKey', async () => {
    if (!softUkey) return;
    const drivers = (['pkcs11', 'skf'] as const).map((face): DriverConfig => ({ driverId: face, modelId: 'bidkey-soft-ukey', libraryPath: softUkey?.libraryPath ?? '', interface: face, environment: softUkey?.env ?? {} }));
    expect((await look(modelOf('bidkey-soft-ukey'), drivers)).map(({ code, facts }) => [code, facts['interface'], facts['keys']])).toEqual([['DRIVER_LOADS', 'pkcs11', 1], ['DRIVER_LOADS', 'skf', 1]]);
  });

  it('refuses: a library of another processor, by name', async () => {
    const foreign = Buffer.from(readFileSync(hostile.libraryPath));
    foreign.writeUInt16LE(258, 18); // EM_LOONGARCH
    expect(await onlyOf(file('libforeign.so', foreign))).toMatchObject({ code: 'DRIVER_OTHER_PROCESSOR', facts: { found: 'linux loong64', wanted: `linux ${process.arch}` } });
    const windows = Buffer.alloc(512);
    windows.write('MZ');
    windows.writeUInt32LE(0x80, 0x3c);
    windows.write('PE\0\0', 0x80, 'latin1');
    windows.writeUInt16LE(0x014c, 0x84);
    windows.writeUInt16LE(0x2000, 0x80 + 22);
    expect(await onlyOf(file('maker.dll', windows))).toMatchObject({ code: 'DRIVER_OTHER_PROCESSOR', facts: { found: 'win32 ia32' } });
  });

  it('refuses: what is no library, what was cut off, what is damaged inside, and what is not there', async () => {
    const whole = readFileSync(hostile.libraryPath);
    expect((await onlyOf(file('download.so', '<html>404 not found</html>')))?.code).toBe('DRIVER_NO_LIBRARY');
    expect((await onlyOf(file('half.so', whole.subarray(0, whole.length >> 1))))?.code).toBe('DRIVER_CUT_OFF');
    const damaged = Buffer.from(whole);
    // Every program header says DYNAMIC at a place beyond the file: lengths still add up, tables do not.
    for (let at = 64, count = damaged.readUInt16LE(56); count > 0; count--, at += 56) if (damaged.readUInt32LE(at) === 2) damaged.writeBigUInt64LE(1n << 40n, at + 8);
    expect((await onlyOf(file('damaged.so', damaged)))?.code).toBe('DRIVER_DAMAGED');
    expect(await onlyOf(join(folder, 'nowhere.so'))).toMatchObject({ code: 'DRIVER_ABSENT', severity: 'note', facts: { looked: [join(folder, 'nowhere.so')] } });
  });

  it('refuses: a driver whose libraries are missing names them; one of a newer system says which', async () => {
    const needed = compile('libmaker-core.so.2', 'int core(void) { return 1; }', '-Wl,-soname,libmaker-core.so.2');
    const driver = compile('libmaker.so', 'int core(void); int C_GetFunctionList(void) { return core(); }', '-Wl,--no-as-needed', needed);
    expect(await onlyOf(driver)).toMatchObject({ code: 'DRIVER_NEEDS_LIBRARIES', facts: { missing: ['libmaker-core.so.2'] } });
    const old = { ...thisSystem(), glibcVersion: '2.1' };
    expect((await look(modelOf('generic-pkcs11'), [named(hostile.libraryPath)], { system: old }))[0]).toMatchObject({ code: 'DRIVER_NEEDS_NEWER_SYSTEM', facts: { present: 'glibc 2.1' } });
  });

  it('refuses: a driver that needs pcscd where there is none', async () => {
    const pcsc = compile('libpcsclite.so.1', 'int SCardEstablishContext(void) { return 0; }', '-Wl,-soname,libpcsclite.so.1');
    const driver = compile('libwithpcsc.so', 'int SCardEstablishContext(void); int C_GetFunctionList(void) { return SCardEstablishContext(); }', '-Wl,--no-as-needed', pcsc, '-Wl,-rpath,$ORIGIN');
    const without: SystemView = { ...thisSystem(), state: (path) => (path.startsWith('/run/pcscd') ? Promise.resolve(null) : thisSystem().state(path)) };
    expect((await look(modelOf('generic-pkcs11'), [named(driver)], { system: without }))[0]?.code).toBe('DRIVER_NEEDS_PCSCD');
  });

  it('refuses: a library with none of the functions, and one that refuses to start', async () => {
    expect((await onlyOf(compile('libother.so', 'int nothing(void) { return 0; }')))?.code).toBe('DRIVER_WRONG_INTERFACE');
    const findings = await look(modelOf('generic-pkcs11'), [{ ...hostile.config('refuses', 'return:C_Initialize:0x5') }]);
    expect(findings[0]).toMatchObject({ code: 'DRIVER_REFUSES' });
  });

  it('refuses: drivers that hang or crash, each named, while the one after them still loads', async () => {
    const good: DriverConfig = { driverId: 'good', modelId: 'generic-pkcs11', libraryPath: softHsm2.modulePath, interface: 'pkcs11', environment: softHsm2.env };
    const findings = await look(modelOf('generic-pkcs11'), [hostile.config('hangs', 'hang:C_GetTokenInfo'), hostile.config('crashes', 'crash:C_GetTokenInfo'), good]);
    expect(findings.map(({ code }) => code)).toEqual(['DRIVER_HANGS', 'DRIVER_CRASHES', 'DRIVER_LOADS']);
    expect(findings[0]?.facts).toMatchObject({ call: 'poll', limitMs: LIMITS.poll });
  });

  it.skipIf(missing)('refuses: a software UKey that hangs inside a call, and one that crashes there', async () => {
    if (!softUkey) return;
    const config: DriverConfig = { driverId: 'soft', modelId: 'bidkey-soft-ukey', libraryPath: softUkey.libraryPath, interface: 'pkcs11', environment: softUkey.env };
    await softUkey.fault('C_GetTokenInfo', 0, 'hang', 30);
    expect((await look(modelOf('bidkey-soft-ukey'), [config])).map(({ code }) => code)).toEqual(['DRIVER_HANGS']);
    await softUkey.fault('C_GetTokenInfo', 0, 'crash');
    expect((await look(modelOf('bidkey-soft-ukey'), [config])).map(({ code }) => code)).toEqual(['DRIVER_CRASHES']);
    await softUkey.clearFaults();
  });

  it('ok: while a writing runs nothing is loaded', async () => {
    expect((await look(modelOf('generic-pkcs11'), [named(softHsm2.modulePath)], { busy: true })).map(({ code }) => code)).toEqual(['DRIVER_NOT_TRIED']);
  });

  it('ok: a model without any file here is absent; one for another processor is found in the folder of that processor', async () => {
    const [longmai] = modelOf('longmai-gm3000');
    if (!longmai) throw new Error('no such model');
    expect((await look([longmai], [])).map(({ code, severity }) => [code, severity])).toEqual([['DRIVER_ABSENT', 'note']]);
    const foreign = Buffer.from(readFileSync(hostile.libraryPath));
    foreign.writeUInt16LE(process.arch === 'arm64' ? 62 : 183, 18);
    const path = join(folder, 'libgm3000.1.0.so');
    writeFileSync(path, foreign);
    const elsewhere: UkeyModelProfile = { ...longmai, libraries: [{ interface: 'skf', platform: 'linux', processors: [process.arch === 'arm64' ? 'x64' : 'arm64'], paths: [path] }] };
    expect((await look([elsewhere], [])).map(({ code }) => code)).toEqual(['DRIVER_OTHER_PROCESSOR']);
  });
});
