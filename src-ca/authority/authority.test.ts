import { constants, generateKeyPairSync, privateDecrypt, sign, type KeyObject } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { derBoolean, derContext, derInteger, derNull, derOctetString, derOid, derPrintableString, derSequence, derSetOf } from '#shared/asn1/der-writer.ts';
import { OIDS } from '#shared/asn1/oids.ts';
import type { CertificateSubject } from '#shared/contract/rest/orders.ts';
import { createCryptoPort } from '#shared/crypto/crypto-port.ts';
import { webCryptoProvider } from '#shared/crypto/webcrypto-provider.ts';
import { residentIdCheckDigit } from '#shared/subject/resident-id-number.ts';
import { writeSignAlgorithm } from '#shared/x509/algorithm-identifier.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';
import { parseCertificateRevocationList } from '#shared/x509/certificate-revocation-list.ts';
import { signCertificationRequest } from '#shared/x509/certification-request.ts';
import { findExtension, makeExtension } from '#shared/x509/extension.ts';
import { KEY_USAGE } from '#shared/x509/extensions/key-usage.ts';
import { RESIDENT_ID_NUMBER, UNIFIED_SOCIAL_CREDIT_CODE } from '#shared/x509/extensions/subject-identity.ts';
import { nameText, parseName } from '#shared/x509/name.ts';
import { assembleSigned } from '#shared/x509/signed-structure.ts';
import { validatePath } from '#shared/x509/validate-path.ts';
import type { DualCertificateOrder } from './authority-port.ts';
import { checkProfile } from './certificate-profile.ts';
import { openOrCreateAuthority, type AuthorityOptions, type OpenAuthority } from './open-or-create-authority.ts';
import { endOfYears } from './validity.ts';

const crypto = createCryptoPort([webCryptoProvider(globalThis.crypto)], globalThis.crypto);
const now = new Date('2026-06-01T08:00:00.500Z');
const ID_BODY = '33010619900307123';

interface TestKey { readonly privateKey: KeyObject; readonly spki: Uint8Array }
function newKey(modulusLength = 2048, publicExponent = 65_537): TestKey {
  const pair = generateKeyPairSync('rsa', { modulusLength, publicExponent });
  return { privateKey: pair.privateKey, spki: new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' })) };
}
const signWith = (key: TestKey, digest = 'sha256') => async (message: Uint8Array) => new Uint8Array(sign(digest, message, key.privateKey));

const company: CertificateSubject = { commonName: '杭州标钥科技有限公司', organisationName: '杭州标钥科技有限公司', unifiedSocialCreditCode: '91350100M000100Y43', identityNumber: null, handlerName: '王五', province: '浙江省', locality: '杭州市' };
const expert: CertificateSubject = { commonName: '张三', organisationName: null, unifiedSocialCreditCode: null, identityNumber: ID_BODY + residentIdCheckDigit(ID_BODY), handlerName: null, province: null, locality: null };

let scratch: string, open: OpenAuthority, options: AuthorityOptions;
const signKey = newKey();
const encryptKey = newKey();
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'bidkey-authority-'));
  options = {
    folder: join(scratch, 'rsa'), caId: 'demo-rsa', keyAlgorithm: 'rsa-2048', crypto, clock: () => now,
    names: { organisation: '标钥演示', rootCommonName: '标钥演示根', issuingCommonName: '标钥演示签发' },
    urls: { crl: 'http://ca.example/crl/demo-rsa.crl', issuingCertificate: 'http://ca.example/ca/demo-rsa.cer', rootCrl: 'http://ca.example/crl/demo-rsa-root.crl', rootCertificate: 'http://ca.example/ca/demo-rsa-root.cer', practiceStatement: null },
    signers: { kind: 'software', passphrase: Buffer.from('geheim'), scryptLog2N: 14 },
  };
  open = await openOrCreateAuthority(options);
}, 60_000);
afterAll(async () => {
  await open.close();
  await rm(scratch, { recursive: true, force: true });
});

