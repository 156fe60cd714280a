/** CMS messages on every engine: round trips, what a reader must refuse, and what a verifier must say. */
import { beforeAll, describe, expect, it } from 'vitest';
import { derContext, derInteger, derOctetString, derOid, derSequence, derSetOf } from '#shared/asn1/der-writer.ts';
import { OIDS } from '#shared/asn1/oids.ts';
import { concatBytes } from '#shared/bytes/byte-strings.ts';
import { fromHex, toHex } from '#shared/bytes/hex.ts';
import { toUtf8 } from '#shared/bytes/utf8.ts';
import { openEnvelope, sealEnvelope, type CmsToSeal } from '#shared/cms/envelope.ts';
import { readEnvelopedData, writeEnvelopedData, type Recipient } from '#shared/cms/enveloped-data.ts';
import { signCms, type CmsToSign } from '#shared/cms/sign-cms.ts';
import { readSignedData, writeSignedData } from '#shared/cms/signed-data.ts';
import { verifyCms } from '#shared/cms/verify-cms.ts';
import { readSm2Ciphertext, writeSm2Ciphertext } from '#shared/sm/sm2-der.ts';
import { writeSm2CiphertextRaw } from '#shared/sm/sm2-encrypt.ts';
import type { SmEngine } from '#shared/sm/sm-engine.ts';
import { eachEngine } from './each-engine.ts';
import { cryptoOver, rsaPerson, sm2Person, type Person } from './people.ts';

const content = toUtf8('开标一览表 bid summary');
const signingTime = new Date('2026-11-20T02:00:00Z');
const signer = (person: Person) => ({ certificateDer: person.certificateDer, algorithm: person.algorithm, sign: person.sign, signingTime });

const SIGNED_FORMS = (['gm', 'rfc5652'] as const).flatMap((family) => (['attached', 'detached'] as const).flatMap((kind) => [true, false].map((signedAttributes) => ({ family, kind, signedAttributes }))));

