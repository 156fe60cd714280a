/** OpenSC's pkcs11-tool, the client from outside: its own tests, and the daily commands, against every library. */
import { execFile, execFileSync } from 'node:child_process';
import { constants, createPublicKey, publicEncrypt, randomBytes, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSoftUkey } from '../../soft-ukey/support/soft-ukey.ts';
import { PKCS11_LIBRARIES, type PreparedToken } from '../support/pkcs11-libraries.ts';

const hasTool = (() => {
  try {
    execFileSync('pkcs11-tool', ['--version'], { stdio: 'ignore' });
    return true;
  } catch (missing) {
    if (missing instanceof Error && 'code' in missing && missing.code === 'ENOENT') return false;
    return true;
  }
})();

for (const library of PKCS11_LIBRARIES) {
  describe.skipIf(!hasTool || library.missing !== null)(`pkcs11-tool: ${library.name}${hasTool ? '' : ' (pkcs11-tool is not installed)'}`, () => {
    let token: PreparedToken;
    let folder: string;
    const at = (name: string) => join(folder, name);
    const tool = async (...args: string[]) => {
      const { stdout, stderr } = await promisify(execFile)('pkcs11-tool', ['--module', token.path, ...args], { env: { ...process.env, ...token.env }, cwd: folder });
      return `${stdout}\n${stderr}`;
    };
    const logged = (...args: string[]) => tool('--login', '--pin', token.userPin, ...args);

    beforeAll(async () => {
      if (library.name === 'software UKey') {
        // pkcs11-tool tests signatures only where mechanisms claim hardware.
        const key = await createSoftUkey('--claim-hardware');
        token = { ...(await library.prepare()), env: key.env };
      } else {
        token = await library.prepare();
      }
      folder = mkdtempSync(join(tmpdir(), 'bidkey-pkcs11-tool-'));
      await logged('--keypairgen', '--key-type', 'rsa:2048', '--id', '21', '--label', 'tool key', '--usage-sign', '--usage-decrypt');
    });
    afterAll(async () => {
      rmSync(folder, { recursive: true, force: true });
      await token.dispose();
    });

    it('ok: -T lists the token, -M its mechanisms, -O its objects', async () => {
      expect(await tool('-T')).toMatch(/token flags\s+:.*login required.*token initialized.*PIN initialized/);
      expect((await tool('-M')).split('\n').filter((line) => line.includes('RSA')).length).toBeGreaterThan(3);
      const before = await tool('-O');
      expect(before).toContain('Public Key Object');
      expect(before).not.toContain('Private Key Object');
      expect(await logged('-O')).toContain('Private Key Object');
    });

    it('ok: --test ends without errors', async (context) => {
      const known = library.knownDeviations['pkcs11-tool-test'];
      context.skip(known !== undefined, known);
      const output = await logged('--test');
      expect(output).toContain('No errors');
      expect(output).not.toMatch(/\bERR\b|FAILED|failed/);
      if (library.name === 'software UKey') expect(output.match(/(: |^)OK$/gm)?.length, output).toBe(10);
    });

    it('ok: signs, and Node verifies with the public key read back', async () => {
      writeFileSync(at('data'), randomBytes(200));
      await tool('--read-object', '--type', 'pubkey', '--id', '21', '--output-file', at('pub.der'));
      await logged('--sign', '--mechanism', 'SHA256-RSA-PKCS', '--id', '21', '--input-file', at('data'), '--output-file', at('sig'));
      const publicKey = createPublicKey({ key: readFileSync(at('pub.der')), format: 'der', type: 'spki' });
      expect(verify('sha256', readFileSync(at('data')), publicKey, readFileSync(at('sig')))).toBe(true);
    });

    it('ok: decrypts, and unwraps a secret key', async () => {
      const publicKey = createPublicKey({ key: readFileSync(at('pub.der')), format: 'der', type: 'spki' });
      const secret = randomBytes(16);
      writeFileSync(at('cipher'), publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, secret));
      await logged('--decrypt', '--mechanism', 'RSA-PKCS', '--id', '21', '--input-file', at('cipher'), '--output-file', at('plain'));
      expect(readFileSync(at('plain'))).toEqual(secret);
      await logged('--unwrap', '--mechanism', 'RSA-PKCS', '--id', '21', '--input-file', at('cipher'), '--key-type', 'AES:', '--application-id', '77', '--application-label', 'unwrapped', '--extractable');
    });

    it('ok: changes the PIN, and is refused with the old one', async () => {
      await logged('--change-pin', '--new-pin', '56473829');
      await expect(logged('-O')).rejects.toThrow(/CKR_PIN_INCORRECT/);
      await tool('--login', '--pin', '56473829', '--change-pin', '--new-pin', token.userPin);
      expect(await logged('-O')).toContain('tool key');
    });

    it('ok: the administrator sets the user PIN anew, keys stay', async (context) => {
      context.skip(token.soPin === null, 'no administrator PIN');
      await tool('--login', '--login-type', 'so', '--so-pin', token.soPin ?? '', '--init-pin', '--new-pin', token.userPin);
      expect(await logged('-O')).toContain('Private Key Object');
    });
  });
}