const order = (changes: Partial<DualCertificateOrder> = {}): DualCertificateOrder => ({
  subject: company, certificateType: 'organisation', years: 1, notBefore: now, signSerialHex: open.authority.newSerialHex(), encryptSerialHex: open.authority.newSerialHex(), signPublicKeySpkiDer: signKey.spki, encryptPublicKeySpkiDer: encryptKey.spki, ...changes,
});

describe('issuing dual certificates', () => {
  it('ok: both chain to the root with CRLs, with their own key usage, the same subject and the identity', async () => {
    expect(open.created).toBe(true);
    const issued = await open.authority.issueDualCertificates(order());
    const crlDer = await open.authority.signCrl({ number: 1n, thisUpdate: now, nextUpdate: new Date(now.getTime() + 86_400_000), entries: [] });
    for (const [der, keyUsage] of [[issued.signCertificateDer, ['digitalSignature', 'nonRepudiation']], [issued.encryptCertificateDer, ['keyEncipherment', 'dataEncipherment']]] as const) {
      const path = await validatePath({ leafDer: der, intermediatesDer: [open.issuingCertificateDer], trustAnchorsDer: [open.rootCertificateDer], at: now, keyUsage, revocation: { kind: 'crls', crlsDer: [crlDer, open.rootCrlDer] } }, crypto);
      expect(path).toMatchObject({ valid: true, revocation: 'checked' });
      const certificate = parseCertificate(der);
      expect(findExtension(certificate.extensions, KEY_USAGE)).toEqual({ critical: true, value: keyUsage });
      expect(findExtension(certificate.extensions, UNIFIED_SOCIAL_CREDIT_CODE)?.value).toBe('91350100M000100Y43');
      expect(findExtension(certificate.extensions, RESIDENT_ID_NUMBER)).toBeNull();
      expect(nameText(certificate.subject)).toBe('CN=杭州标钥科技有限公司,O=杭州标钥科技有限公司,L=杭州市,ST=浙江省,C=CN');
      expect(certificate.notAfter.date).toEqual(new Date('2027-06-01T07:59:59Z'));
    }
    expect(issued.notAfter).toEqual(new Date('2027-06-01T07:59:59Z'));
  });
  it('ok: a person has the identity number and no organisation', async () => {
    const certificate = parseCertificate((await open.authority.issueDualCertificates(order({ subject: expert, certificateType: 'person' }))).signCertificateDer);
    expect(nameText(certificate.subject)).toBe('CN=张三,C=CN');
    expect(findExtension(certificate.extensions, RESIDENT_ID_NUMBER)?.value).toBe(expert.identityNumber);
  });
  it('ok: serial numbers are positive, of one length, and differ', () => {
    const serials = Array.from({ length: 500 }, () => open.authority.newSerialHex());
    expect(new Set(serials).size).toBe(500);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9a-f]{31}$/);
  });
  it('ok: a leap day ends a year later', () => {
    expect(endOfYears(new Date('2028-02-29T10:00:00Z'), 1)).toEqual(new Date('2029-03-01T09:59:59Z'));
    expect(endOfYears(new Date('2026-06-01T08:00:00.999Z'), 3)).toEqual(new Date('2029-06-01T07:59:59Z'));
  });
  it.each([
    ['six years', { years: 6 }, 'validity-period'],
    ['validity beyond the issuer’s', { notBefore: new Date('2034-01-01T00:00:00Z'), years: 5 }, 'validity-inside-issuer'],
    ['a short serial number', { signSerialHex: '4001' }, 'serial-number'],
    ['one key for both', { encryptPublicKeySpkiDer: signKey.spki }, 'key-of-its-own'],
    ['a weak key', { encryptPublicKeySpkiDer: newKey(1024).spki }, 'key-strength'],
    ['the same serial twice', { signSerialHex: '40'.repeat(16), encryptSerialHex: '40'.repeat(16) }, 'pair-same-subject'],
  ] as const)('refuses before signing: %s', async (_, changes, ruleId) => {
    await expect(open.authority.issueDualCertificates(order(changes))).rejects.toMatchObject({ code: 'CERTIFICATE_LINT', details: { rules: expect.arrayContaining([expect.stringContaining(ruleId)]) } });
  });
  it('refuses: wrong or missing identity, a name with invisible characters', async () => {
    await expect(open.authority.issueDualCertificates(order({ subject: { ...company, unifiedSocialCreditCode: '91350100M000100Y44' } }))).rejects.toMatchObject({ code: 'ACCOUNT_SUBJECT_INVALID', details: { field: 'unifiedSocialCreditCode' } });
    await expect(open.authority.issueDualCertificates(order({ subject: { ...company, unifiedSocialCreditCode: null } }))).rejects.toMatchObject({ code: 'ACCOUNT_SUBJECT_INVALID' });
    await expect(open.authority.issueDualCertificates(order({ certificateType: 'person' }))).rejects.toMatchObject({ code: 'ACCOUNT_SUBJECT_INVALID', details: { field: 'identityNumber' } });
    expect(() => open.authority.subjectNameDer({ ...expert, identityNumber: '330106199003071231' })).toThrow(expect.objectContaining({ code: 'ACCOUNT_SUBJECT_INVALID' }));
    expect(() => open.authority.subjectNameDer({ ...company, commonName: '标\u200b钥' })).toThrow(expect.objectContaining({ code: 'NAME_INVALID' }));
  });
  it('ok: verifies a subscriber’s signature and encrypts to a subscriber', async () => {
    const message = Buffer.from('challenge');
    expect(await open.authority.verifySubscriberSignature(signKey.spki, message, sign('sha256', message, signKey.privateKey))).toBe(true);
    expect(await open.authority.verifySubscriberSignature(encryptKey.spki, message, sign('sha256', message, signKey.privateKey))).toBe(false);
    const ciphertext = await open.authority.encryptToSubscriber(encryptKey.spki, message);
    expect(privateDecrypt({ key: encryptKey.privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, ciphertext)).toEqual(message);
  });
});

