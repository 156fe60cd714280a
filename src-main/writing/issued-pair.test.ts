/** The check of an issued pair, with real certificates: one wrong thing each, as a faulty or hostile CA could send it. */
import { generateKeyPairSync, sign as nodeSign, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Issuance } from '#shared/contract/rest/issuances.ts';
import { toBase64 } from '#shared/bytes/base64.ts';
import { createCryptoPort } from '#shared/crypto/crypto-port.ts';
import { webCryptoProvider } from '#shared/crypto/webcrypto-provider.ts';
import { signCertificate } from '#shared/x509/certificate.ts';
import { makeExtension } from '#shared/x509/extension.ts';
import { BASIC_CONSTRAINTS } from '#shared/x509/extensions/basic-constraints.ts';
import { KEY_USAGE, type KeyUsageName } from '#shared/x509/extensions/key-usage.ts';
import { buildName } from '#shared/x509/name.ts';
import { createCertificateTools } from './certificate-tools.ts';
import { checkIssuedPair } from './issued-pair.ts';

interface KeyPair { readonly privateKey: KeyObject; readonly spkiDer: Uint8Array }
const newKey = (): KeyPair => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { privateKey, spkiDer: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })) };
};
const [rootKey, strangerKey, signKey, encryptKey, otherKey] = [newKey(), newKey(), newKey(), newKey(), newKey()];
const name = (commonName: string) => buildName([{ type: 'countryName', value: 'CN' }, { type: 'commonName', value: commonName }]);
const [rootName, subject] = [name('Root'), name('浙江某某公司')];
const notBefore = new Date('2026-01-01T00:00:00Z');
let serial = 1;

interface Wish { readonly key: KeyPair; readonly usages: readonly KeyUsageName[]; readonly subject?: Uint8Array; readonly issuer?: KeyPair; readonly ca?: boolean; readonly notAfter?: Date }
async function certificate(wish: Wish): Promise<string> {
  const extensions = [makeExtension(BASIC_CONSTRAINTS, { ca: wish.ca ?? false, pathLength: null }, { critical: true }), ...(wish.usages.length ? [makeExtension(KEY_USAGE, wish.usages, { critical: true })] : [])];
  const der = await signCertificate(
    { serialHex: `0${(serial += 1).toString(16)}`.slice(-2), signAlgorithm: 'rsa-sha256', issuerDer: rootName, notBefore, notAfter: wish.notAfter ?? new Date('2027-01-01T00:00:00Z'), subjectDer: wish.subject ?? subject, publicKeySpkiDer: wish.key.spkiDer, extensions },
    async (message) => new Uint8Array(nodeSign('sha256', message, (wish.issuer ?? rootKey).privateKey)),
  );
  return toBase64(der);
}

const SIGN: Wish = { key: signKey, usages: ['digitalSignature', 'nonRepudiation'] };
const ENCRYPT: Wish = { key: encryptKey, usages: ['keyEncipherment', 'dataEncipherment'] };
const root = () => certificate({ key: rootKey, usages: ['keyCertSign'], subject: rootName, ca: true });
const crypto = createCryptoPort([webCryptoProvider(globalThis.crypto)], globalThis.crypto);

