/** CMS with RSA beside OpenSSL, both ways. (OpenSSL 3.0 knows no CMS with SM2: cms-bouncy-castle.test.ts.) */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toHex } from '#shared/bytes/hex.ts';
import { toUtf8 } from '#shared/bytes/utf8.ts';
import { openEnvelope, sealEnvelope } from '#shared/cms/envelope.ts';
import { signCms } from '#shared/cms/sign-cms.ts';
import { verifyCms } from '#shared/cms/verify-cms.ts';
import { portableEngine as engine } from '#shared/sm/portable-engine.ts';
import { openSsl } from './openssl.ts';
import { cryptoOver, rsaPerson, type Person } from './people.ts';

const ssl = openSsl();
afterAll(() => ssl.remove());
const crypto = cryptoOver(engine);
const content = toUtf8('开标一览表\r\nbid summary\n');
let person: Person;

beforeAll(async () => {
  person = await rsaPerson('RSA 用户');
  ssl.write('content', content);
  ssl.write('other', toUtf8('other'));
  ssl.write('key.der', person.pkcs8Der);
  ssl.write('certificate.der', person.certificateDer);
  ssl.must('x509', '-inform', 'DER', '-in', '@certificate.der', '-out', '@certificate.pem');
  ssl.must('pkey', '-inform', 'DER', '-in', '@key.der', '-out', '@key.pem');
});

const signer = () => ({ certificateDer: person.certificateDer, algorithm: person.algorithm, sign: person.sign, signingTime: new Date('2026-11-20T00:00:00Z') });

describe('signed messages', () => {
  it.each([true, false])('ok: OpenSSL verifies ours, attributes %s, attached and detached, and not over other content', async (signedAttributes) => {
    for (const kind of ['attached', 'detached'] as const) {
      ssl.write('message', await signCms({ family: 'rfc5652', content: { kind, bytes: content }, signedAttributes, signers: [signer()], chain: [] }, crypto));
      const verify = (file: string) => ssl.run('cms', '-verify', '-binary', '-inform', 'DER', '-in', '@message', ...(kind === 'detached' ? ['-content', file] : []), '-noverify', '-out', '@out');
      expect(verify('@content').output).toContain('successful');
      expect(toHex(ssl.read('out'))).toBe(toHex(content));
      if (kind === 'detached') expect(verify('@other').ok).toBe(false);
    }
  });

  it.each([[], ['-noattr'], ['-keyid'], ['-md', 'sha512']])('ok: we verify those of OpenSSL (%s %s)', async (...flags) => {
    ssl.must('cms', '-sign', '-binary', '-nodetach', '-outform', 'DER', '-in', '@content', '-signer', '@certificate.pem', '-inkey', '@key.pem', '-out', '@message', ...flags.filter((flag) => typeof flag === 'string'));
    const verdict = await verifyCms({ der: ssl.read('message'), detached: null }, crypto);
    expect(verdict).toMatchObject({ family: 'rfc5652', signers: [{ valid: true }] });
    expect(toHex(verdict.content ?? new Uint8Array(0))).toBe(toHex(content));
  });

  it('refuses: SHA-1 signatures', async () => {
    ssl.must('cms', '-sign', '-binary', '-nodetach', '-outform', 'DER', '-in', '@content', '-signer', '@certificate.pem', '-inkey', '@key.pem', '-out', '@message', '-md', 'sha1');
    await expect(verifyCms({ der: ssl.read('message'), detached: null }, crypto)).rejects.toMatchObject({ code: 'ALGORITHM_UNSUPPORTED' });
  });
});

describe('envelopes', () => {
  it.each(['aes-128-cbc', 'aes-256-cbc', 'sm4-cbc'] as const)('ok: OpenSSL opens ours, %s', async (cipher) => {
    ssl.write('envelope', await sealEnvelope({ family: 'rfc5652', content, cipher, recipientCertificates: [person.certificateDer] }, crypto, engine));
    ssl.must('cms', '-decrypt', '-inform', 'DER', '-in', '@envelope', '-inkey', '@key.pem', '-recip', '@certificate.pem', '-out', '@out', '-binary');
    expect(toHex(ssl.read('out'))).toBe(toHex(content));
  });

  it.each(['-aes128', '-aes256', '-sm4-cbc'])('ok: we open those of OpenSSL, %s with OAEP', async (cipher) => {
    ssl.must('cms', '-encrypt', '-binary', '-outform', 'DER', '-in', '@content', cipher, '-recip', '@certificate.pem', '-keyopt', 'rsa_padding_mode:oaep', '-out', '@envelope');
    expect(toHex(await openEnvelope(ssl.read('envelope'), person, engine))).toBe(toHex(content));
  });

  it('refuses: PKCS#1 v1.5 key transport', async () => {
    ssl.must('cms', '-encrypt', '-binary', '-outform', 'DER', '-in', '@content', '-aes128', '-recip', '@certificate.pem', '-out', '@envelope');
    await expect(openEnvelope(ssl.read('envelope'), person, engine)).rejects.toMatchObject({ code: 'ALGORITHM_UNSUPPORTED' });
  });
});
