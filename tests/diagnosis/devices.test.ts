/** Devices, rights, holders and the smart card service: a machine played in a folder, and real processes of this one. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '#shared/contract/desktop/diagnosis.ts';
import { makeFinding } from '../../src-main/diagnosis/findings.ts';
import { findPlugged, lookAtLinuxDevices, type PluggedDevice } from '../../src-main/diagnosis/linux-devices.ts';
import { thisSystem, type SystemView } from '../../src-main/diagnosis/system-view.ts';
import { lookAtWindows } from '../../src-main/diagnosis/windows-facts.ts';
import { loadUkeyModels } from '../../src-main/ukey-models/load-ukey-models.ts';
import { createSoftHsm2Token } from '../support/softhsm2.ts';

let root = '';
const open: (() => unknown)[] = [];
beforeEach(() => { root = mkdtempSync(join(tmpdir(), 'bidkey-machine-')); });
afterEach(async () => {
  for (const close of open.splice(0)) await close();
  rmSync(root, { recursive: true, force: true });
});

const put = (path: string, content = '', mode = 0o644) => {
  mkdirSync(join(root, dirname(path)), { recursive: true });
  writeFileSync(join(root, path), content);
  chmodSync(join(root, path), mode);
};
const PERSON = { userId: 1000, groupIds: [1000, 46] };
const machine = (): SystemView => ({ ...thisSystem(root), platform: 'linux', user: PERSON, processId: 4000 });

function usb(name: string, id: string, product: string, interfaceClass = '03'): void {
  const [vendor = '', number = ''] = id.split(':');
  for (const [file, text] of Object.entries({ idVendor: vendor, idProduct: number, busnum: '1', devnum: '7', product })) put(`sys/bus/usb/devices/${name}/${file}`, `${text}\n`);
  put(`sys/bus/usb/devices/${name}:1.0/bInterfaceClass`, `${interfaceClass}\n`);
}
function processOf(pid: number, name: string, files: Readonly<Record<string, string>>, maps = '', parent = 1): void {
  put(`proc/${pid}/status`, `Name:\t${name}\nPPid:\t${parent}\nVmSize:\t 100 kB\n`);
  put(`proc/${pid}/comm`, `${name}\n`);
  put(`proc/${pid}/maps`, maps);
  mkdirSync(join(root, `proc/${pid}/fd`), { recursive: true });
  symlinkSync('/dev/null', join(root, `proc/${pid}/fd/0`));
  for (const [descriptor, target] of Object.entries(files)) symlinkSync(target, join(root, `proc/${pid}/fd/${descriptor}`));
}
async function socketAt(path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const server: Server = createServer().listen(path);
  await once(server, 'listening');
  open.push(() => new Promise((resolve) => server.close(resolve)));
}

const models = async () => (await loadUkeyModels(join(import.meta.dirname, '../../resources/ukey-models'))).map(({ profile }) => profile);
async function look(libraries: readonly { modelId: string; path: string }[] = [], system = machine(), devices?: readonly PluggedDevice[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  await lookAtLinuxDevices(devices ?? (await findPlugged(await models(), system)), libraries, system, (code, about, facts) => findings.push(makeFinding(code, about, facts)));
  return findings;
}
const codes = (findings: readonly Finding[]) => findings.map(({ code }) => code);
const LONGMAI = '055c:db08';
const DRIVER = [{ modelId: 'longmai-gm3000', path: '/usr/lib/libgm3000.1.0.so' }];

describe('devices on Linux', () => {
  it('ok: a plugged key of a known model is told by its number; a keyboard is not', async () => {
    usb('1-2', LONGMAI, 'mToken GM3000');
    usb('1-3', '046d:c31c', 'Keyboard');
    put('dev/bus/usb/001/007', '', 0o666);
    const findings = await look(DRIVER);
    expect(codes(findings)).toEqual(['DEVICE_SEEN', 'PCSCD_ABSENT']);
    expect(findings[0]?.facts).toEqual({ usbId: LONGMAI, product: 'mToken GM3000', model: 'longmai-gm3000' });
  });

  it('refuses: a plugged key whose driver is nowhere', async () => {
    usb('1-2', LONGMAI, 'mToken GM3000');
    expect(codes(await look([]))).toContain('DRIVER_MISSING_FOR_PLUGGED');
  });

  it('ok: a smart card device of no known model is named as that', async () => {
    usb('1-4', 'ffff:0001', 'Some reader', '0b');
    expect((await look())[0]).toMatchObject({ code: 'DEVICE_UNKNOWN', facts: { usbId: 'ffff:0001', product: 'Some reader' } });
  });

  it('refuses: nodes that this person may not read and write; ok: by group, by others, and for the administrator', async () => {
    usb('1-2', LONGMAI, 'mToken GM3000');
    put('sys/class/hidraw/hidraw3/device/uevent', 'DRIVER=hid-generic\nHID_ID=0003:0000055C:0000DB08\nHID_NAME=x\n');
    put('dev/bus/usb/001/007', '', 0o666);
    put('dev/hidraw3', '', 0o600);
    const refused = (await look(DRIVER)).filter(({ code }) => code === 'DEVICE_NO_PERMISSION');
    expect(refused.map(({ facts }) => [facts['node'], facts['mode']])).toEqual([['/dev/hidraw3', '0600']]);
    for (const [mode, user, may] of [[0o660, { userId: 1000, groupIds: [0] }, true], [0o640, { userId: 1000, groupIds: [0] }, false], [0o600, { userId: 0, groupIds: [0] }, true], [0o604, { userId: 1000, groupIds: [5] }, false]] as const) {
      chmodSync(join(root, 'dev/hidraw3'), mode);
      const system = { ...machine(), user, state: async (path: string) => { const state = await thisSystem(root).state(path); return state && { ...state, userId: 0, groupId: 0 }; } };
      expect([mode, codes(await look(DRIVER, system)).includes('DEVICE_NO_PERMISSION')]).toEqual([mode, !may]);
    }
  });

  it('ok: says who holds the device and who has the driver loaded; our own hosts are not named', async () => {
    usb('1-2', LONGMAI, 'mToken GM3000');
    put('usr/lib/libgm3000.1.0.so', 'library');
    const maps = '7f00-7f01 r-xp 00000000 08:01 99 /usr/lib/libgm3000.1.0.so\n';
    processOf(310, 'maker-tool', { 5: '/dev/bus/usb/001/007', 6: '/dev/bus/usb/001/007' }, maps);
    processOf(311, 'pcscd', { 9: '/dev/bus/usb/001/007' });
    processOf(312, 'token-host', { 9: '/dev/bus/usb/001/007' }, maps, 4000);
    processOf(313, 'editor', { 9: '/dev/null' });
    mkdirSync(join(root, 'proc/2/fd'), { recursive: true });
    put('proc/2/status', 'Name:\tkthreadd\nPPid:\t0\n');
    const findings = (await look(DRIVER)).filter(({ code }) => code.includes('HELD') || code === 'PROCESSES_UNREADABLE');
    expect(findings.map(({ code, facts }) => [code, facts['process'], facts['processId']])).toEqual([['DEVICE_HELD', 'maker-tool', 310], ['LIBRARY_HELD', 'maker-tool', 310], ['DEVICE_HELD_BY_PCSCD', 'pcscd', 311]]);
  });

  it('ok: processes that may not be looked at are counted, not taken for harmless', async () => {
    usb('1-2', LONGMAI, 'mToken GM3000');
    put('proc/500/status', 'Name:\tother\nPPid:\t1\nVmSize:\t 9 kB\n');
    expect((await look(DRIVER)).find(({ code }) => code === 'PROCESSES_UNREADABLE')?.facts).toEqual({ processes: 1 });
  });

  it('ok: pcscd is there, stopped or absent', async () => {
    expect(codes(await look())).toEqual(['PCSCD_ABSENT']);
    put('usr/sbin/pcscd');
    expect((await look())[0]).toMatchObject({ code: 'PCSCD_STOPPED', severity: 'warning', facts: { program: '/usr/sbin/pcscd' } });
    await socketAt(join(root, 'run/pcscd/pcscd.comm'));
    expect(codes(await look())).toEqual(['PCSCD_RUNS']);
  });
});

describe('holders on this machine', () => {
  let child: ChildProcess | null = null;
  afterEach(() => child?.kill('SIGKILL'));

  it('ok: a real process that has a driver loaded and a node open is found by both', async () => {
    const key = await createSoftHsm2Token();
    open.push(() => key.dispose());
    const node = join(root, 'node');
    writeFileSync(node, '');
    const program = join(root, 'holder.cjs');
    writeFileSync(program, `const p = new (require(${JSON.stringify(join(import.meta.dirname, '../../node_modules/pkcs11js'))}).PKCS11)(); p.load(${JSON.stringify(key.modulePath)}); require('fs').openSync(${JSON.stringify(node)}, 'r+'); process.send('ready'); setInterval(() => undefined, 1000);`);
    child = fork(program, { env: { ...process.env, ...key.env }, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    await once(child, 'message');
    // To itself a child of this process would be one of ours.
    const system = { ...thisSystem(), processId: 0 };
    const findings = await look([{ modelId: 'softhsm2', path: key.modulePath }], system, [{ usbId: LONGMAI, product: 'x', modelId: 'longmai-gm3000', nodes: [node] }]);
    const held = findings.filter(({ facts }) => facts['processId'] === child?.pid).map(({ code }) => code);
    expect(held).toEqual(['DEVICE_HELD', 'LIBRARY_HELD']);
  });
});

describe('Windows, by what its programs print', () => {
  it('ok: service and registered providers; refuses: one whose library is not there', async () => {
    put('C:\\Windows\\System32\\maker.dll', 'MZ not much of a library');
    const provider = (name: string, path: string) => `HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Cryptography\\Defaults\\Provider\\${name}\r\n    Image Path    REG_SZ    ${path}\r\n\r\n`;
    const registry = provider('Microsoft Base Cryptographic Provider v1.0', 'rsaenh.dll') + provider('Maker CSP', 'C:\\Windows\\System32\\maker.dll') + provider('Gone CSP', 'C:\\gone.dll');
    const system: SystemView = { ...thisSystem(root), platform: 'win32', run: async (programName, words) => (programName === 'sc.exe' ? 'STATE : 1  STOPPED' : words.includes('/reg:64') ? registry : null) };
    const findings: Finding[] = [];
    await lookAtWindows(system, (code, about, facts) => findings.push(makeFinding(code, about, facts)));
    expect(findings.map(({ code, facts }) => [code, facts['provider'] ?? facts['state']])).toEqual([['SMART_CARD_SERVICE_STOPPED', 'STOPPED'], ['DRIVER_REGISTERED', 'Maker CSP'], ['DRIVER_REGISTERED_MISSING', 'Gone CSP']]);
  });
});
