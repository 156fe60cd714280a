/**
 * `npm run demo -- --alg sm2` from outside, over both faces of the software UKey: its results in the hands of openssl, which is told the user id (`distid`), of Bouncy Castle
 * for revocation, which openssl cannot check with SM2, and of pkcs11-tool for what is on the key; and the key itself against openssl.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromPem, onlyFromPem, toPem } from '#shared/x509/pem.ts';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import type { KeyContainer, TokenSession } from '../../src-main/token/token-port.ts';
import { root } from '../faults/fault-world.ts';
import { bouncyCastleMissing, compileBouncyCastle, type BouncyCastle } from '../interop-java/bouncy-castle.ts';
import { softUkeyMissing } from '../support/soft-ukey.ts';
import { bytes, startClient } from '../token/token-fixtures.ts';

const run = promisify(execFile);
const ID = 'distid:1234567812345678';
const OTHER_ID = 'distid:8765432187654321';
/** As deep as dist/, and of our own: others build into dist/. */
const programs = join(root, `.cache-demo-sm2-${process.pid}`);
const missing = softUkeyMissing();
const javaMissing = bouncyCastleMissing();
interface TokenFile { readonly modulePath: string; readonly environment: Record<string, string>; readonly tokens: readonly { readonly slotLabel: string; readonly serial: string }[] }

beforeAll(async () => {
  await build({
    absWorkingDir: root, outdir: programs, bundle: true, platform: 'node', target: 'node20', format: 'esm', packages: 'external', logLevel: 'warning',
    entryPoints: { demo: 'src-main/shells/cli/demo-main.ts', ca: 'src-ca/main.ts', 'token-host': 'src-main/token/host/main.ts' },
  });
});
afterAll(() => rmSync(programs, { recursive: true, force: true }));

