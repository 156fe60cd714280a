/** The fault library: what ukeyctl orders happens, at the ordered call, and never to a key that was not made for tests. */
import { execFile, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pkcs11js, { type Handle, type PKCS11 } from 'pkcs11js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN_PIN, SOFT_UKEY_LIBRARY, UKEYCTL, USER_PIN, createSoftUkey, softUkeyMissing, type SoftUkey } from './support/soft-ukey.ts';
import { codeOf } from '../conformance/support/pkcs11-world.ts';

const P = pkcs11js;
const missing = softUkeyMissing();
const CHILD = new URL('support/child-program.mjs', import.meta.url).pathname;

describe.skipIf(missing !== null)(`faults of the software UKey${missing === null ? '' : ` (${missing})`}`, () => {
  let key: SoftUkey;
  let pkcs11: PKCS11;
  let slot: Handle;
  let session: Handle;
  const fault = (...words: string[]) => key.ukeyctl('fault', key.serial, ...words);
  const random = () => codeOf(() => pkcs11.C_GenerateRandom(session, Buffer.alloc(8)));

  beforeEach(async () => {
    key = await createSoftUkey();
    Object.assign(process.env, key.env);
    pkcs11 = new P.PKCS11();
    pkcs11.load(SOFT_UKEY_LIBRARY);
    pkcs11.C_Initialize();
    slot = pkcs11.C_GetSlotList(true)[0] as Handle;
    session = pkcs11.C_OpenSession(slot, P.CKF_SERIAL_SESSION | P.CKF_RW_SESSION);
  });
  afterEach(async () => {
    pkcs11.C_Finalize();
    pkcs11.close();
    await key.dispose();
  });

  it('ok: a return code at the k-th call, before and after it all is well', async () => {
    await fault('add', 'C_GenerateRandom', '2', 'return', '0x30');
    expect([random(), random(), random()]).toEqual([0, P.CKR_DEVICE_ERROR, 0]);
  });

  it('ok: call 0 strikes every time, until the plan is cleared', async () => {
    await fault('add', 'C_GenerateRandom', '0', 'return', '0x6');
    expect([random(), random()]).toEqual([P.CKR_FUNCTION_FAILED, P.CKR_FUNCTION_FAILED]);
    expect(await fault('list')).toBe('C_GenerateRandom 0 return 0x6');
    await fault('clear');
    expect(random()).toBe(0);
  });

  it('ok: unplug inside a call; the session is gone after the key is back', async () => {
    await fault('add', 'C_GenerateRandom', '1', 'unplug');
    expect(random()).toBe(P.CKR_DEVICE_REMOVED);
    expect(pkcs11.C_GetSlotList(true)).toHaveLength(0);
    expect(pkcs11.C_WaitForSlotEvent(P.CKF_DONT_BLOCK)).toEqual(slot);
    await key.ukeyctl('insert', key.serial);
    expect(random()).toBe(P.CKR_SESSION_HANDLE_INVALID);
    expect(pkcs11.C_GetSlotList(true)).toHaveLength(1);
  });

  it('ok: no PIN flags: the token hides how many tries are left', async () => {
    expect(codeOf(() => pkcs11.C_Login(session, P.CKU_USER, '00000000'))).toBe(P.CKR_PIN_INCORRECT);
    expect(pkcs11.C_GetTokenInfo(slot).flags & P.CKF_USER_PIN_COUNT_LOW).not.toBe(0);
    await fault('add', 'C_GetTokenInfo', '0', 'no-pin-flags');
    expect(pkcs11.C_GetTokenInfo(slot).flags & P.CKF_USER_PIN_COUNT_LOW).toBe(0);
  });

  it('ok: hang holds the call, and nobody else', async () => {
    await fault('add', 'C_Login', '1', 'hang', '600');
    const child = spawn(process.execPath, [CHILD, 'login', SOFT_UKEY_LIBRARY, USER_PIN], { env: { ...process.env, ...key.env }, stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    // `ready` is printed right before the login; another process does its whole work meanwhile.
    await fault('clear');
    const other = spawn(process.execPath, [CHILD, 'login', SOFT_UKEY_LIBRARY, USER_PIN], { env: { ...process.env, ...key.env }, stdio: 'ignore' });
    expect(await new Promise((resolve) => other.once('exit', resolve))).toBe(0);
    expect(child.exitCode).toBeNull();
    child.kill('SIGKILL');
    expect(await new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)))).toBe('SIGKILL');
  });

  it('ok: crash ends the process by a signal', async () => {
    await fault('add', 'C_Login', '1', 'crash');
    const child = spawn(process.execPath, [CHILD, 'login', SOFT_UKEY_LIBRARY, USER_PIN], { env: { ...process.env, ...key.env }, stdio: 'ignore' });
    expect(await new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)))).toBe('SIGSEGV');
  });

  it('ok: counters, lock and free space are set from outside and seen at once', async () => {
    await key.ukeyctl('set-counters', key.serial, '--user', '1');
    expect(pkcs11.C_GetTokenInfo(slot).flags & P.CKF_USER_PIN_FINAL_TRY).not.toBe(0);
    await key.ukeyctl('lock', key.serial);
    expect(pkcs11.C_GetTokenInfo(slot).flags & P.CKF_USER_PIN_LOCKED).not.toBe(0);
    expect(codeOf(() => pkcs11.C_Login(session, P.CKU_USER, USER_PIN))).toBe(P.CKR_PIN_LOCKED);
    pkcs11.C_Login(session, P.CKU_SO, ADMIN_PIN);
    pkcs11.C_InitPIN(session, USER_PIN);
    pkcs11.C_Logout(session);
    pkcs11.C_Login(session, P.CKU_USER, USER_PIN);
    await key.ukeyctl('set-free-space', key.serial, '50');
    const create = () => pkcs11.C_CreateObject(session, [{ type: P.CKA_CLASS, value: P.CKO_DATA }, { type: P.CKA_TOKEN, value: true }, { type: P.CKA_VALUE, value: Buffer.alloc(100) }]);
    expect(codeOf(create)).toBe(P.CKR_DEVICE_MEMORY);
    await key.ukeyctl('set-free-space', key.serial, '5000');
    expect(codeOf(create)).toBe(0);
  });

  it('refuses: a fault plan for a key that was not made for tests; a plan put beside it by hand does nothing', async () => {
    const create = spawn(UKEYCTL, ['--dir', key.folder, 'create', '--serial', 'REAL', '--kdf-log2', '14'], { stdio: ['pipe', 'ignore', 'inherit'] });
    create.stdin.end(`${USER_PIN}\n${ADMIN_PIN}\n`);
    expect(await new Promise((resolve) => create.once('exit', resolve))).toBe(0);
    const refused = promisify(execFile)(UKEYCTL, ['--dir', key.folder, 'fault', 'REAL', 'add', 'C_Login', '0', 'crash']);
    await expect(refused).rejects.toThrow(/only keys created with --test/);
    await expect(promisify(execFile)(UKEYCTL, ['--dir', key.folder, 'set-counters', 'REAL', '--user', '10'])).rejects.toThrow(/only for keys created with --test/);
    writeFileSync(join(key.folder, 'REAL.faults'), 'C_OpenSession 0 return 0x30\nC_GenerateRandom 0 return 0x30\n');
    const real = pkcs11.C_GetSlotList(true).find((one) => pkcs11.C_GetTokenInfo(one).serialNumber.trim() === 'REAL') as Handle;
    const own = pkcs11.C_OpenSession(real, P.CKF_SERIAL_SESSION);
    expect(pkcs11.C_GenerateRandom(own, Buffer.alloc(8))).toHaveLength(8);
  });

  it('refuses: PINs on the command line of a real key', async () => {
    await expect(promisify(execFile)(UKEYCTL, ['--dir', key.folder, 'create', '--user-pin', USER_PIN, '--admin-pin', ADMIN_PIN])).rejects.toThrow(/allowed for --test keys only/);
  });
});
