/** A real authority in a scratch folder, for interop tests. Real time, because the tools judge by it. */
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { CertificateSubject } from '../../src-shared/contract/rest/orders.ts';
import { createCryptoPort } from '../../src-shared/crypto/crypto-port.ts';
import { webCryptoProvider } from '../../src-shared/crypto/webcrypto-provider.ts';
import type { DualCertificateOrder } from '../../src-ca/authority/authority-port.ts';
import { openOrCreateAuthority, type OpenAuthority } from '../../src-ca/authority/open-or-create-authority.ts';
import type { SignerSource } from '../../src-ca/authority/signing-keys.ts';

export const cryptoPort = createCryptoPort([webCryptoProvider(globalThis.crypto)], globalThis.crypto);

export interface TestKey {
  readonly privateKey: KeyObject;
  readonly spki: Uint8Array;
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>;
}

export function newRsaKey(): TestKey {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { privateKey: pair.privateKey, spki: new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' })), sign: async (message) => new Uint8Array(sign('sha256', message, pair.privateKey)) };
}

export const company: CertificateSubject = { commonName: '杭州标钥科技有限公司', organisationName: '杭州标钥科技有限公司', unifiedSocialCreditCode: '91350100M000100Y43', identityNumber: null, handlerName: null, province: '浙江省', locality: '杭州市' };

export function openTestAuthority(folder: string, signers?: SignerSource): Promise<OpenAuthority> {
  return openOrCreateAuthority({
    folder, caId: 'interop', keyAlgorithm: 'rsa-2048', crypto: cryptoPort, clock: () => new Date(),
    names: { organisation: '标钥测试', rootCommonName: '标钥测试根', issuingCommonName: '标钥测试签发' },
    urls: { crl: 'http://ca.example/crl/interop.crl', issuingCertificate: 'http://ca.example/ca/interop.cer', rootCrl: 'http://ca.example/crl/interop-root.crl', rootCertificate: 'http://ca.example/ca/interop-root.cer', practiceStatement: 'http://ca.example/cps' },
    signers: signers ?? { kind: 'software', passphrase: Buffer.from('interop passphrase'), scryptLog2N: 14 },
  });
}

export function dualOrder(open: OpenAuthority, signKey: TestKey, encryptKey: TestKey, changes: Partial<DualCertificateOrder> = {}): DualCertificateOrder {
  return { subject: company, certificateType: 'organisation', years: 1, notBefore: new Date(Date.now() - 60_000), signSerialHex: open.authority.newSerialHex(), encryptSerialHex: open.authority.newSerialHex(), signPublicKeySpkiDer: signKey.spki, encryptPublicKeySpkiDer: encryptKey.spki, ...changes };
}
