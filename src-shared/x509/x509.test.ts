import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { DerReader } from '../asn1/der-reader.ts';
import { derBoolean, derContext, derInteger, derNull, derOctetString, derOid, derPrintableString, derSequence, derSetOf, derUtf8String } from '../asn1/der-writer.ts';
import { OIDS } from '../asn1/oids.ts';
import { fromHex, toHex } from '../bytes/hex.ts';
import { createCryptoPort } from '../crypto/crypto-port.ts';
import { webCryptoProvider } from '../crypto/webcrypto-provider.ts';
import { AppError } from '../errors/app-error.ts';
import { signAlgorithmOf, writeSignAlgorithm } from './algorithm-identifier.ts';
import { parseCertificate, signCertificate, type CertificateContent } from './certificate.ts';
import { parseCertificateRevocationList, signCertificateRevocationList } from './certificate-revocation-list.ts';
import { parseCertificationRequest, signCertificationRequest } from './certification-request.ts';
import { findExtension, makeExtension, readExtensions, type Extension, type ExtensionCodec } from './extension.ts';
import { AUTHORITY_INFO_ACCESS } from './extensions/authority-info-access.ts';
import { AUTHORITY_KEY_IDENTIFIER } from './extensions/authority-key-identifier.ts';
import { BASIC_CONSTRAINTS } from './extensions/basic-constraints.ts';
import { CERTIFICATE_POLICIES } from './extensions/certificate-policies.ts';
import { CRL_DISTRIBUTION_POINTS } from './extensions/crl-distribution-points.ts';
import { CRL_NUMBER } from './extensions/crl-number.ts';
import { EXT_KEY_USAGE } from './extensions/ext-key-usage.ts';
import { KEY_USAGE } from './extensions/key-usage.ts';
import { REASON_CODE } from './extensions/reason-code.ts';
import { RESIDENT_ID_NUMBER, UNIFIED_SOCIAL_CREDIT_CODE } from './extensions/subject-identity.ts';
import { SUBJECT_KEY_IDENTIFIER } from './extensions/subject-key-identifier.ts';
import { buildName, nameText, nameValue, parseName } from './name.ts';
import { fromPem, onlyFromPem, toPem } from './pem.ts';
import { parsePrivateKeyInfo, publicKeyOfRsaPrivateKey } from './private-key-info.ts';
import { buildEcPublicKeyInfo, buildRsaPublicKeyInfo, keyIdentifierOf, parsePublicKeyInfo } from './public-key-info.ts';
import { validatePath, type PathQuestion } from './validate-path.ts';

const crypto = createCryptoPort([webCryptoProvider(globalThis.crypto)], globalThis.crypto);
const code = (expected: string, details: object = {}) => expect.objectContaining({ code: expected, details: expect.objectContaining(details) });

