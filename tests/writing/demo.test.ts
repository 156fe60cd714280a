/** `npm run demo` from outside: the program as it is built, and its results read by other people's tools – openssl, certtool, pkcs11-tool. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../faults/fault-world.ts';

const run = promisify(execFile);
/** As deep as dist/, so that the program finds resources/ beside its folder; not dist/ itself, which others build into. */
const programs = join(root, '.cache');
let folder = '';
let output = '';
const file = (name: string) => join(folder, name);
interface TokenFile { readonly modulePath: string; readonly environment: Record<string, string>; readonly slotLabel: string; readonly serial: string; readonly pinFile: string; readonly tokens: readonly { readonly slotLabel: string }[] }
const token = () => JSON.parse(readFileSync(file('token.json'), 'utf8')) as TokenFile;
const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });

beforeAll(async () => {
  await build({
    absWorkingDir: root, outdir: programs, bundle: true, platform: 'node', target: 'node20', format: 'esm', packages: 'external', logLevel: 'warning',
    entryPoints: { demo: 'src-main/shells/cli/demo-main.ts', ca: 'src-ca/main.ts', 'token-host': 'src-main/token/host/main.ts' },
  });
  folder = mkdtempSync(join(tmpdir(), 'bidkey-demo-test-'));
  output = (await run(process.execPath, [join(programs, 'demo.js'), '--dir', folder])).stdout;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('headless demo', () => {
  it('ok: it names every step and leaves its files, the PIN for the owner only', () => {
    for (const line of ['1. 启动 CA 服务', '✔ 7 向 CA 确认', '剩余待制证数量 · remaining: 0', '完成 · done']) expect(output).toContain(line);
    expect(statSync(token().pinFile).mode & 0o777).toBe(0o600);
    expect(token().tokens).toHaveLength(2);
  });

  it('ok: openssl verifies request, both certificates and their revocation, on both keys', async () => {
    for (const name of ['csr-sign.pem', 'csr-sign-2.pem']) expect((await openssl('req', '-in', name, '-verify', '-noout')).stderr).toContain('verify OK');
    for (const name of ['sign.pem', 'enc.pem', 'sign-2.pem', 'enc-2.pem']) {
      for (const check of ['-crl_check', '-crl_check_all']) expect((await openssl('verify', '-x509_strict', check, '-CAfile', 'root.pem', '-untrusted', 'chain.pem', '-CRLfile', 'crl.pem', name)).stdout).toBe(`${name}: OK\n`);
    }
  });

  it('ok: certtool reads all of them', async () => {
    for (const name of ['sign.pem', 'enc.pem', 'root.pem']) expect((await run('certtool', ['--certificate-info', '--infile', name], { cwd: folder })).stdout).toContain('X.509 Certificate Information');
    expect((await run('certtool', ['--crq-info', '--infile', 'csr-sign.pem'], { cwd: folder })).stdout).toContain('Self signature: verified');
  });

  it('ok: pkcs11-tool lists both pairs under matching ids, signs for openssl, and decrypts what openssl encrypted', async () => {
    const { modulePath, environment, slotLabel, pinFile } = token();
    const pin = readFileSync(pinFile, 'utf8').trim();
    const pkcs11 = (...args: string[]) => run('pkcs11-tool', ['--module', modulePath, '--token-label', slotLabel, '--login', '--pin', pin, ...args], { cwd: folder, env: { ...process.env, ...environment } });
    const objects = readObjects((await pkcs11('-O')).stdout);
    const idsOf = (kind: string) => objects.filter((one) => one.kind === kind).map((one) => one.id).sort();
    expect(idsOf('Private Key Object')).toHaveLength(2);
    expect(idsOf('Certificate Object')).toEqual(idsOf('Private Key Object'));
    expect(idsOf('Public Key Object')).toEqual(idsOf('Private Key Object'));

    const signId = await idOfCertificate(pkcs11, objects, 'sign.pem');
    writeFileSync(file('message'), 'a bid worth millions');
    await pkcs11('--sign', '--mechanism', 'SHA256-RSA-PKCS', '--id', signId, '--input-file', 'message', '--output-file', 'signature');
    await openssl('x509', '-in', 'sign.pem', '-pubkey', '-noout', '-out', 'sign.pub');
    expect((await openssl('dgst', '-sha256', '-verify', 'sign.pub', '-signature', 'signature', 'message')).stdout).toContain('Verified OK');

    const encryptId = await idOfCertificate(pkcs11, objects, 'enc.pem');
    await openssl('pkeyutl', '-encrypt', '-certin', '-inkey', 'enc.pem', '-in', 'message', '-out', 'ciphertext', '-pkeyopt', 'rsa_padding_mode:oaep');
    await pkcs11('--decrypt', '--mechanism', 'RSA-PKCS-OAEP', '--hash-algorithm', 'SHA-1', '--mgf', 'MGF1-SHA1', '--id', encryptId, '--input-file', 'ciphertext', '--output-file', 'opened');
    expect(readFileSync(file('opened'), 'utf8')).toBe('a bid worth millions');
  });

  it('refuses: a folder that holds something else', async () => {
    const other = mkdtempSync(join(tmpdir(), 'bidkey-demo-other-'));
    writeFileSync(join(other, 'thesis.txt'), 'precious');
    await expect(run(process.execPath, [join(programs, 'demo.js'), '--dir', other])).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('USAGE') as unknown });
    expect(readFileSync(join(other, 'thesis.txt'), 'utf8')).toBe('precious');
    rmSync(other, { recursive: true, force: true });
    await expect(run(process.execPath, [join(programs, 'demo.js')])).rejects.toMatchObject({ code: 2 });
  });
});

interface TokenObject { readonly kind: string; readonly id: string }

function readObjects(listing: string): TokenObject[] {
  const objects: TokenObject[] = [];
  let kind = '';
  for (const line of listing.split('\n')) {
    kind = /^(\w[\w ]* Object)/.exec(line)?.[1] ?? kind;
    const id = /^\s+ID:\s+([0-9a-f]+)/.exec(line)?.[1];
    if (id !== undefined) objects.push({ kind, id });
  }
  return objects;
}

async function idOfCertificate(pkcs11: (...args: string[]) => Promise<unknown>, objects: readonly TokenObject[], name: string): Promise<string> {
  const { stdout } = await promisify(execFile)('openssl', ['x509', '-in', name, '-outform', 'DER'], { cwd: folder, encoding: 'buffer' });
  for (const { id } of objects.filter((one) => one.kind === 'Certificate Object')) {
    await pkcs11('--read-object', '--type', 'cert', '--id', id, '--output-file', 'read-back.der');
    if (readFileSync(file('read-back.der')).equals(stdout)) return id;
  }
  throw new Error(`${name} is not on the key`);
}