describe('certification requests', () => {
  const subjectDer = () => open.authority.subjectNameDer(company);
  const csr = (key: TestKey, signer: TestKey = key, subject = subjectDer()) => signCertificationRequest({ subjectDer: subject, publicKeySpkiDer: key.spki, signAlgorithm: 'rsa-sha256' }, signWith(signer));
  const check = (der: Uint8Array) => open.authority.checkCsr(der, subjectDer());
  const withTail = async (...tail: Uint8Array[]) => {
    const info = derSequence(derInteger(0), subjectDer(), signKey.spki, ...tail);
    return assembleSigned(info, 'rsa-sha256', await signWith(signKey)(info));
  };
  const attribute = (oid: string, ...values: Uint8Array[]) => derSequence(derOid(oid), derSetOf(...values));
  const wish = (oid: string, critical: boolean) => derSequence(derOid(oid), ...(critical ? [derBoolean(true)] : []), derOctetString(derNull()));

  it('ok: a good request gives its public key; harmless wishes are ignored', async () => {
    expect(await check(await csr(signKey))).toEqual({ publicKeySpkiDer: signKey.spki });
    const wishing = await signCertificationRequest({ subjectDer: subjectDer(), publicKeySpkiDer: signKey.spki, signAlgorithm: 'rsa-sha256', requestedExtensions: [makeExtension(KEY_USAGE, ['keyCertSign'], { critical: true })] }, signWith(signKey));
    expect(await check(wishing)).toEqual({ publicKeySpkiDer: signKey.spki });
  });
  it.each<[string, () => Promise<Uint8Array>, string, object]>([
    ['signature by a foreign key', () => csr(signKey, encryptKey), 'CSR_SIGNATURE', {}],
    ['another subject', () => csr(signKey, signKey, parseName(open.authority.subjectNameDer(expert)).der), 'CSR_SUBJECT', {}],
    ['RSA with 1024 bits', () => csr(newKey(1024)), 'CSR_KEY_WEAK', { reason: 'modulus-too-short' }],
    ['RSA with exponent 3', () => csr(newKey(2048, 3)), 'CSR_KEY_WEAK', { reason: 'exponent-too-small' }],
    ['trailing octets', async () => Uint8Array.of(...(await csr(signKey)), 0), 'CSR_MALFORMED', { reason: 'trailing octets' }],
    ['too large', async () => new Uint8Array(20_000), 'CSR_MALFORMED', { reason: 'too large' }],
    ['nothing', async () => new Uint8Array(0), 'CSR_MALFORMED', {}],
    ['no attributes element', () => withTail(), 'CSR_MALFORMED', { reason: 'attributes are missing' }],
    ['an extension twice', () => withTail(derContext(0, attribute(OIDS.extensionRequest, derSequence(wish('1.2.3', false), wish('1.2.3', false))))), 'CSR_MALFORMED', { reason: 'extension stands twice' }],
    ['an unknown critical extension', () => withTail(derContext(0, attribute(OIDS.extensionRequest, derSequence(wish('1.2.3', true))))), 'CSR_MALFORMED', { reason: 'unknown critical extension' }],
    ['an unknown attribute', () => withTail(derContext(0, attribute('1.2.3', derPrintableString('x')))), 'CSR_MALFORMED', { reason: 'unknown attribute' }],
    ['an elliptic key', async () => {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const spki = new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' }));
      return signCertificationRequest({ subjectDer: subjectDer(), publicKeySpkiDer: spki, signAlgorithm: 'rsa-sha256' }, async (message) => new Uint8Array(sign('sha256', message, pair.privateKey)));
    }, 'CSR_KEY_ALGORITHM', { wanted: 'rsa-2048' }],
    ['SHA-1 in the signature', async () => {
      const info = derSequence(derInteger(0), subjectDer(), signKey.spki, derContext(0));
      return derSequence(info, derSequence(derOid(OIDS.sha1WithRsa), derNull()), Uint8Array.of(3, 2, 0, 1));
    }, 'CSR_KEY_ALGORITHM', { oid: OIDS.sha1WithRsa }],
    ['an SM2 signature on an RSA key', async () => {
      const info = derSequence(derInteger(0), subjectDer(), signKey.spki, derContext(0));
      return derSequence(info, writeSignAlgorithm('sm2-sm3'), Uint8Array.of(3, 2, 0, 1));
    }, 'CSR_KEY_ALGORITHM', { got: 'sm2-sm3' }],
  ])('refuses: %s', async (_, make, code, details) => {
    await expect(make().then(check)).rejects.toMatchObject({ code, details });
  });
});

