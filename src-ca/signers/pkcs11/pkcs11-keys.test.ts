import { verify } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSoftHsm2Token, type SoftHsm2Token } from '../../../tests/support/softhsm2.ts';
import type { Signer } from '../../authority/authority-port.ts';
import { openPkcs11Keys, type Pkcs11KeySource, type Pkcs11Keys } from './pkcs11-keys.ts';
import { startSignerProcess } from './signer-process.ts';

const message = Buffer.from('to be signed');
const genuine = async (signer: Signer) => verify('sha256', message, { key: Buffer.from(signer.publicKeySpkiDer), format: 'der', type: 'spki' }, await signer.sign(message));

describe('keys in a PKCS#11 token (SoftHSM2)', { timeout: 60_000 }, () => {
  let token: SoftHsm2Token, scratch: string;
  const open: { close(): Promise<void> }[] = [];
  const source = (changes: Partial<Pkcs11KeySource> = {}): Pkcs11KeySource => ({ modulePath: token.modulePath, tokenLabel: token.label, pin: Buffer.from(token.pin), env: token.env, ...changes });
  const openKeys = async (changes: Partial<Pkcs11KeySource> = {}): Promise<Pkcs11Keys> => {
    const keys = await openPkcs11Keys(source(changes));
    open.push(keys);
    return keys;
  };
  beforeAll(async () => {
    token = await createSoftHsm2Token({ label: 'BidKey CA' });
    scratch = await mkdtemp(join(tmpdir(), 'bidkey-signer-'));
  });
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });
  afterAll(async () => {
    await token.dispose();
    await rm(scratch, { recursive: true, force: true });
  });
  /** A signer program that does what the test says, to stand for a module that hangs or crashes. */
  const program = async (name: string, body: string) => {
    const path = join(scratch, `${name}.mjs`);
    await writeFile(path, body);
    return { path, execArgv: [] };
  };

  it('ok: a key made in the token signs, many at once, and is found again by another process', async () => {
    const keys = await openKeys();
    expect(await keys.find('demo-issuing')).toBeNull();
    const made = await keys.generate('demo-issuing', 'rsa-sha256', 2048);
    expect(await Promise.all(Array.from({ length: 8 }, () => genuine(made)))).toEqual(Array.from({ length: 8 }, () => true));
    const found = await (await openKeys()).find('demo-issuing');
    expect(found?.publicKeySpkiDer).toEqual(made.publicKeySpkiDer);
    expect(found && (await genuine(found))).toBe(true);
  });
  it('refuses: to make a key of the same id again, SM2 without its mechanisms, and a key that is not there', async () => {
    const keys = await openKeys();
    await keys.generate('twice', 'rsa-sha256', 2048);
    await expect(keys.generate('twice', 'rsa-sha256', 2048)).rejects.toMatchObject({ code: 'KEYSTORE_EXISTS' });
    await expect(keys.generate('sm', 'sm2-sm3', 0)).rejects.toMatchObject({ code: 'ALGORITHM_UNSUPPORTED' });
    const signerProcess = startSignerProcess(source());
    open.push(signerProcess);
    await expect(signerProcess.call({ call: 'sign', keyId: 'none', input: message })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
  it('ok: after the process is killed the next call starts another and logs in again', async () => {
    const signerProcess = startSignerProcess(source());
    open.push(signerProcess);
    await signerProcess.call({ call: 'generate', keyId: 'survives', key: { kind: 'rsa', modulusBits: 2048 } });
    const first = signerProcess.pid;
    const signing = signerProcess.call({ call: 'generate', keyId: 'never', key: { kind: 'rsa', modulusBits: 4096 } });
    process.kill(first ?? 0, 'SIGKILL');
    await expect(signing).rejects.toMatchObject({ code: 'SIGNER_FAILED', details: { reason: 'process ended' } });
    expect(await signerProcess.call({ call: 'sign', keyId: 'survives', input: message })).toHaveLength(256);
    expect(signerProcess.pid).not.toBe(first);
  });
  it('refuses: a wrong PIN, and never tries it again', async () => {
    const keys = await openKeys({ pin: Buffer.from('00000000') });
    await expect(keys.find('demo-issuing')).rejects.toMatchObject({ code: 'SIGNER_FAILED', details: { reason: 'pin', returnValue: 'CKR_PIN_INCORRECT' } });
    await expect(keys.find('demo-issuing')).rejects.toMatchObject({ details: { reason: 'pin' } });
    const signerProcess = startSignerProcess({ ...source(), pin: Buffer.from('00000000') });
    open.push(signerProcess);
    await expect(signerProcess.call({ call: 'find', keyId: 'x' })).rejects.toMatchObject({ details: { reason: 'pin' } });
    await expect(signerProcess.call({ call: 'find', keyId: 'x' })).rejects.toMatchObject({ details: { reason: 'pin' } });
    expect(signerProcess.pid).toBeNull();
  });
  it('refuses: a module or token that is not there', async () => {
    await expect((await openKeys({ modulePath: '/nonexistent.so' })).find('x')).rejects.toMatchObject({ code: 'SIGNER_FAILED', details: { reason: 'module' } });
    await expect((await openKeys({ tokenLabel: 'other' })).find('x')).rejects.toMatchObject({ code: 'SIGNER_FAILED', details: { reason: 'token' } });
  });
  it('refuses: a module that hangs; its process is gone afterwards', async () => {
    const hanging = startSignerProcess({ ...source(), callTimeoutMs: 300, program: await program('hangs', "process.on('message', () => { for (;;); });") });
    open.push(hanging);
    const call = hanging.call({ call: 'find', keyId: 'x' });
    const pid = hanging.pid ?? 0;
    await expect(call).rejects.toMatchObject({ code: 'SIGNER_FAILED', details: { reason: 'time limit' } });
    await hanging.close();
    await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false);
  });
  it('refuses: a module that crashes the process, or a program that cannot be started', async () => {
    const crashing = startSignerProcess({ ...source(), program: await program('crashes', "process.on('message', () => process.abort());") });
    open.push(crashing);
    await expect(crashing.call({ call: 'find', keyId: 'x' })).rejects.toMatchObject({ code: 'SIGNER_FAILED', details: { reason: 'process ended' } });
    const missing = startSignerProcess({ ...source(), program: { path: join(scratch, 'none.mjs'), execArgv: [] } });
    open.push(missing);
    await expect(missing.call({ call: 'find', keyId: 'x' })).rejects.toMatchObject({ code: 'SIGNER_FAILED' });
  });
  it('refuses: calls after closing', async () => {
    const keys = await openKeys();
    await keys.close();
    await expect(keys.find('x')).rejects.toMatchObject({ code: 'SIGNER_FAILED', details: { reason: 'closed' } });
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw thrown;
  }
}
