import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { derBitString, derBoolean, derContext, derElement, derEnumerated, derInteger, derNull, derOctetString, derOid, derPrintableString, derSequence, derSetOf, derTime, derUnsignedInteger, derUtf8String } from '#shared/asn1/der-writer.ts';
import { OIDS } from '#shared/asn1/oids.ts';
import { CONSTRUCTED, TAG } from '#shared/asn1/tags.ts';
import { concatBytes } from '#shared/bytes/byte-strings.ts';
import { fromHex } from '#shared/bytes/hex.ts';
import { portableEngine } from '#shared/sm/portable-engine.ts';
import { writeSm2Signature } from '#shared/sm/sm2-der.ts';
import { generateSm2KeyPair, type Sm2KeyPair } from '#shared/sm/sm2-key.ts';
import { sm2Signer } from '#shared/sm/sm-provider.ts';
import { writeSignAlgorithm } from '#shared/x509/algorithm-identifier.ts';
import { buildTbsCertificate, parseCertificate, signCertificate, type Certificate, type CertificateContent } from '#shared/x509/certificate.ts';
import { buildTbsCertList, parseCertificateRevocationList, signCertificateRevocationList, type CrlContent } from '#shared/x509/certificate-revocation-list.ts';
import { findExtension, makeExtension, type Extension } from '#shared/x509/extension.ts';
import { AUTHORITY_INFO_ACCESS } from '#shared/x509/extensions/authority-info-access.ts';
import { AUTHORITY_KEY_IDENTIFIER } from '#shared/x509/extensions/authority-key-identifier.ts';
import { BASIC_CONSTRAINTS } from '#shared/x509/extensions/basic-constraints.ts';
import { CERTIFICATE_POLICIES } from '#shared/x509/extensions/certificate-policies.ts';
import { CRL_DISTRIBUTION_POINTS } from '#shared/x509/extensions/crl-distribution-points.ts';
import { CRL_NUMBER } from '#shared/x509/extensions/crl-number.ts';
import { EXT_KEY_USAGE } from '#shared/x509/extensions/ext-key-usage.ts';
import { KEY_USAGE, type KeyUsageName } from '#shared/x509/extensions/key-usage.ts';
import { RESIDENT_ID_NUMBER, UNIFIED_SOCIAL_CREDIT_CODE } from '#shared/x509/extensions/subject-identity.ts';
import { SUBJECT_KEY_IDENTIFIER } from '#shared/x509/extensions/subject-key-identifier.ts';
import { buildName } from '#shared/x509/name.ts';
import { buildEcPublicKeyInfo, keyIdentifierOf } from '#shared/x509/public-key-info.ts';
import { assembleSigned } from '#shared/x509/signed-structure.ts';
import { CERTIFICATE_PROFILES } from '../authority/certificate-profile.ts';
import { profileExtensions } from '../authority/profile-extensions.ts';
import type { CertificateLintContext } from './certificate-context.ts';
import { CERTIFICATE_RULES } from './certificate-rules.ts';
import type { CrlLintContext } from './crl-context.ts';
import { CRL_RULES } from './crl-rules.ts';
import { runRules } from './lint-rule.ts';