function suite(engine: SmEngine): void {
  const crypto = cryptoOver(engine);
  let zhang: Person, li: Person, rsa: Person;
  beforeAll(async () => {
    [zhang, li, rsa] = [await sm2Person(engine, '张三'), await sm2Person(engine, '李四'), await rsaPerson('RSA 用户')];
  });
  const signed = (changes: Partial<CmsToSign> = {}) =>
    signCms({ family: 'gm', content: { kind: 'attached', bytes: content }, signedAttributes: true, signers: [signer(zhang)], chain: [], ...changes }, crypto);
  const verdictOf = (der: Uint8Array, detached: Uint8Array | null = null) => verifyCms({ der, detached: detached && { bytes: detached } }, crypto);

  it.each(SIGNED_FORMS)('ok: signed by SM2 and RSA together, $family, $kind, attributes $signedAttributes', async ({ family, kind, signedAttributes }) => {
    const der = await signed({ family, content: { kind, bytes: content }, signedAttributes, signers: [signer(zhang), signer(rsa)] });
    const verdict = await verdictOf(der, kind === 'detached' ? content : null);
    expect(verdict).toMatchObject({ family, signers: [{ valid: true }, { valid: true }] });
    expect(verdict.content && toHex(verdict.content)).toBe(kind === 'attached' ? toHex(content) : null);
    const times = verdict.signers.map((one) => one.valid && one.signingTime);
    expect(times).toEqual(signedAttributes ? [signingTime, signingTime] : [null, null]);
    if (kind === 'detached') expect((await verdictOf(der, toUtf8('other'))).signers.map((one) => one.valid)).toEqual([false, false]);
  });

  it('ok: detached content that was read in pieces, by its digest', async () => {
    const digests = { sm3: await engine.sm3(content) };
    const der = await signed({ content: { kind: 'digests', digests } });
    expect((await verifyCms({ der, detached: { digests } }, crypto)).signers).toMatchObject([{ valid: true }]);
    expect((await verdictOf(der, content)).signers).toMatchObject([{ valid: true }]);
    expect((await verifyCms({ der, detached: { digests: {} } }, crypto)).signers).toEqual([{ valid: false, reason: 'DIGEST' }]);
  });

  it('ok: signers named by key identifier', async () => {
    const der = await signed({ signers: [{ ...signer(zhang), reference: 'key-identifier' }] });
    expect((await verdictOf(der)).signers).toMatchObject([{ valid: true, algorithm: 'sm2-sm3' }]);
  });

  it('ok: a message written again from its structure is the same', async () => {
    const der = await signed({ signers: [signer(zhang), signer(rsa)], chain: [li.certificateDer] });
    expect(toHex(writeSignedData(readSignedData(der)))).toBe(toHex(der));
  });

  it('verdict: every wrong thing has its reason', async () => {
    const data = readSignedData(await signed());
    const [info] = data.signers;
    if (!info) throw new Error('no signer');
    const verdict = async (changes: Partial<typeof data>) => (await verdictOf(writeSignedData({ ...data, ...changes }))).signers[0];
    expect(await verdict({ content: toUtf8('other content') })).toEqual({ valid: false, reason: 'DIGEST' });
    expect(await verdict({ certificates: [li.certificateDer] })).toEqual({ valid: false, reason: 'CERTIFICATE_MISSING' });
    expect(await verdict({ signers: [{ ...info, signature: info.signature.map((byte, i) => (i === 40 ? byte ^ 1 : byte)) }] })).toEqual({ valid: false, reason: 'SIGNATURE' });
    expect(await verdict({ signers: [{ ...info, signature: new Uint8Array(0) }] })).toEqual({ valid: false, reason: 'SIGNATURE' });
    const rsaData = readSignedData(await signed({ signers: [signer(rsa)] }));
    expect(await verdict({ signers: [{ ...info, signer: rsaData.signers[0]!.signer }], certificates: rsaData.certificates })).toEqual({ valid: false, reason: 'KEY_KIND' });
  });

  it('verdict: a signature moved to the other family is refused for its content type', async () => {
    const data = readSignedData(await signed());
    expect((await verdictOf(writeSignedData({ ...data, family: 'rfc5652' }))).signers).toEqual([{ valid: false, reason: 'CONTENT_TYPE' }]);
  });

  it('refuses: content both inside and given, or neither', async () => {
    await expect(verdictOf(await signed(), content)).rejects.toMatchObject({ code: 'CMS_MALFORMED' });
    await expect(verdictOf(await signed({ content: { kind: 'detached', bytes: content } }))).rejects.toMatchObject({ code: 'CMS_MALFORMED' });
  });

  it('refuses: to sign with a certificate of another kind of key', async () => {
    await expect(signed({ signers: [{ ...signer(zhang), certificateDer: rsa.certificateDer }] })).rejects.toMatchObject({ code: 'KEY_INVALID' });
  });

  it('refuses: every truncation and a trailing octet, by code', async () => {
    const der = await signed();
    for (let length = 0; length < der.length; length += 7) expect(() => readSignedData(der.subarray(0, length))).toThrow(expect.objectContaining({ code: 'DER_MALFORMED' }));
    expect(() => readSignedData(concatBytes(der, Uint8Array.of(0)))).toThrow(expect.objectContaining({ code: 'DER_MALFORMED' }));
  });

  it('refuses or says invalid: every changed octet of a message; never a valid verdict over other content, never an unknown exception', async () => {
    const der = await signed({ chain: [] });
    for (let at = 0; at < der.length; at += 11) {
      const changed = Uint8Array.from(der);
      changed[at] = (changed[at] ?? 0) ^ 0x40;
      const outcome = await verdictOf(changed).then(({ signers, content: inside }) => (signers[0]?.valid ? toHex(inside ?? new Uint8Array(0)) : 'invalid'), (thrown: { code?: string }) => thrown.code ?? 'unknown');
      expect(['invalid', toHex(content), 'DER_MALFORMED', 'CMS_MALFORMED', 'ALGORITHM_UNSUPPORTED', 'CERTIFICATE_MALFORMED', 'KEY_INVALID', 'NAME_INVALID']).toContain(outcome);
    }
  });

  it.each([
    { family: 'gm', cipher: 'sm4-cbc', profile: 'standard' }, { family: 'gm', cipher: 'sm4-cbc', profile: 'gmssl' }, { family: 'rfc5652', cipher: 'sm4-cbc', profile: 'standard' },
    { family: 'rfc5652', cipher: 'aes-256-cbc', profile: 'standard' }, { family: 'rfc5652', cipher: 'aes-128-cbc', profile: 'standard' },
  ] as const)('ok: sealed for SM2 and RSA recipients, $family, $cipher, $profile', async (form) => {
    const message: CmsToSeal = { ...form, content, recipientCertificates: [zhang.certificateDer, rsa.certificateDer] };
    for (const reference of ['issuer-and-serial', 'key-identifier'] as const) {
      const der = await sealEnvelope({ ...message, reference }, crypto, engine);
      for (const person of [zhang, rsa]) expect(toHex(await openEnvelope(der, person, engine))).toBe(toHex(content));
      await expect(openEnvelope(der, li, engine)).rejects.toMatchObject({ code: 'CMS_NO_RECIPIENT' });
    }
  });

  it('refuses: the right certificate with another key, and changed ciphertext, with the one answer', async () => {
    const der = await sealEnvelope({ family: 'gm', content, cipher: 'sm4-cbc', recipientCertificates: [zhang.certificateDer] }, crypto, engine);
    await expect(openEnvelope(der, { certificateDer: zhang.certificateDer, decrypt: li.decrypt }, engine)).rejects.toMatchObject({ code: 'DECRYPT_FAILED' });
    // CBC authenticates nothing: changed in the block before the last, the octet of the padding is surely none, and not only most of the time.
    await expect(openEnvelope(der.map((byte, i) => (i === der.length - 17 ? byte ^ 0x80 : byte)), zhang, engine)).rejects.toMatchObject({ code: 'DECRYPT_FAILED' });
  });

  it('refuses: before the key is asked, an algorithm of another kind of key, a point off the curve in either form, a wrapped key of another length', async () => {
    const asked: string[] = [];
    const counted = (person: Person) => ({ certificateDer: person.certificateDer, decrypt: (bytes: Uint8Array) => { asked.push(toHex(bytes)); return person.decrypt(bytes); } });
    const changed = (der: Uint8Array, change: Partial<Recipient>) => {
      const data = readEnvelopedData(der);
      return writeEnvelopedData({ ...data, recipients: data.recipients.map((one) => ({ ...one, ...change })) }, 'standard');
    };
    const offCurve = { point: new Uint8Array(65).fill(1).fill(4, 0, 1), digest: new Uint8Array(32), masked: new Uint8Array(16) };
    const right = await sealEnvelope({ family: 'gm', content, cipher: 'sm4-cbc', recipientCertificates: [zhang.certificateDer] }, crypto, engine);
    const hostile = [
      { algorithm: 'rsa-oaep-sha1' as const }, { algorithm: 'rsa-oaep-sha1' as const, encryptedKey: writeSm2Ciphertext(offCurve) }, { encryptedKey: writeSm2Ciphertext(offCurve) }, { encryptedKey: writeSm2CiphertextRaw(offCurve) },
      { encryptedKey: writeSm2CiphertextRaw(offCurve).subarray(1) }, { encryptedKey: writeSm2Ciphertext({ ...readSm2Ciphertext(readEnvelopedData(right).recipients[0]?.encryptedKey ?? right), masked: new Uint8Array(32) }) },
    ];
    for (const change of hostile) await expect(openEnvelope(changed(right, change), counted(zhang), engine)).rejects.toMatchObject({ code: 'CMS_MALFORMED' });
    const ofRsa = await sealEnvelope({ family: 'rfc5652', content, cipher: 'aes-256-cbc', recipientCertificates: [rsa.certificateDer] }, crypto, engine);
    await expect(openEnvelope(changed(ofRsa, { algorithm: 'sm2', encryptedKey: writeSm2Ciphertext(offCurve) }), counted(rsa), engine)).rejects.toMatchObject({ code: 'CMS_MALFORMED' });
    expect(asked).toEqual([]);
    await openEnvelope(right, counted(zhang), engine);
    expect(asked.length).toBe(1);
  });

  it('ok: session keys in raw C1‖C3‖C2, with and without the 04 in front', async () => {
    const point = await engine.sm2PublicKey(fromHex('11'.repeat(32)));
    const key = new Uint8Array(16).fill(7);
    const person = await sm2Person(engine, '旧系统', { privateKey: fromHex('11'.repeat(32)), publicKey: point });
    const { algorithm: _algorithm, ...recipient } = { ...person };
    const raw = await engine.sm2Encrypt(point, key, { randomBytes: (length) => new Uint8Array(length).fill(9) });
    for (const encryptedKey of [raw, raw.subarray(1)]) {
      const der = await foreignEnvelope(encryptedKey, key, person.certificateDer);
      expect(toHex(await openEnvelope(der, recipient, engine))).toBe(toHex(content));
    }
  });

  /** As old programs write it: bare SM4 identifier, the curve as key encryption algorithm. */
  async function foreignEnvelope(encryptedKey: Uint8Array, key: Uint8Array, certificateDer: Uint8Array): Promise<Uint8Array> {
    const template = readEnvelopedData(await sealEnvelope({ family: 'gm', content, cipher: 'sm4-cbc', recipientCertificates: [certificateDer] }, crypto, engine));
    const reference = template.recipients[0]!.recipient;
    if (reference.by !== 'issuer-and-serial') throw new Error('another reference');
    const iv = new Uint8Array(16).fill(3);
    const recipientInfo = derSequence(derInteger(1), derSequence(reference.issuerDer, concatBytes(Uint8Array.of(2, reference.serialOctets.length), reference.serialOctets)), derSequence(derOid(OIDS.curveSm2)), derOctetString(encryptedKey));
    const encrypted = derSequence(derOid(OIDS.gmData), derSequence(derOid(OIDS.sm4), derOctetString(iv)), concatBytes(Uint8Array.of(0x80), derOctetString(await engine.sm4CbcEncrypt(key, iv, content)).subarray(1)));
    return derSequence(derOid(OIDS.gmEnvelopedData), derContext(0, derSequence(derInteger(1), derSetOf(recipientInfo), encrypted)));
  }
}

eachEngine(suite);

describe('structures that no engine sees', () => {
  it('refuses: another content type, with the identifier in the details', () => {
    const der = derSequence(derOid(OIDS.cmsData), derContext(0, derOctetString(content)));
    expect(() => readSignedData(der)).toThrow(expect.objectContaining({ code: 'CMS_MALFORMED', details: expect.objectContaining({ oid: OIDS.cmsData }) as unknown }));
    expect(() => readEnvelopedData(der)).toThrow(expect.objectContaining({ code: 'CMS_MALFORMED' }));
  });

  it('refuses: a message without a signer, which would be "valid" for want of a wrong signature', () => {
    const der = derSequence(derOid(OIDS.gmSignedData), derContext(0, derSequence(derInteger(1), derSetOf(), derSequence(derOid(OIDS.gmData)), derSetOf())));
    expect(() => readSignedData(der)).toThrow(expect.objectContaining({ code: 'CMS_MALFORMED' }));
  });
});