async function check(sign: Wish, encrypt: Wish, chain?: string[], keyAlgorithm: Issuance['keyAlgorithm'] = 'rsa-2048', kept: Uint8Array | null = null): Promise<string> {
  const issuance: Issuance = {
    id: 'issuance-1', state: 'certified', requestId: 'line-0001', kind: 'new-issue', keyPolicy: 'new-keys', replacesCertificateSerialHex: null, tokenSerial: 'S', tokenModelId: 'm', keyAlgorithm,
    subject: { commonName: 'x', organisationName: null, unifiedSocialCreditCode: null, identityNumber: null, handlerName: null, province: null, locality: null },
    csrSubjectDer: toBase64(subject), remainingQuantity: 0, startedAtUtc: '2026-01-01T00:00:00Z', completedAtUtc: null,
    pair: {
      signCertificateDer: await certificate(sign), encryptionCertificateDer: await certificate(encrypt), chainDer: chain ?? [await root()],
      envelopedEncryptionKey: kept === null ? { format: 'rsa-oaep+aes-kwp', wrappedKeyEncryptionKey: '', wrappedPrivateKey: '' } : null, challenge: { signNonce: '', decryptCiphertext: '' }, restorableKeys: [],
    },
  };
  try {
    await checkIssuedPair(issuance, { signSpkiDer: signKey.spkiDer, keptEncryptionSpkiDer: kept }, { crypto, certificates: createCertificateTools(crypto) });
    return 'right';
  } catch (thrown) {
    const { code, details } = thrown as { code: string; details: { reason: string } };
    return code === 'ISSUED_PAIR_INVALID' ? details.reason : code;
  }
}

describe('issued pair', () => {
  it('ok: a right pair passes', async () => {
    expect(await check(SIGN, ENCRYPT)).toBe('right');
  });

  it.each<[string, Wish, Wish, string]>([
    ['a signing certificate for another key', { ...SIGN, key: otherKey }, ENCRYPT, 'signing-key'],
    ['one key for both uses', SIGN, { ...ENCRYPT, key: signKey }, 'keys-not-apart'],
    ['another subject', { ...SIGN, subject: name('某某公司') }, ENCRYPT, 'subject'],
    ['subjects that differ', SIGN, { ...ENCRYPT, subject: name('某某公司') }, 'subjects-differ'],
    ['a signing certificate that may encrypt', { ...SIGN, usages: ['digitalSignature', 'keyEncipherment'] }, ENCRYPT, 'signing-usage'],
    ['a signing certificate without key usage', { ...SIGN, usages: [] }, ENCRYPT, 'signing-usage'],
    ['an encryption certificate that may sign', SIGN, { ...ENCRYPT, usages: ['keyEncipherment', 'digitalSignature'] }, 'encryption-usage'],
    ['an authority certificate', { ...SIGN, ca: true }, ENCRYPT, 'authority-certificate'],
    ['a signature by a stranger', { ...SIGN, issuer: strangerKey }, ENCRYPT, 'sign-chain:SIGNATURE_INVALID'],
    ['an encryption certificate by a stranger', SIGN, { ...ENCRYPT, issuer: strangerKey }, 'encrypt-chain:SIGNATURE_INVALID'],
    ['an end before the beginning', { ...SIGN, notAfter: new Date('2025-01-01T00:00:00Z') }, ENCRYPT, 'sign-validity'],
  ])('refuses: %s', async (_, sign, encrypt, reason) => {
    expect(await check(sign, encrypt)).toBe(reason);
  });

  it('refuses: an encryption key in the form of another algorithm', async () => {
    expect(await check(SIGN, ENCRYPT, undefined, 'sm2')).toBe('envelope-format');
  });

  it('ok: with the same keys, a pair over them without an envelope; refuses: a certificate of another encryption key', async () => {
    expect(await check(SIGN, ENCRYPT, undefined, 'rsa-2048', encryptKey.spkiDer)).toBe('right');
    expect(await check(SIGN, ENCRYPT, undefined, 'rsa-2048', otherKey.spkiDer)).toBe('encryption-key');
  });

  it('refuses: bytes that are no certificate', async () => {
    expect(await check(SIGN, ENCRYPT, [toBase64(Uint8Array.of(0x30, 0x03, 1, 2))])).toMatch(/^unreadable:/);
  });

  it('refuses: a chain of strangers, and one whose end is not a root', async () => {
    const stranger = await certificate({ key: strangerKey, usages: ['keyCertSign'], subject: name('Stranger'), ca: true, issuer: strangerKey });
    expect(await check(SIGN, ENCRYPT, [stranger])).toMatch(/^sign-chain:/);
    expect(await check(SIGN, ENCRYPT, [await certificate({ ...SIGN, ca: true })])).toMatch(/^sign-chain:/);
  });
});