interface TestKey { readonly privateKey: KeyObject; readonly spki: Uint8Array }
const newKey = (modulusLength = 2048): TestKey => {
  const pair = generateKeyPairSync('rsa', { modulusLength });
  return { privateKey: pair.privateKey, spki: new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' })) };
};
const issuerKey = newKey();
const leafKey = newKey();
const siblingKey = newKey();
const signer = async (message: Uint8Array) => new Uint8Array(sign('sha256', message, issuerKey.privateKey));
const now = new Date('2026-06-01T00:00:00Z');
const end = new Date('2027-06-01T00:00:00Z');
const addresses = { crl: 'http://ca.example/ca.crl', issuerCertificate: 'http://ca.example/ca.cer', practiceStatement: null };
const dn = (...parts: Parameters<typeof buildName>[0]) => buildName(parts);
const issuerName = dn({ type: 'countryName', value: 'CN' }, { type: 'commonName', value: '签发' });
const leafName = dn({ type: 'countryName', value: 'CN' }, { type: 'organizationName', value: '公司' }, { type: 'commonName', value: '公司' });
const identity = [makeExtension(UNIFIED_SOCIAL_CREDIT_CODE, '91350100M000100Y43', { critical: false })];
const profile = CERTIFICATE_PROFILES['subscriber-sign'];

const extensionsOf = (key: TestKey, encrypt = false) => profileExtensions(encrypt ? CERTIFICATE_PROFILES['subscriber-encrypt'] : profile, { publicKeySpkiDer: key.spki, issuerPublicKeySpkiDer: issuerKey.spki, addresses, identity });
const content = (changes: Partial<CertificateContent> = {}): CertificateContent => ({ serialHex: '40'.repeat(16), signAlgorithm: 'rsa-sha256', issuerDer: issuerName, notBefore: now, notAfter: end, subjectDer: leafName, publicKeySpkiDer: leafKey.spki, extensions: extensionsOf(leafKey), ...changes });
/** The good extensions with one replaced, or (with null) left out. */
const withExtension = (oid: string, replacement: Extension | null): Partial<CertificateContent> => {
  const rest = extensionsOf(leafKey).filter((one) => one.oid !== oid);
  return { extensions: replacement ? [...rest, replacement] : rest };
};
const plain = { critical: false };
const critical = { critical: true };

let issuer: Certificate, sibling: Certificate;
beforeAll(async () => {
  const ca = CERTIFICATE_PROFILES['issuing-ca'];
  const extensions = profileExtensions(ca, { publicKeySpkiDer: issuerKey.spki, issuerPublicKeySpkiDer: issuerKey.spki, addresses, identity: [] });
  issuer = parseCertificate(await signCertificate(content({ issuerDer: issuerName, subjectDer: issuerName, publicKeySpkiDer: issuerKey.spki, notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2036-01-01T00:00:00Z'), extensions }), signer));
  sibling = parseCertificate(await signCertificate(content({ serialHex: '41'.repeat(16), publicKeySpkiDer: siblingKey.spki, extensions: extensionsOf(siblingKey, true) }), signer));
});
const context = async (changes: Partial<CertificateContent>): Promise<CertificateLintContext> => ({ certificate: parseCertificate(await signCertificate(content(changes), signer)), profile, issuer, sibling });
const contextOf = async (der: Uint8Array | Promise<Uint8Array>): Promise<CertificateLintContext> => ({ certificate: parseCertificate(await der), profile, issuer, sibling });
const breaks = (found: CertificateLintContext) => runRules(CERTIFICATE_RULES, found, now).map((finding) => finding.ruleId);

/** A certificate of version 3 put together by hand, where the builder would not write the mistake. */
async function handMade(parts: { version?: Uint8Array[]; serial?: Uint8Array; notBefore?: Uint8Array; algorithm?: Uint8Array; extensions?: Uint8Array[] }): Promise<Uint8Array> {
  const good = content();
  const tbs = derSequence(
    ...(parts.version ?? [derContext(0, derInteger(2))]), parts.serial ?? derUnsignedInteger(fromHex(good.serialHex)), parts.algorithm ?? writeSignAlgorithm('rsa-sha256'), good.issuerDer,
    derSequence(parts.notBefore ?? derTime(now), derTime(end)), good.subjectDer, good.publicKeySpkiDer,
    ...(parts.extensions ?? [derContext(3, derSequence(...good.extensions.map((one) => derSequence(derOid(one.oid), ...(one.critical ? [derBoolean(true)] : []), derOctetString(one.valueDer)))))]),
  );
  return assembleSigned(tbs, 'rsa-sha256', await signer(tbs));
}
const generalized = (text: string) => derElement(TAG.GENERALIZED_TIME, Buffer.from(text));
const rawName = (...attributes: [string, Uint8Array][]) => derSequence(...attributes.map(([oid, value]) => derSetOf(derSequence(derOid(oid), value))));
const C = [OIDS.countryName, derPrintableString('CN')] as [string, Uint8Array];
const CN = [OIDS.commonName, derUtf8String('公司')] as [string, Uint8Array];

// The same once more in SM2.
const newSm2Key = () => generateSm2KeyPair((length) => randomBytes(length));
const sm2IssuerKey = newSm2Key();
const sm2LeafKey = newSm2Key();
const sm2SiblingKey = newSm2Key();
const sm2Spki = (key: Sm2KeyPair) => buildEcPublicKeyInfo('sm2', key.publicKey);
const sm2Sign = sm2Signer(portableEngine, sm2IssuerKey.privateKey, (length) => randomBytes(length));
const sm2Extensions = (spki: Uint8Array, profileId: 'subscriber-sign' | 'subscriber-encrypt' | 'issuing-ca' = 'subscriber-sign') => profileExtensions(CERTIFICATE_PROFILES[profileId], { publicKeySpkiDer: spki, issuerPublicKeySpkiDer: sm2Spki(sm2IssuerKey), addresses, identity });
const sm2Content = (changes: Partial<CertificateContent> = {}): CertificateContent => {
  const publicKeySpkiDer = changes.publicKeySpkiDer ?? sm2Spki(sm2LeafKey);
  return { ...content(), signAlgorithm: 'sm2-sm3', publicKeySpkiDer, extensions: changes.extensions ?? sm2Extensions(publicKeySpkiDer), ...changes };
};
let sm2Issuer: Certificate, sm2Sibling: Certificate;
beforeAll(async () => {
  const spki = sm2Spki(sm2IssuerKey);
  sm2Issuer = parseCertificate(await signCertificate(sm2Content({ subjectDer: issuerName, publicKeySpkiDer: spki, notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2036-01-01T00:00:00Z'), extensions: sm2Extensions(spki, 'issuing-ca') }), sm2Sign));
  sm2Sibling = parseCertificate(await signCertificate(sm2Content({ serialHex: '41'.repeat(16), publicKeySpkiDer: sm2Spki(sm2SiblingKey), extensions: sm2Extensions(sm2Spki(sm2SiblingKey), 'subscriber-encrypt') }), sm2Sign));
});
const sm2ContextOf = (der: Uint8Array): CertificateLintContext => ({ certificate: parseCertificate(der), profile, issuer: sm2Issuer, sibling: sm2Sibling });
const sm2Context = async (changes: Partial<CertificateContent> = {}) => sm2ContextOf(await signCertificate(sm2Content(changes), sm2Sign));
/** The good encryption certificate with another key usage. */
const sm2EncryptContext = async (...usages: KeyUsageName[]): Promise<CertificateLintContext> => {
  const extensions = sm2Extensions(sm2Spki(sm2LeafKey), 'subscriber-encrypt').map((one) => (one.oid === OIDS.keyUsage ? makeExtension(KEY_USAGE, usages, critical) : one));
  return { ...(await sm2Context({ extensions })), profile: CERTIFICATE_PROFILES['subscriber-encrypt'], sibling: null };
};
const sm2Outside = async (algorithm: Uint8Array, signature?: Uint8Array) => {
  const tbs = buildTbsCertificate(sm2Content());
  return sm2ContextOf(derSequence(tbs, algorithm, derBitString(signature ?? (await sm2Sign(tbs)))));
};
const sm2Inside = async (algorithm: Uint8Array) => {
  const good = buildTbsCertificate(sm2Content());
  const at = Buffer.from(good).indexOf(Buffer.from(writeSignAlgorithm('sm2-sm3')));
  const rest = good.subarray(good.length - contentLength(good));
  const head = at - (good.length - contentLength(good));
  const tbs = derElement(TAG.SEQUENCE | CONSTRUCTED, concatBytes(rest.subarray(0, head), algorithm, rest.subarray(head + writeSignAlgorithm('sm2-sm3').length)));
  return sm2ContextOf(derSequence(tbs, writeSignAlgorithm('sm2-sm3'), derBitString(await sm2Sign(tbs))));
};
/** Length of the content of a SEQUENCE with a length of two octets. */
const contentLength = (der: Uint8Array) => ((der[2] ?? 0) << 8) | (der[3] ?? 0);
const SM2_WITH_NULL = derSequence(derOid(OIDS.sm2SignWithSm3), derNull());
const sm2Point = (change: (point: Uint8Array) => Uint8Array) => derSequence(derSequence(derOid(OIDS.ecPublicKey), derOid(OIDS.curveSm2)), derBitString(change(sm2LeafKey.publicKey)));
const SM2_N = fromHex('fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123');

/** One failing sample per rule and mistake: rule id, what is wrong, how it is made. */
const FAILING: readonly (readonly [string, string, () => Promise<CertificateLintContext>])[] = [
  ['serial-number', 'too short', () => context({ serialHex: '40'.repeat(7) })],
  ['version', 'version 2 (no extensions)', () => contextOf(handMade({ version: [derContext(0, derInteger(1))], extensions: [] }))],
  ['signature-algorithm-same', 'SHA-384 inside, SHA-256 outside', () => contextOf(assembleSigned(buildTbsCertificate(content({ signAlgorithm: 'rsa-sha384' })), 'rsa-sha256', new Uint8Array(256)))],
  ['signature-algorithm-of-issuer', 'SHA-1', () => contextOf(handMade({ algorithm: derSequence(derOid(OIDS.sha1WithRsa), derNull()) }))],
  ['signature-algorithm-of-issuer', 'SM2 by an RSA issuer', () => contextOf(handMade({ algorithm: writeSignAlgorithm('sm2-sm3') }))],
  ['signature-algorithm-of-issuer', 'parameters absent where NULL belongs', () => contextOf(handMade({ algorithm: derSequence(derOid(OIDS.sha256WithRsa)) }))],
  ['issuer-name', 'another issuer', () => context({ issuerDer: leafName })],
  ['validity-order', 'ends before it begins', () => context({ notAfter: new Date('2026-05-01T00:00:00Z') })],
  ['validity-inside-issuer', 'begins before the issuer', () => context({ notBefore: new Date('2025-12-01T00:00:00Z') })],
  ['validity-form', 'GeneralizedTime in 2026', () => contextOf(handMade({ notBefore: generalized('20260601000000Z') }))],
  ['validity-period', 'a second more than five years', () => context({ notAfter: new Date('2031-06-01T00:00:01Z') })],
  ['subject-country', 'no country', () => context({ subjectDer: dn({ type: 'commonName', value: '公司' }) })],
  ['subject-country', 'country in UTF8String', () => context({ subjectDer: rawName([OIDS.countryName, derUtf8String('CN')], CN) })],
  ['subject-country', 'country last', () => context({ subjectDer: rawName(CN, C) })],
  ['subject-common-name', 'two common names', () => context({ subjectDer: rawName(C, CN, CN) })],
  ['subject-strings', 'PrintableString for a common name', () => context({ subjectDer: rawName(C, [OIDS.commonName, derPrintableString('Co')]) })],
  ['subject-strings', '65 characters', () => context({ subjectDer: rawName(C, [OIDS.commonName, derUtf8String('公'.repeat(65))]) })],
  ['subject-strings', 'an attribute that no profile has', () => context({ subjectDer: rawName(C, CN, ['1.2.3.4', derUtf8String('x')]) })],
  ['basic-constraints', 'absent', () => context(withExtension(OIDS.basicConstraints, null))],
  ['basic-constraints', 'CA', () => context(withExtension(OIDS.basicConstraints, makeExtension(BASIC_CONSTRAINTS, { ca: true, pathLength: null }, critical)))],
  ['basic-constraints', 'CA, not critical', () => context(withExtension(OIDS.basicConstraints, makeExtension(BASIC_CONSTRAINTS, { ca: true, pathLength: null }, plain)))],
  ['key-usage', 'absent', () => context(withExtension(OIDS.keyUsage, null))],
  ['key-usage', 'not critical', () => context(withExtension(OIDS.keyUsage, makeExtension(KEY_USAGE, ['digitalSignature', 'nonRepudiation'], plain)))],
  ['key-usage', 'more than the profile', () => context(withExtension(OIDS.keyUsage, makeExtension(KEY_USAGE, ['digitalSignature', 'nonRepudiation', 'cRLSign'], critical)))],
  ['key-usages-apart', 'signs and encrypts', () => context(withExtension(OIDS.keyUsage, makeExtension(KEY_USAGE, ['digitalSignature', 'keyEncipherment'], critical)))],
  ['ext-key-usage', 'absent', () => context(withExtension(OIDS.extKeyUsage, null))],
  ['ext-key-usage', 'another purpose', () => context(withExtension(OIDS.extKeyUsage, makeExtension(EXT_KEY_USAGE, [OIDS.timeStamping], plain)))],
  ['subject-key-identifier', 'absent', () => context(withExtension(OIDS.subjectKeyIdentifier, null))],
  ['subject-key-identifier', 'of another key', () => context(withExtension(OIDS.subjectKeyIdentifier, makeExtension(SUBJECT_KEY_IDENTIFIER, keyIdentifierOf(issuerKey.spki), plain)))],
  ['subject-key-identifier', 'critical', () => context(withExtension(OIDS.subjectKeyIdentifier, makeExtension(SUBJECT_KEY_IDENTIFIER, keyIdentifierOf(leafKey.spki), critical)))],
  ['authority-key-identifier', 'absent', () => context(withExtension(OIDS.authorityKeyIdentifier, null))],
  ['authority-key-identifier', 'of another key', () => context(withExtension(OIDS.authorityKeyIdentifier, makeExtension(AUTHORITY_KEY_IDENTIFIER, { keyIdentifier: keyIdentifierOf(leafKey.spki) }, plain)))],
  ['authority-key-identifier', 'without key identifier', () => context(withExtension(OIDS.authorityKeyIdentifier, makeExtension(AUTHORITY_KEY_IDENTIFIER, { keyIdentifier: null }, plain)))],
  ['authority-key-identifier', 'critical', () => context(withExtension(OIDS.authorityKeyIdentifier, makeExtension(AUTHORITY_KEY_IDENTIFIER, { keyIdentifier: keyIdentifierOf(issuerKey.spki) }, critical)))],
  ['crl-distribution-points', 'absent', () => context(withExtension(OIDS.crlDistributionPoints, null))],
  ['crl-distribution-points', 'a file address', () => context(withExtension(OIDS.crlDistributionPoints, makeExtension(CRL_DISTRIBUTION_POINTS, ['file:///etc/passwd'], plain)))],
  ['crl-distribution-points', 'user data in the address', () => context(withExtension(OIDS.crlDistributionPoints, makeExtension(CRL_DISTRIBUTION_POINTS, ['http://u:p@ca.example/'], plain)))],
  ['crl-distribution-points', 'critical', () => context(withExtension(OIDS.crlDistributionPoints, makeExtension(CRL_DISTRIBUTION_POINTS, [addresses.crl], critical)))],
  ['authority-info-access', 'absent', () => context(withExtension(OIDS.authorityInfoAccess, null))],
  ['authority-info-access', 'no address of the issuer', () => context(withExtension(OIDS.authorityInfoAccess, makeExtension(AUTHORITY_INFO_ACCESS, { caIssuers: [], ocsp: ['http://ca.example/ocsp'] }, plain)))],
  ['authority-info-access', 'critical', () => context(withExtension(OIDS.authorityInfoAccess, makeExtension(AUTHORITY_INFO_ACCESS, { caIssuers: [addresses.issuerCertificate], ocsp: [] }, critical)))],
  ['certificate-policies', 'absent', () => context(withExtension(OIDS.certificatePolicies, null))],
  ['certificate-policies', 'any policy', () => context(withExtension(OIDS.certificatePolicies, makeExtension(CERTIFICATE_POLICIES, [{ oid: OIDS.anyPolicy, practiceStatementUri: null }], plain)))],
  ['unified-social-credit-code', 'wrong check digit', () => context(withExtension(OIDS.unifiedSocialCreditCode, makeExtension(UNIFIED_SOCIAL_CREDIT_CODE, '91350100M000100Y44', plain)))],
  ['resident-id-number', 'wrong check digit', () => context({ extensions: [...extensionsOf(leafKey), makeExtension(RESIDENT_ID_NUMBER, '110105194912310021', plain)] })],
  ['known-extensions', 'unknown and critical', () => context({ extensions: [...extensionsOf(leafKey), { oid: '1.2.3.4', critical: true, valueDer: derNull() }] })],
  ['known-extensions', 'unknown', () => context({ extensions: [...extensionsOf(leafKey), { oid: '1.2.3.4', critical: false, valueDer: derNull() }] })],
  ['key-strength', 'RSA with 1024 bits', () => context({ publicKeySpkiDer: newKey(1024).spki })],
  ['key-strength', 'P-256', () => context({ publicKeySpkiDer: buildEcPublicKeyInfo('p-256', new Uint8Array(65).fill(4)) })],
  ['key-of-its-own', 'the issuer’s key', () => context({ publicKeySpkiDer: issuerKey.spki })],
  ['key-of-its-own', 'the key of the other certificate', () => context({ publicKeySpkiDer: siblingKey.spki })],
  ['pair-same-subject', 'another subject', () => context({ subjectDer: issuerName })],
  ['pair-same-subject', 'another identity', () => context(withExtension(OIDS.unifiedSocialCreditCode, null))],
  ['pair-same-subject', 'another validity', () => context({ notAfter: new Date('2027-06-02T00:00:00Z') })],
  ['pair-same-subject', 'the same serial number', () => context({ serialHex: '41'.repeat(16) })],
  ['dual-key-usage', 'a signing certificate without nonRepudiation', () => context(withExtension(OIDS.keyUsage, makeExtension(KEY_USAGE, ['digitalSignature'], critical)))],
  ['dual-key-usage', 'an SM2 encryption certificate that also signs', () => sm2EncryptContext('keyEncipherment', 'dataEncipherment', 'digitalSignature')],
  ['dual-key-usage', 'an SM2 encryption certificate that only agrees on keys', () => sm2EncryptContext('keyAgreement')],
  ['one-key-family', 'an SM2 key by an RSA issuer', () => context({ publicKeySpkiDer: sm2Spki(sm2LeafKey) })],
  ['one-key-family', 'an RSA key by an SM2 issuer', () => sm2Context({ publicKeySpkiDer: leafKey.spki })],
  ['sm2-public-key', 'a point off the curve', () => sm2Context({ publicKeySpkiDer: sm2Point((point) => point.map((byte, index) => (index === 64 ? byte ^ 1 : byte))) })],
  ['sm2-public-key', 'a point of zeros', () => sm2Context({ publicKeySpkiDer: sm2Point(() => Uint8Array.of(4, ...new Uint8Array(64))) })],
  ['sm2-public-key', 'a compressed point', () => sm2Context({ publicKeySpkiDer: sm2Point((point) => Uint8Array.of(2, ...point.subarray(1, 33))), extensions: extensionsOf(leafKey) })],
  ['sm2-public-key', 'P-256', () => sm2Context({ publicKeySpkiDer: buildEcPublicKeyInfo('p-256', sm2LeafKey.publicKey), extensions: extensionsOf(leafKey) })],
  ['sm2-public-key', 'no named curve', () => sm2Context({ publicKeySpkiDer: derSequence(derSequence(derOid(OIDS.ecPublicKey)), derBitString(sm2LeafKey.publicKey)), extensions: extensionsOf(leafKey) })],
  ['sm2-signature-algorithm', 'parameters NULL outside', () => sm2Outside(SM2_WITH_NULL)],
  ['sm2-signature-algorithm', 'parameters NULL inside', () => sm2Inside(SM2_WITH_NULL)],
  ['sm2-signature-algorithm', 'ECDSA outside', () => sm2Outside(derSequence(derOid(OIDS.ecdsaWithSha256)))],
  ['sm2-signature-algorithm', 'the purpose of the key instead of the algorithm', () => sm2Inside(derSequence(derOid(OIDS.sm2Sign)))],
  ['sm2-signature-value', 'r and s without their structure', () => sm2Outside(writeSignAlgorithm('sm2-sm3'), new Uint8Array(64).fill(1))],
  ['sm2-signature-value', 'r zero', () => sm2Outside(writeSignAlgorithm('sm2-sm3'), writeSm2Signature(concatBytes(new Uint8Array(32), new Uint8Array(32).fill(1))))],
  ['sm2-signature-value', 's equal to the order', () => sm2Outside(writeSignAlgorithm('sm2-sm3'), writeSm2Signature(concatBytes(new Uint8Array(32).fill(1), SM2_N)))],
];

describe('certificate rules', () => {
  it('ok: a good pair breaks none', async () => expect(breaks(await context({}))).toEqual([]));
  it('ok: a good issuing CA breaks none by its own profile', async () => {
    expect(runRules(CERTIFICATE_RULES, { certificate: issuer, profile: CERTIFICATE_PROFILES['issuing-ca'], issuer: { ...issuer, publicKeySpkiDer: leafKey.spki }, sibling: null }, now)).toEqual([]);
  });
  it('ok: a good SM2 pair and its issuer break none; its encryption key also agrees on keys', async () => {
    const found = await sm2Context();
    expect(breaks(found)).toEqual([]);
    expect(breaks({ ...found, certificate: sm2Sibling, profile: CERTIFICATE_PROFILES['subscriber-encrypt'], sibling: found.certificate })).toEqual([]);
    expect(findExtension(sm2Sibling.extensions, KEY_USAGE)?.value).toContain('keyAgreement');
  });
  it('ok: what a rule cannot read is a finding of that rule', async () => {
    expect(runRules(CERTIFICATE_RULES, await context(withExtension(OIDS.keyUsage, { oid: OIDS.keyUsage, critical: true, valueDer: derNull() })), now)).toContainEqual(expect.objectContaining({ ruleId: 'key-usage', problem: 'unreadable: DER_MALFORMED' }));
  });
  it.each(FAILING)('refuses: %s: %s', async (ruleId, _, make) => expect(breaks(await make())).toContain(ruleId));
  it('ok: every rule has a failing sample, its own id, a clause and a date', () => {
    const ids = CERTIFICATE_RULES.map((rule) => rule.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !FAILING.some(([ruleId]) => ruleId === id))).toEqual([]);
    for (const rule of [...CERTIFICATE_RULES, ...CRL_RULES]) expect([rule.clause.length > 5, Number.isNaN(Date.parse(rule.effectiveDate))]).toEqual([true, false]);
  });
  it('ok: a rule does not judge what was issued before it', () => {
    const rule = { id: 'x', clause: 'y', effectiveDate: '2026-06-01', applies: () => true, check: () => 'wrong' };
    expect(runRules([rule], null, new Date('2026-05-31T23:59:59Z'))).toEqual([]);
    expect(runRules([rule], null, new Date('2026-06-01T00:00:00Z'))).toHaveLength(1);
  });
});

const day = 86_400_000;
const crlExtensions = () => [makeExtension(AUTHORITY_KEY_IDENTIFIER, { keyIdentifier: keyIdentifierOf(issuerKey.spki) }, plain), makeExtension(CRL_NUMBER, 5n, plain)];
const entry = { serialHex: '40'.repeat(16), revokedAt: now, reason: 'keyCompromise' as const };
const crlContent = (changes: Partial<CrlContent> = {}): CrlContent => ({ signAlgorithm: 'rsa-sha256', issuerDer: issuerName, thisUpdate: now, nextUpdate: new Date(now.getTime() + 7 * day), entries: [entry], extensions: crlExtensions(), ...changes });
const crlContext = async (changes: Partial<CrlContent> = {}): Promise<CrlLintContext> => ({ crl: parseCertificateRevocationList(await signCertificateRevocationList(crlContent(changes), signer)), issuer });
const handMadeCrl = async (...times: Uint8Array[]): Promise<CrlLintContext> => {
  const tbs = derSequence(derInteger(1), writeSignAlgorithm('rsa-sha256'), issuerName, ...times, derContext(0, derSequence(...crlExtensions().map((one) => derSequence(derOid(one.oid), derOctetString(one.valueDer))))));
  return { crl: parseCertificateRevocationList(assembleSigned(tbs, 'rsa-sha256', await signer(tbs))), issuer };
};

const sm2Crl = async (algorithm: Uint8Array, signature?: Uint8Array): Promise<CrlLintContext> => {
  const tbs = buildTbsCertList(crlContent({ signAlgorithm: 'sm2-sm3' }));
  return { crl: parseCertificateRevocationList(derSequence(tbs, algorithm, derBitString(signature ?? (await sm2Sign(tbs))))), issuer: sm2Issuer };
};

const FAILING_CRLS: readonly (readonly [string, string, () => Promise<CrlLintContext>])[] = [
  ['crl-issuer', 'another issuer', () => crlContext({ issuerDer: leafName })],
  ['crl-issuer', 'no key identifier', () => crlContext({ extensions: [makeExtension(CRL_NUMBER, 5n, plain)] })],
  ['crl-issuer', 'an issuer that may not sign lists', async () => ({ ...(await crlContext()), issuer: { ...issuer, extensions: issuer.extensions.filter((one) => one.oid !== OIDS.keyUsage) } })],
  ['crl-signature-algorithm', 'SHA-384 inside, SHA-256 outside', async () => ({ crl: parseCertificateRevocationList(assembleSigned(buildTbsCertList(crlContent({ signAlgorithm: 'rsa-sha384' })), 'rsa-sha256', new Uint8Array(256))), issuer })],
  ['crl-number', 'absent', () => crlContext({ extensions: crlExtensions().slice(0, 1) })],
  ['crl-number', 'critical', () => crlContext({ extensions: [...crlExtensions().slice(0, 1), makeExtension(CRL_NUMBER, 5n, critical)] })],
  ['crl-times', 'no next update', () => handMadeCrl(derTime(now))],
  ['crl-times', 'GeneralizedTime in 2026', () => handMadeCrl(generalized('20260601000000Z'), derTime(end))],
  ['crl-times', 'next update before this one', () => crlContext({ nextUpdate: new Date(now.getTime() - day) })],
  ['crl-times', 'two years', () => crlContext({ nextUpdate: new Date(now.getTime() + 730 * day) })],
  ['crl-times', 'issuer expired', () => crlContext({ thisUpdate: new Date('2041-01-01T00:00:00Z'), nextUpdate: new Date('2041-01-02T00:00:00Z') })],
  ['crl-entries', 'a serial number twice', () => crlContext({ entries: [entry, entry] })],
  ['crl-entries', 'revoked in the future', () => crlContext({ entries: [{ ...entry, revokedAt: new Date(now.getTime() + day) }] })],
  ['crl-entries', 'removeFromCRL', () => crlContext({ entries: [{ ...entry, reason: 'removeFromCRL' }] })],
  ['crl-signature-algorithm-of-issuer', 'SM2 by an RSA issuer', async () => ({ ...(await sm2Crl(writeSignAlgorithm('sm2-sm3'))), issuer })],
  ['crl-signature-algorithm-of-issuer', 'RSA by an SM2 issuer', async () => ({ ...(await crlContext()), issuer: sm2Issuer })],
  ['crl-sm2-signature', 'parameters NULL', () => sm2Crl(SM2_WITH_NULL)],
  ['crl-sm2-signature', 'r and s without their structure', () => sm2Crl(writeSignAlgorithm('sm2-sm3'), new Uint8Array(64).fill(1))],
  ['crl-extensions', 'unknown', () => crlContext({ extensions: [...crlExtensions(), { oid: '1.2.3.4', critical: false, valueDer: derEnumerated(1) }] })],
];

describe('revocation list rules', () => {
  it('ok: a good list breaks none, nor does an empty one', async () => {
    expect(runRules(CRL_RULES, await crlContext(), now)).toEqual([]);
    expect(runRules(CRL_RULES, await crlContext({ entries: [] }), now)).toEqual([]);
    const extensions = [makeExtension(AUTHORITY_KEY_IDENTIFIER, { keyIdentifier: keyIdentifierOf(sm2Spki(sm2IssuerKey)) }, plain), makeExtension(CRL_NUMBER, 5n, plain)];
    const national = await signCertificateRevocationList(crlContent({ signAlgorithm: 'sm2-sm3', extensions }), sm2Sign);
    expect(runRules(CRL_RULES, { crl: parseCertificateRevocationList(national), issuer: sm2Issuer }, now)).toEqual([]);
  });
  it.each(FAILING_CRLS)('refuses: %s: %s', async (ruleId, _, make) => {
    const found = await make();
    expect(runRules(CRL_RULES, found, found.crl.thisUpdate.date).map((finding) => finding.ruleId)).toContain(ruleId);
  });
  it('ok: every rule has a failing sample', () => expect(CRL_RULES.map((rule) => rule.id).filter((id) => !FAILING_CRLS.some(([ruleId]) => ruleId === id))).toEqual([]));
});
