/** CMS and certificates with SM2 beside Bouncy Castle, both ways. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toHex } from '#shared/bytes/hex.ts';
import { toUtf8 } from '#shared/bytes/utf8.ts';
import { sealEnvelope } from '#shared/cms/envelope.ts';
import { signCms } from '#shared/cms/sign-cms.ts';
import { verifyCms } from '#shared/cms/verify-cms.ts';
import { bouncyCastleMissing, compileBouncyCastle, type BouncyCastle } from '../interop-java/bouncy-castle.ts';
import { nativeEngine } from '#shared/sm/native-engine.ts';
import { loadNativeAddon } from './each-engine.ts';
import { openSsl } from './openssl.ts';
import { cryptoOver, sm2Person, type Person } from './people.ts';

const missing = bouncyCastleMissing();
const engine = nativeEngine(loadNativeAddon());
const crypto = cryptoOver(engine);
const files = openSsl();
const content = toUtf8('开标一览表 bid summary');

describe.skipIf(missing !== null)(`beside Bouncy Castle${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let java: BouncyCastle;
  let person: Person;
  let other: Person;
  beforeAll(async () => {
    java = compileBouncyCastle();
    [person, other] = [await sm2Person(engine, '张三'), await sm2Person(engine, '李四')];
    files.write('key', person.pkcs8Der);
    files.write('certificate', person.certificateDer);
    files.write('other-certificate', other.certificateDer);
    files.write('content', content);
    files.write('other-content', toUtf8('other'));
  });
  afterAll(() => {
    java?.remove();
    files.remove();
  });
  const signer = () => ({ certificateDer: person.certificateDer, algorithm: person.algorithm, sign: person.sign, signingTime: new Date('2026-11-20T00:00:00Z') });

  it('ok: a certificate that we sign with SM2 verifies, and not with another key', () => {
    expect(java.check('certificate', files.path('certificate'), files.path('certificate'))).toBe('valid');
    expect(() => java.check('certificate', files.path('certificate'), files.path('other-certificate'))).toThrow();
  });

  it.each([['gm', true], ['gm', false], ['rfc5652', true], ['rfc5652', false]] as const)('ok: it verifies our messages, %s, attributes %s', async (family, signedAttributes) => {
    files.write('message', await signCms({ family, content: { kind: 'attached', bytes: content }, signedAttributes, signers: [signer()], chain: [] }, crypto));
    expect(java.check('cms-verify', files.path('message'))).toBe('valid');
  });

  it('ok: detached, and not over other content', async () => {
    files.write('message', await signCms({ family: 'rfc5652', content: { kind: 'detached', bytes: content }, signedAttributes: true, signers: [signer()], chain: [] }, crypto));
    expect(java.check('cms-verify', files.path('message'), files.path('content'))).toBe('valid');
    expect(() => java.check('cms-verify', files.path('message'), files.path('other-content'))).toThrow('message-digest');
  });

  it.each(['attached', 'detached'] as const)('ok: we verify its messages, %s', async (kind) => {
    java.check('cms-sign', files.path('key'), files.path('certificate'), files.path('content'), kind, files.path('message'));
    const detached = kind === 'detached' ? { bytes: content } : null;
    expect(await verifyCms({ der: files.read('message'), detached }, crypto)).toMatchObject({ family: 'rfc5652', signers: [{ valid: true, algorithm: 'sm2-sm3' }] });
  });

  it.each(['gm', 'rfc5652'] as const)('ok: it opens our SM2 envelope with SM4-CBC, %s', async (family) => {
    files.write('envelope', await sealEnvelope({ family, content, cipher: 'sm4-cbc', recipientCertificates: [person.certificateDer] }, crypto, engine));
    java.check('cms-open', files.path('envelope'), files.path('key'), files.path('out'));
    expect(toHex(files.read('out'))).toBe(toHex(content));
  });
});
