/** CSRResponse of GM/T 0092: made by a CA, read by the tool, opened by the key. */
import { beforeAll, describe, expect, it } from 'vitest';
import { derContext, derSequence, derSetOf } from '#shared/asn1/der-writer.ts';
import { concatBytes } from '#shared/bytes/byte-strings.ts';
import { toHex } from '#shared/bytes/hex.ts';
import { certificateOfKey, readCsrResponse, writeCsrResponse, type CsrResponse } from '#shared/sm/csr-response.ts';
import { generateSm2KeyPair } from '#shared/sm/sm2-key.ts';
import { openSm2EnvelopedKey, sealSm2EnvelopedKey, writeSm2EnvelopedKey } from '#shared/sm/sm2-enveloped-key.ts';
import type { SmEngine } from '#shared/sm/sm-engine.ts';
import { eachEngine } from './each-engine.ts';
import { random, rsaPerson, sm2Person, type Person } from './people.ts';

function suite(engine: SmEngine): void {
  const signPair = generateSm2KeyPair(random);
  const encryptPair = generateSm2KeyPair(random);
  let signPerson: Person;
  let encryptPerson: Person;
  let response: CsrResponse;
  beforeAll(async () => {
    [signPerson, encryptPerson] = [await sm2Person(engine, '签名', signPair), await sm2Person(engine, '加密', encryptPair)];
    response = { signCertificates: [signPerson.certificateDer], envelopedKey: await sealSm2EnvelopedKey(engine, signPair.publicKey, encryptPair, random), encryptCertificates: [encryptPerson.certificateDer] };
  });

  it('ok: what the CA writes, the tool reads and the signing key opens', async () => {
    const read = readCsrResponse(writeCsrResponse(response));
    expect(read.signCertificates.map(toHex)).toEqual([toHex(signPerson.certificateDer)]);
    expect(certificateOfKey(read.encryptCertificates, encryptPair.publicKey)).not.toBeNull();
    if (!read.envelopedKey) throw new Error('no key');
    expect(toHex((await openSm2EnvelopedKey(engine, signPair.privateKey, read.envelopedKey)).privateKey)).toBe(toHex(encryptPair.privateKey));
    await expect(openSm2EnvelopedKey(engine, encryptPair.privateKey, read.envelopedKey)).rejects.toMatchObject({ code: 'DECRYPT_FAILED' });
  });

  it('ok: only a signing certificate', () => {
    expect(readCsrResponse(writeCsrResponse({ signCertificates: [signPerson.certificateDer], envelopedKey: null, encryptCertificates: [] }))).toMatchObject({ envelopedKey: null, encryptCertificates: [] });
  });

  it('ok: implicit and explicit tags of both optional parts', () => {
    const key = writeSm2EnvelopedKey(response.envelopedKey!);
    const members = key.subarray(key[1] === 0x81 ? 3 : key[1] === 0x82 ? 4 : 2);
    const sign = derSetOf(signPerson.certificateDer);
    for (const keyPart of [derContext(0, key), derContext(0, members)]) {
      for (const certificatePart of [derContext(1, encryptPerson.certificateDer), derContext(1, derSetOf(encryptPerson.certificateDer))]) {
        const read = readCsrResponse(derSequence(sign, keyPart, certificatePart));
        expect(toHex(read.envelopedKey!.publicKey)).toBe(toHex(encryptPair.publicKey));
        expect(read.encryptCertificates.map(toHex)).toEqual([toHex(encryptPerson.certificateDer)]);
      }
    }
  });

  it('refuses: a key without its certificate, a certificate without its key, or of another key', async () => {
    const parts = { ...response };
    const code = (one: CsrResponse) => expect.objectContaining({ code: one.encryptCertificates.length && one.envelopedKey ? 'ENVELOPED_KEY_MISMATCH' : 'CMS_MALFORMED' }) as Error;
    for (const one of [{ ...parts, encryptCertificates: [] }, { ...parts, envelopedKey: null }, { ...parts, encryptCertificates: [signPerson.certificateDer] }]) {
      expect(() => readCsrResponse(writeCsrResponse(one))).toThrow(code(one));
    }
    const rsa = await rsaPerson('RSA');
    expect(() => readCsrResponse(writeCsrResponse({ ...parts, encryptCertificates: [rsa.certificateDer] }))).toThrow(expect.objectContaining({ code: 'KEY_INVALID' }));
  });

  it('refuses: truncated, trailing, no certificate', () => {
    const der = writeCsrResponse(response);
    for (const wrong of [der.subarray(0, -1), concatBytes(der, Uint8Array.of(0))]) expect(() => readCsrResponse(wrong)).toThrow(expect.objectContaining({ code: 'DER_MALFORMED' }));
    expect(() => readCsrResponse(derSequence(derSetOf()))).toThrow(expect.objectContaining({ code: 'CMS_MALFORMED' }));
  });
}

describe('responses', () => eachEngine(suite));