describe.skipIf(missing !== null).each([['soft-ukey', 'pkcs11'], ['soft-ukey-skf', 'skf']] as const)('headless demo with SM2 on %s', (token, face) => {
  let folder = '';
  let output = '';
  let java: BouncyCastle | null = null;
  const file = (name: string) => join(folder, name);
  /** Exit code does not count: openssl says in words whether a signature is right. */
  const openssl = (...words: string[]) => run('openssl', words, { cwd: folder }).then(({ stdout, stderr }) => stdout + stderr, (failed: { stdout: string; stderr: string }) => failed.stdout + failed.stderr);
  const tokenFile = () => JSON.parse(readFileSync(file('token.json'), 'utf8')) as TokenFile;
  const pin = () => readFileSync(file('pin.txt'), 'utf8').trim();
  const NAMES = ['', '-2'] as const;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bidkey-demo-sm2-'));
    output = (await run(process.execPath, [join(programs, 'demo.js'), '--dir', folder, '--alg', 'sm2', '--token', token])).stdout;
    if (javaMissing === null) java = compileBouncyCastle();
  });
  afterAll(() => {
    java?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('ok: it goes through to its end and writes both keys of the order', () => {
    for (const line of ['✔ 7 向 CA 确认', '剩余待制证数量 · remaining: 0', '完成 · done']) expect(output).toContain(line);
    expect(tokenFile().tokens).toHaveLength(2);
  });

  it('ok: openssl verifies both requests with the default id; refuses: with another id, or with none', async () => {
    for (const suffix of NAMES) {
      const verify = (...words: string[]) => openssl('req', '-in', `csr-sign${suffix}.pem`, '-verify', '-noout', ...words);
      expect(await verify('-vfyopt', ID)).toContain('verify OK');
      for (const words of [['-vfyopt', OTHER_ID], []]) expect(await verify(...words)).toContain('verify failure');
    }
  });

  // OpenSSL 3.0 tells the id only to the first certificate of a path: so link by link.
  it('ok: openssl verifies every certificate by its issuer with the default id, up to the root; refuses: with another id, or with none', async () => {
    const [issuing] = fromPem(readFileSync(file('chain.pem'), 'utf8'));
    writeFileSync(file('issuing.pem'), toPem('CERTIFICATE', issuing?.der ?? expect.unreachable()));
    const links = [...NAMES.flatMap((suffix) => [`sign${suffix}.pem`, `enc${suffix}.pem`]).map((name) => [name, 'issuing.pem']), ['issuing.pem', 'root.pem']] as const;
    for (const [name, issuer] of links) {
      const verify = (...words: string[]) => openssl('verify', '-x509_strict', '-partial_chain', ...words, '-CAfile', issuer ?? '', name ?? '');
      expect(await verify('-vfyopt', ID)).toContain(`${name}: OK`);
      for (const words of [['-vfyopt', OTHER_ID], []]) expect(await verify(...words)).toContain('certificate signature failure');
    }
  });

  it.skipIf(javaMissing !== null)(`ok: Bouncy Castle validates every path with the revocation lists, and the requests (${javaMissing ?? 'there'})`, () => {
    const checker = java ?? expect.unreachable();
    const der = (name: string, from: string) => fromPem(readFileSync(file(from), 'utf8')).map((block, index) => {
      writeFileSync(file(`${name}-${index}.der`), block.der);
      return file(`${name}-${index}.der`);
    });
    const [issuing, rootCertificate] = der('chain', 'chain.pem') as [string, string];
    const lists = der('crl', 'crl.pem');
    for (const suffix of NAMES) {
      for (const name of [`sign${suffix}`, `enc${suffix}`]) {
        const [leaf] = der(name, `${name}.pem`) as [string];
        expect(checker.check('path', leaf, issuing, rootCertificate, ...lists)).toBe('valid');
        // Without the lists nobody knows whether it is revoked: the check is a real one.
        expect(() => checker.check('path', leaf, issuing, rootCertificate)).toThrow();
      }
      expect(checker.check('request', (der(`csr${suffix}`, `csr-sign${suffix}.pem`) as [string])[0])).toBe('valid');
    }
  });

  it('ok: pkcs11-tool lists both pairs of each key under matching ids, the private ones kept inside', async () => {
    const { modulePath, environment, tokens } = tokenFile();
    for (const { slotLabel } of tokens) {
      const { stdout } = await run('pkcs11-tool', ['--module', modulePath, '--token-label', slotLabel, '--login', '--pin', pin(), '-O'], { env: { ...process.env, ...environment } });
      const objects = stdout.split(/^(?=\w[\w ]* Object)/m).map((text) => ({ kind: /^(\w[\w ]* Object)/.exec(text)?.[1], id: /^\s+ID:\s+([0-9a-f]+)/m.exec(text)?.[1], text }));
      const idsOf = (kind: string) => objects.filter((one) => one.kind === kind).map((one) => one.id).sort();
      expect(idsOf('Private Key Object')).toHaveLength(2);
      expect(idsOf('Certificate Object')).toEqual(idsOf('Private Key Object'));
      const accessOf = (suffix: string) => objects.filter(({ kind, id }) => kind === 'Private Key Object' && id?.endsWith(suffix)).map(({ text }) => /^\s+Access:\s+(.*)$/m.exec(text)?.[1]);
      expect(accessOf('01')).toEqual(['sensitive, always sensitive, never extractable, local']);
      // Born at the key-management centre: not "always", but kept in the same way from then on.
      expect(accessOf('02')).toEqual(['sensitive']);
    }
  });

  it('ok: the token decrypts what openssl encrypted to the certificate, and openssl verifies what the token signed, with the default id only', async () => {
    const { modulePath, environment, tokens } = tokenFile();
    const client = await startClient([{ driverId: 'demo', modelId: 'bidkey-soft-ukey', libraryPath: modulePath, interface: face, environment }]);
    try {
      for (const [index, { serial }] of tokens.entries()) {
        const suffix = NAMES[index] ?? '';
        const session = await client.logIn({ driverId: 'demo', serial }, bytes(pin()));
        await usesKeys(session, await containerOf(session, suffix), suffix);
        await session.close();
      }
    } finally {
      await client.close();
    }
  });

  async function containerOf(session: TokenSession, suffix: string): Promise<KeyContainer> {
    const wanted = onlyFromPem('CERTIFICATE', readFileSync(file(`sign${suffix}.pem`), 'utf8'));
    const found = (await session.listContainers()).find(({ sign }) => sign.certificateDer !== null && equalBytes(sign.certificateDer, wanted));
    return found ?? expect.unreachable('the certificate is not on the key');
  }

  async function usesKeys(session: TokenSession, { containerId }: KeyContainer, suffix: string): Promise<void> {
    writeFileSync(file('message'), 'a bid worth millions');
    await openssl('pkeyutl', '-encrypt', '-certin', '-inkey', `enc${suffix}.pem`, '-in', 'message', '-out', 'ciphertext');
    expect(Buffer.from(await session.decrypt(containerId, 'encrypt', new Uint8Array(readFileSync(file('ciphertext'))))).toString()).toBe('a bid worth millions');
    writeFileSync(file('signature'), await session.sign(containerId, 'sign', bytes('a bid worth millions')));
    const verify = (id: string) => openssl('pkeyutl', '-verify', '-certin', '-inkey', `sign${suffix}.pem`, '-in', 'message', '-sigfile', 'signature', '-rawin', '-digest', 'sm3', '-pkeyopt', id);
    expect(await verify(ID)).toContain('Verified Successfully');
    expect(await verify(OTHER_ID)).toContain('Verification Failure');
  }
});