interface TestKey {
  readonly privateKey: KeyObject;
  readonly spki: Uint8Array;
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>;
}
function newKey(): TestKey {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { privateKey: pair.privateKey, spki: new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' })), sign: async (message) => new Uint8Array(sign('sha256', message, pair.privateKey)) };
}
const rootKey = newKey();
const issuingKey = newKey();
const leafKey = newKey();
const dn = (commonName: string) => buildName([{ type: 'countryName', value: 'CN' }, { type: 'commonName', value: commonName }]);
const rootName = dn('测试根');
const issuingName = dn('测试签发');
const leafName = dn('投标人');
const now = new Date('2026-06-01T00:00:00Z');

function content(changes: Partial<CertificateContent>): CertificateContent {
  return { serialHex: '5a01', signAlgorithm: 'rsa-sha256', issuerDer: rootName, notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2027-01-01T00:00:00Z'), subjectDer: rootName, publicKeySpkiDer: rootKey.spki, extensions: [], ...changes };
}
const keyIds = (own: TestKey, issuer: TestKey): Extension[] => [
  makeExtension(SUBJECT_KEY_IDENTIFIER, keyIdentifierOf(own.spki), { critical: false }),
  makeExtension(AUTHORITY_KEY_IDENTIFIER, { keyIdentifier: keyIdentifierOf(issuer.spki) }, { critical: false }),
];
const caParts = (pathLength: number | null): Extension[] => [
  makeExtension(BASIC_CONSTRAINTS, { ca: true, pathLength }, { critical: true }),
  makeExtension(KEY_USAGE, ['keyCertSign', 'cRLSign'], { critical: true }),
];
const leafParts = [makeExtension(KEY_USAGE, ['digitalSignature', 'nonRepudiation'], { critical: true })];

describe('names', () => {
  it('ok: round trip, text of RFC 4514, values by type', () => {
    const der = buildName([{ type: 'countryName', value: 'CN' }, { type: 'stateOrProvinceName', value: '浙江省' }, { type: 'organizationName', value: 'A, B+C "x" <y>; #1' }, { type: 'commonName', value: '#标钥' }]);
    const name = parseName(der);
    expect(name.der).toEqual(der);
    expect(nameText(name)).toBe('CN=\\#标钥,O=A\\, B\\+C \\"x\\" \\<y\\>\\; #1,ST=浙江省,C=CN');
    expect(nameValue(name, 'commonName')).toBe('#标钥');
    expect(nameValue(name, 'localityName')).toBeNull();
  });
  it('ok: an unknown attribute or a value that is no string is shown as its DER', () => {
    const der = derSequence(derSetOf(derSequence(derOid('1.2.3.4'), derUtf8String('x'))), derSetOf(derSequence(derOid(OIDS.commonName), derInteger(1))));
    expect(nameText(parseName(der))).toBe('CN=#020101,1.2.3.4=#0c0178');
  });
  it.each([
    ['', 'empty'], ['a'.repeat(65), 'too long'], ['a\u0000b', 'forbidden character'], ['abc\u202ecba', 'forbidden character'], ['a\u200bb', 'forbidden character'], [' a', 'space at an end'], ['e\u0301', 'not in normal form C'], ['\ud800', 'forbidden character'],
  ])('refuses: common name %j', (value, reason) => expect(() => dn(value)).toThrow(code('NAME_INVALID', { reason })));
  it('ok: 64 characters beyond the basic plane count as 64', () => expect(dn('𠮷'.repeat(64))).toBeInstanceOf(Uint8Array));
  it('refuses: a country that is not two printable letters, an empty name', () => {
    expect(() => buildName([{ type: 'countryName', value: 'CHN' }])).toThrow(code('NAME_INVALID'));
    expect(() => buildName([{ type: 'countryName', value: '中国' }])).toThrow(code('NAME_INVALID'));
    expect(() => buildName([])).toThrow(code('NAME_INVALID'));
    expect(() => parseName(derSequence(...Array.from({ length: 33 }, () => derSetOf(derSequence(derOid('2.5.4.3'), derUtf8String('x'))))))).toThrow(code('NAME_INVALID', { reason: 'too many parts' }));
    expect(() => parseName(derSequence(derSetOf()))).toThrow(code('DER_MALFORMED', { reason: 'missing' }));
  });
});

describe('extensions', () => {
  const roundTrip = <T>(codec: ExtensionCodec<T>, value: T) => expect(codec.read(codec.write(value))).toEqual(value);
  it('ok: each comes back as written', () => {
    roundTrip(BASIC_CONSTRAINTS, { ca: true, pathLength: 0 });
    roundTrip(BASIC_CONSTRAINTS, { ca: false, pathLength: null });
    roundTrip(KEY_USAGE, ['digitalSignature', 'nonRepudiation']);
    roundTrip(KEY_USAGE, ['decipherOnly']);
    roundTrip(EXT_KEY_USAGE, [OIDS.clientAuth, OIDS.emailProtection]);
    roundTrip(SUBJECT_KEY_IDENTIFIER, Uint8Array.of(1, 2));
    roundTrip(AUTHORITY_KEY_IDENTIFIER, { keyIdentifier: Uint8Array.of(3) });
    roundTrip(CRL_DISTRIBUTION_POINTS, ['http://ca.example/a.crl', 'http://ca.example/b.crl']);
    roundTrip(AUTHORITY_INFO_ACCESS, { caIssuers: ['http://ca.example/ca.cer'], ocsp: ['http://ca.example/ocsp'] });
    roundTrip(CERTIFICATE_POLICIES, [{ oid: '1.2.3', practiceStatementUri: 'http://ca.example/cps' }, { oid: '1.2.4', practiceStatementUri: null }]);
    roundTrip(CRL_NUMBER, 1n << 100n);
    roundTrip(REASON_CODE, 'keyCompromise');
    roundTrip(UNIFIED_SOCIAL_CREDIT_CODE, '91330000MA27XL0K9Q');
    roundTrip(RESIDENT_ID_NUMBER, '11010519491231002X');
  });
  it('ok: key usage has the bits that everyone knows', () => {
    expect(toHex(KEY_USAGE.write(['digitalSignature', 'nonRepudiation']))).toBe('030206c0');
    expect(toHex(KEY_USAGE.write(['keyEncipherment', 'dataEncipherment']))).toBe('03020430');
    expect(toHex(KEY_USAGE.write(['keyCertSign', 'cRLSign']))).toBe('03020106');
  });
  it.each([
    ['key usage without a bit', KEY_USAGE, '030100'], ['key usage with trailing zeros', KEY_USAGE, '030200c0'], ['key usage with an unknown bit', KEY_USAGE, '0303050020'],
    ['the default of cA written', BASIC_CONSTRAINTS, '3003010100'], ['a path length without cA', BASIC_CONSTRAINTS, '3003020100'], ['a negative CRL number', CRL_NUMBER, '0201ff'],
    ['reason code 7', REASON_CODE, '0a0107'], ['serial without issuer', AUTHORITY_KEY_IDENTIFIER, '3003820101'],
  ])('refuses: %s', (_, codec, hex) => expect(() => codec.read(fromHex(hex))).toThrow(code('CERTIFICATE_MALFORMED')));
});

describe('keys', () => {
  it('ok: RSA numbers, identifiers and rebuilding', () => {
    const info = parsePublicKeyInfo(rootKey.spki);
    expect(info).toMatchObject({ kind: 'rsa', modulusBits: 2048, publicExponent: 65_537n });
    const jwk = rootKey.privateKey.export({ format: 'jwk' });
    expect(buildRsaPublicKeyInfo(Buffer.from(String(jwk.n), 'base64url'), Buffer.from(String(jwk.e), 'base64url'))).toEqual(rootKey.spki);
    const pkcs8 = new Uint8Array(rootKey.privateKey.export({ type: 'pkcs8', format: 'der' }));
    expect(publicKeyOfRsaPrivateKey(pkcs8)).toEqual(rootKey.spki);
    expect(parsePrivateKeyInfo(pkcs8).algorithm.oid).toBe(OIDS.rsaEncryption);
  });
  it('ok: curves by name, SM2 as its own kind', () => {
    const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' });
    expect(parsePublicKeyInfo(new Uint8Array(p256))).toMatchObject({ kind: 'ec', curve: 'p-256' });
    const point = new Uint8Array(65).fill(4);
    expect(parsePublicKeyInfo(buildEcPublicKeyInfo('sm2', point))).toMatchObject({ kind: 'sm2', curve: 'sm2', point });
  });
  it('ok: the SM2 signature identifier has no parameters, the RSA one has NULL', () => {
    expect(toHex(writeSignAlgorithm('sm2-sm3'))).toBe('300a06082a811ccf55018375');
    expect(toHex(writeSignAlgorithm('rsa-sha256'))).toBe('300d06092a864886f70d01010b0500');
    expect(() => signAlgorithmOf({ oid: OIDS.sm2SignWithSm3, parametersDer: derNull(), der: derSequence(derOid(OIDS.sm2SignWithSm3), derNull()) })).toThrow(code('ALGORITHM_UNSUPPORTED'));
  });
  it('refuses: compressed points, RSA without NULL, unknown algorithms', () => {
    const spki = (oid: string, parameters: Uint8Array[], bits: Uint8Array) => derSequence(derSequence(derOid(oid), ...parameters), Uint8Array.of(3, bits.length + 1, 0, ...bits));
    expect(() => parsePublicKeyInfo(spki(OIDS.ecPublicKey, [derOid(OIDS.curveSm2)], new Uint8Array(33).fill(2)))).toThrow(code('KEY_INVALID'));
    expect(() => parsePublicKeyInfo(spki(OIDS.rsaEncryption, [], derSequence(derInteger(5), derInteger(3))))).toThrow(code('KEY_INVALID'));
    expect(() => parsePublicKeyInfo(spki(OIDS.rsaEncryption, [derNull()], derSequence(derInteger(-5), derInteger(3))))).toThrow(code('KEY_INVALID'));
    expect(() => parsePublicKeyInfo(spki('1.2.3', [], Uint8Array.of(1)))).toThrow(code('ALGORITHM_UNSUPPORTED'));
    expect(() => parsePublicKeyInfo(spki(OIDS.ecPublicKey, [derOid('1.2.3')], Uint8Array.of(4)))).toThrow(code('ALGORITHM_UNSUPPORTED'));
  });
});

describe('certificates', () => {
  it('ok: what is built is read again', async () => {
    const parts = [...leafParts, ...keyIds(leafKey, issuingKey)];
    const der = await signCertificate(content({ subjectDer: leafName, publicKeySpkiDer: leafKey.spki, extensions: parts, notAfter: new Date('2051-01-01T00:00:00Z'), serialHex: 'ff00000000000000000001' }), rootKey.sign);
    const certificate = parseCertificate(der);
    expect(certificate).toMatchObject({ version: 3, serialHex: 'ff00000000000000000001', publicKeySpkiDer: leafKey.spki, extensions: parts, notBefore: { form: 'utc' }, notAfter: { form: 'generalized', date: new Date('2051-01-01T00:00:00Z') } });
    expect(nameText(certificate.subject)).toBe('CN=投标人,C=CN');
    expect(findExtension(certificate.extensions, CRL_NUMBER)).toBeNull();
  });
  it('refuses: serial zero, negative, too long; an extension twice; no extension in the list', async () => {
    const build = (changes: Partial<CertificateContent>) => signCertificate(content({ extensions: leafParts, ...changes }), rootKey.sign);
    for (const serialHex of ['00', '01'.repeat(21)]) await expect(build({ serialHex }).then(parseCertificate)).rejects.toMatchObject({ details: { reason: 'serial number out of range' } });
    await expect(build({ extensions: [...leafParts, ...leafParts] }).then(parseCertificate)).rejects.toMatchObject({ details: { reason: 'extension stands twice' } });
    await expect(build({ extensions: [] }).then(parseCertificate)).rejects.toMatchObject({ code: 'DER_MALFORMED' });
  });
  it('refuses: the default of critical written, trailing octets', async () => {
    const der = await signCertificate(content({ extensions: leafParts }), rootKey.sign);
    expect(() => parseCertificate(Uint8Array.of(...der, 0))).toThrow(code('DER_MALFORMED', { reason: 'trailing octets' }));
    const list = derSequence(derSequence(derOid('1.2.3'), derBoolean(false), derOctetString(derNull())));
    expect(() => readExtensions(DerReader.open(list))).toThrow(code('CERTIFICATE_MALFORMED', { reason: 'default value is written' }));
  });
  it('ok: damaged certificates get an answer or an AppError, nothing else', async () => {
    const der = await signCertificate(content({ extensions: [...leafParts, ...keyIds(leafKey, rootKey)] }), rootKey.sign);
    fc.assert(fc.property(fc.nat(der.length - 1), fc.integer({ min: 0, max: 255 }), (at, value) => {
      const damaged = der.slice();
      damaged[at] = value;
      try {
        parseCertificate(damaged);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(AppError);
      }
    }), { numRuns: 3000 });
  });
});

describe('requests', () => {
  it('ok: round trip, with wishes and without', async () => {
    const plain = parseCertificationRequest(await signCertificationRequest({ subjectDer: leafName, publicKeySpkiDer: leafKey.spki, signAlgorithm: 'rsa-sha256' }, leafKey.sign));
    expect(plain).toMatchObject({ publicKeySpkiDer: leafKey.spki, attributeOids: [], requestedExtensions: [] });
    const wishing = parseCertificationRequest(await signCertificationRequest({ subjectDer: leafName, publicKeySpkiDer: leafKey.spki, signAlgorithm: 'rsa-sha256', requestedExtensions: leafParts }, leafKey.sign));
    expect(wishing).toMatchObject({ attributeOids: [OIDS.extensionRequest], requestedExtensions: leafParts });
  });
  it('refuses: missing attributes, an attribute twice, without value, out of order, too large', () => {
    const request = (...tail: Uint8Array[]) => derSequence(derSequence(derInteger(0), leafName, leafKey.spki, ...tail), writeSignAlgorithm('rsa-sha256'), Uint8Array.of(3, 2, 0, 1));
    const attribute = (oid: string, ...values: Uint8Array[]) => derSequence(derOid(oid), derSetOf(...values));
    const text = derPrintableString('x');
    expect(() => parseCertificationRequest(request())).toThrow(code('CERTIFICATE_MALFORMED', { reason: 'attributes are missing' }));
    expect(() => parseCertificationRequest(request(derContext(0, attribute('1.2.3', text), attribute('1.2.3', text))))).toThrow(code('CERTIFICATE_MALFORMED', { reason: 'attribute stands twice' }));
    expect(() => parseCertificationRequest(request(derContext(0, attribute('1.2.3'))))).toThrow(code('CERTIFICATE_MALFORMED', { reason: 'attribute without value' }));
    expect(() => parseCertificationRequest(request(derContext(0, attribute('1.2.4', text), attribute('1.2.3', text))))).toThrow(code('CERTIFICATE_MALFORMED', { reason: 'attributes are not in order' }));
    expect(() => parseCertificationRequest(request(derContext(0, attribute('1.2.3', derOctetString(new Uint8Array(13_000))))))).toThrow(code('DER_MALFORMED', { reason: 'too large' }));
  });
});

describe('PEM', () => {
  it('ok: round trip, with explanations around', () => {
    const der = new Uint8Array(100).fill(7);
    const text = `subject: x\n${toPem('CERTIFICATE', der)}\n${toPem('X509 CRL', der)}`;
    expect(fromPem(text)).toEqual([{ label: 'CERTIFICATE', der }, { label: 'X509 CRL', der }]);
    expect(onlyFromPem('CERTIFICATE', text.replaceAll('\n', '\r\n'))).toEqual(der);
    expect(toPem('CERTIFICATE', der).split('\n')[1]).toHaveLength(64);
  });
  it('refuses: damaged, differing labels, none, two', () => {
    const pem = toPem('CERTIFICATE', Uint8Array.of(1, 2, 3));
    for (const damaged of [pem.replace('AQID', 'AQ!D'), pem.replace('AQID', 'AQI'), pem.replace('END CERTIFICATE', 'END X509 CRL'), pem.replace('-----END', 'END')]) expect(() => fromPem(damaged)).toThrow(code('CERTIFICATE_MALFORMED'));
    expect(() => onlyFromPem('CERTIFICATE', '')).toThrow(code('CERTIFICATE_MALFORMED', { reason: 'no PEM block' }));
    expect(() => onlyFromPem('CERTIFICATE', pem + pem)).toThrow(code('CERTIFICATE_MALFORMED', { reason: 'more than one PEM block' }));
  });
});

describe('path validation', () => {
  let root: Uint8Array, issuing: Uint8Array, leaf: Uint8Array, rootCrl: Uint8Array, issuingCrl: Uint8Array;
  const crl = (issuer: Uint8Array, key: TestKey, entries: { serialHex: string }[] = [], nextUpdate = new Date('2026-07-01T00:00:00Z')) =>
    signCertificateRevocationList({ signAlgorithm: 'rsa-sha256', issuerDer: issuer, thisUpdate: new Date('2026-05-01T00:00:00Z'), nextUpdate, entries: entries.map((one) => ({ ...one, revokedAt: new Date('2026-05-01T00:00:00Z'), reason: 'keyCompromise' as const })), extensions: [makeExtension(CRL_NUMBER, 1n, { critical: false })] }, key.sign);
  const issuingContent = () => content({ serialHex: '02', subjectDer: issuingName, publicKeySpkiDer: issuingKey.spki, extensions: [...caParts(0), ...keyIds(issuingKey, rootKey)] });
  const leafContent = () => content({ serialHex: '03', issuerDer: issuingName, subjectDer: leafName, publicKeySpkiDer: leafKey.spki, extensions: [...leafParts, ...keyIds(leafKey, issuingKey)] });
  const ask = (changes: Partial<PathQuestion> = {}) => validatePath({ leafDer: leaf, intermediatesDer: [issuing], trustAnchorsDer: [root], at: now, keyUsage: ['digitalSignature'], revocation: { kind: 'crls', crlsDer: [rootCrl, issuingCrl] }, ...changes }, crypto);

  beforeAll(async () => {
    root = await signCertificate(content({ serialHex: '01', extensions: [...caParts(1), ...keyIds(rootKey, rootKey)] }), rootKey.sign);
    issuing = await signCertificate(issuingContent(), rootKey.sign);
    leaf = await signCertificate(leafContent(), issuingKey.sign);
    rootCrl = await crl(rootName, rootKey);
    issuingCrl = await crl(issuingName, issuingKey);
  });

  it('ok: a good chain, with CRLs and without, whatever else is offered', async () => {
    expect(await ask({ intermediatesDer: [root, leaf, issuing] })).toMatchObject({ valid: true, revocation: 'checked', chain: { length: 3 } });
    expect(await ask({ revocation: { kind: 'not-checked' } })).toMatchObject({ valid: true, revocation: 'not-checked' });
  });
  it('ok: a CRL comes back as written', async () => {
    const list = parseCertificateRevocationList(await crl(issuingName, issuingKey, [{ serialHex: '03' }, { serialHex: 'ff01' }]));
    expect(list.entries.map((entry) => [entry.serialHex, entry.reason])).toEqual([['03', 'keyCompromise'], ['ff01', 'keyCompromise']]);
    expect(findExtension(list.extensions, CRL_NUMBER)?.value).toBe(1n);
  });
  it('refuses: by time, trust, usage', async () => {
    expect(await ask({ at: new Date('2025-12-31T00:00:00Z') })).toEqual({ valid: false, reason: 'CERT_NOT_YET_VALID', serialHex: '03' });
    expect(await ask({ at: new Date('2027-01-02T00:00:00Z') })).toMatchObject({ reason: 'CERT_EXPIRED' });
    expect(await ask({ intermediatesDer: [] })).toMatchObject({ reason: 'ISSUER_NOT_FOUND' });
    expect(await ask({ trustAnchorsDer: [] })).toMatchObject({ reason: 'ISSUER_NOT_FOUND' });
    expect(await ask({ keyUsage: ['keyEncipherment'] })).toMatchObject({ reason: 'KEY_USAGE' });
    expect(await ask({ leafDer: Uint8Array.of(1) })).toEqual({ valid: false, reason: 'CERT_MALFORMED', serialHex: null });
  });
  it('refuses: a leaf signed by another key, or damaged', async () => {
    expect(await ask({ leafDer: await signCertificate(leafContent(), leafKey.sign) })).toMatchObject({ valid: false, reason: 'SIGNATURE_INVALID', serialHex: '03' });
    const damaged = leaf.slice();
    damaged[damaged.length - 1] = (damaged[damaged.length - 1] ?? 0) ^ 1;
    expect(await ask({ leafDer: damaged })).toMatchObject({ reason: 'SIGNATURE_INVALID' });
  });
  it('refuses: an issuer that is no CA, may not sign, or stands too deep', async () => {
    const replaceIssuing = async (extensions: Extension[]) => ask({ intermediatesDer: [await signCertificate({ ...issuingContent(), extensions: [...extensions, ...keyIds(issuingKey, rootKey)] }, rootKey.sign)] });
    expect(await replaceIssuing(leafParts)).toMatchObject({ reason: 'ISSUER_NOT_CA', serialHex: '02' });
    expect(await replaceIssuing([makeExtension(BASIC_CONSTRAINTS, { ca: true, pathLength: 0 }, { critical: true }), makeExtension(KEY_USAGE, ['cRLSign'], { critical: true })])).toMatchObject({ reason: 'ISSUER_MAY_NOT_SIGN' });
    const subName = dn('下级');
    const sub = await signCertificate(content({ serialHex: '04', issuerDer: issuingName, subjectDer: subName, publicKeySpkiDer: leafKey.spki, extensions: [...caParts(null), ...keyIds(leafKey, issuingKey)] }), issuingKey.sign);
    const deep = await signCertificate(content({ serialHex: '05', issuerDer: subName, subjectDer: leafName, publicKeySpkiDer: leafKey.spki, extensions: [...leafParts, ...keyIds(leafKey, leafKey)] }), leafKey.sign);
    expect(await ask({ leafDer: deep, intermediatesDer: [sub, issuing] })).toMatchObject({ reason: 'PATH_LENGTH_EXCEEDED', serialHex: '02' });
  });
  it('refuses: an unknown critical extension', async () => {
    const extensions = [...leafContent().extensions, { oid: '1.2.3.4', critical: true, valueDer: derNull() }];
    expect(await ask({ leafDer: await signCertificate({ ...leafContent(), extensions }, issuingKey.sign) })).toMatchObject({ reason: 'UNKNOWN_CRITICAL_EXTENSION' });
  });
  it('refuses: revoked, and lists that are missing, stale or forged', async () => {
    const withCrls = (...crlsDer: Uint8Array[]) => ask({ revocation: { kind: 'crls', crlsDer } });
    expect(await withCrls(rootCrl, await crl(issuingName, issuingKey, [{ serialHex: '03' }]))).toEqual({ valid: false, reason: 'CERT_REVOKED', serialHex: '03', revokedAt: new Date('2026-05-01T00:00:00Z') });
    expect(await withCrls(await crl(rootName, rootKey, [{ serialHex: '02' }]), issuingCrl)).toMatchObject({ reason: 'CERT_REVOKED', serialHex: '02' });
    expect(await withCrls(rootCrl)).toMatchObject({ reason: 'CRL_MISSING', serialHex: '03' });
    expect(await withCrls(rootCrl, await crl(issuingName, issuingKey, [], new Date('2026-05-31T00:00:00Z')))).toMatchObject({ reason: 'CRL_STALE' });
    expect(await withCrls(rootCrl, await crl(issuingName, leafKey))).toMatchObject({ reason: 'CRL_INVALID' });
    expect(await withCrls(rootCrl, Uint8Array.of(1))).toMatchObject({ reason: 'CRL_INVALID' });
  });
});