describe('revocation lists', () => {
  const day = 86_400_000;
  it('ok: entries, number, and the list of the root', async () => {
    const entries = [{ serialHex: '40'.repeat(16), revokedAt: now, reason: 'keyCompromise' }, { serialHex: '41'.repeat(16), revokedAt: now, reason: 'unspecified' }];
    const crl = parseCertificateRevocationList(await open.authority.signCrl({ number: 7n, thisUpdate: now, nextUpdate: new Date(now.getTime() + day), entries }));
    expect(crl.entries.map((entry) => entry.reason)).toEqual(['keyCompromise', 'unspecified']);
    expect(parseCertificateRevocationList(open.rootCrlDer).entries).toEqual([]);
    expect(open.rootCrlNextUpdate).toEqual(new Date('2027-06-01T08:00:00Z'));
  });
  it('refuses: an unknown reason, a serial twice, an end before the beginning', async () => {
    const list = { number: 1n, thisUpdate: now, nextUpdate: new Date(now.getTime() + day), entries: [{ serialHex: '40'.repeat(16), revokedAt: now, reason: 'keyCompromise' }] };
    await expect(open.authority.signCrl({ ...list, entries: [{ serialHex: '01', revokedAt: now, reason: 'because' }] })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(open.authority.signCrl({ ...list, entries: [...list.entries, ...list.entries] })).rejects.toMatchObject({ code: 'CRL_LINT', details: { rules: [expect.stringContaining('crl-entries')] } });
    await expect(open.authority.signCrl({ ...list, nextUpdate: new Date(now.getTime() - day) })).rejects.toMatchObject({ code: 'CRL_LINT', details: { rules: [expect.stringContaining('crl-times')] } });
  });
});

describe('the folder of an authority', { timeout: 60_000 }, () => {
  const copy = async (name: string): Promise<AuthorityOptions> => {
    await cp(options.folder, join(scratch, name), { recursive: true });
    return { ...options, folder: join(scratch, name) };
  };
  it('ok: opens again with the same certificates, and goes on issuing', async () => {
    const again = await openOrCreateAuthority(options);
    expect(again).toMatchObject({ created: false, rootCertificateDer: open.rootCertificateDer, issuingCertificateDer: open.issuingCertificateDer });
    expect((await again.authority.issueDualCertificates(order())).signCertificateDer.length).toBeGreaterThan(500);
    await again.close();
  });
  it('ok: what was left of a creation that was cut off is thrown away', async () => {
    const fresh = { ...options, folder: join(scratch, 'cut-off') };
    await mkdir(`${fresh.folder}.unfinished`);
    await writeFile(join(`${fresh.folder}.unfinished`, 'root.pem'), 'half');
    const made = await openOrCreateAuthority(fresh);
    expect(made.created).toBe(true);
    expect((await readdir(scratch)).includes('cut-off.unfinished')).toBe(false);
    await made.close();
  });
  it('ok: the root’s list renews itself while the root’s key is there, and stays when it is kept apart', async () => {
    const later = { ...(await copy('later')), clock: () => new Date('2027-05-01T00:00:00Z') };
    const renewed = await openOrCreateAuthority(later);
    expect(renewed.rootCrlNextUpdate).toEqual(new Date('2028-04-30T00:00:00Z'));
    await renewed.close();
    const apart = { ...(await copy('apart')), clock: later.clock };
    const rootKey = (await readdir(apart.folder)).find((name) => /-root-.*\.keystore$/.test(name)) ?? '';
    await rm(join(apart.folder, rootKey));
    const kept = await openOrCreateAuthority(apart);
    expect(kept.rootCrlNextUpdate).toEqual(open.rootCrlNextUpdate);
    await kept.close();
  });
  it('refuses: a wrong passphrase, missing or foreign parts, another configuration', async () => {
    await expect(openOrCreateAuthority({ ...options, signers: { kind: 'software', passphrase: Buffer.from('falsch') } })).rejects.toMatchObject({ code: 'KEYSTORE_UNREADABLE' });
    await expect(openOrCreateAuthority({ ...options, caId: 'other' })).rejects.toMatchObject({ code: 'AUTHORITY_DAMAGED' });
    const damage = async (name: string, change: (folder: string) => Promise<unknown>) => {
      const damaged = await copy(name);
      await change(damaged.folder);
      await expect(openOrCreateAuthority(damaged), name).rejects.toMatchObject({ code: 'AUTHORITY_DAMAGED' });
    };
    await damage('no-issuing', (folder) => rm(join(folder, 'issuing.pem')));
    await damage('swapped', async (folder) => writeFile(join(folder, 'issuing.pem'), await readFile(join(folder, 'root.pem'))));
    await damage('bad-json', (folder) => writeFile(join(folder, 'authority.json'), '{'));
    await damage('no-record', (folder) => rm(join(folder, 'authority.json')));
    await damage('no-key', async (folder) => {
      for (const name of await readdir(folder)) if (name.includes('-issuing-')) await rm(join(folder, name));
    });
  });
  it('ok: nothing in the folder holds a private key in clear', async () => {
    for (const name of await readdir(options.folder)) expect((await readFile(join(options.folder, name))).includes('PRIVATE KEY')).toBe(false);
  });
});

describe('profiles', () => {
  it('refuses: data that does not fit the schema, or signs without being a CA', async () => {
    const good = JSON.parse(await readFile('resources/certificate-profiles/subscriber-sign.json', 'utf8')) as Record<string, unknown>;
    expect(checkProfile(good).id).toBe('subscriber-sign');
    expect(() => checkProfile({ ...good, surprise: 1 })).toThrow(/certificate profile/);
    expect(() => checkProfile({ ...good, keyUsage: { rsa: ['keyCertSign'], sm2: ['keyCertSign'] } })).toThrow(/cA must stand together/);
  });
});
