/** An SM2 authority whose private keys the test knows, so that it can also sign what the authority would not: lists under another user id. Real time, because the tools judge by it. */
import { randomBytes } from 'node:crypto';
import type { CertificateAuthority } from '../../src-ca/authority/authority-port.ts';
import { createCertificateAuthority } from '../../src-ca/authority/certificate-authority.ts';
import { createHierarchy } from '../../src-ca/authority/create-hierarchy.ts';
import { makeSoftwareSigner, makeThrowAwaySigner } from '../../src-ca/signers/software-signer.ts';
import { createCryptoPort } from '../../src-shared/crypto/crypto-port.ts';
import { webCryptoProvider } from '../../src-shared/crypto/webcrypto-provider.ts';
import { writeSm2PrivateKeyInfo } from '../../src-shared/pkcs/sm2-private-key-info.ts';
import { portableEngine } from '../../src-shared/sm/portable-engine.ts';
import { writeSm2Signature } from '../../src-shared/sm/sm2-der.ts';
import { generateSm2KeyPair, SM2_DEFAULT_USER_ID, type Sm2KeyPair } from '../../src-shared/sm/sm2-key.ts';
import { sm2Sign } from '../../src-shared/sm/sm2-sign.ts';
import { smProvider } from '../../src-shared/sm/sm-provider.ts';
import type { Certificate } from '../../src-shared/x509/certificate.ts';
import { parseCertificateRevocationList } from '../../src-shared/x509/certificate-revocation-list.ts';
import { buildEcPublicKeyInfo } from '../../src-shared/x509/public-key-info.ts';
import { assembleSigned } from '../../src-shared/x509/signed-structure.ts';

export const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
export const sm2CryptoPort = createCryptoPort([webCryptoProvider(globalThis.crypto), smProvider(portableEngine, random)], globalThis.crypto);

export interface Sm2TestKey {
  readonly pair: Sm2KeyPair;
  readonly spki: Uint8Array;
  readonly pkcs8: Uint8Array;
  /** DER signature under the default user id, or another one. */
  sign(message: Uint8Array, userId?: Uint8Array): Uint8Array;
}

export function newSm2Key(): Sm2TestKey {
  const pair = generateSm2KeyPair(random);
  return { pair, spki: buildEcPublicKeyInfo('sm2', pair.publicKey), pkcs8: writeSm2PrivateKeyInfo(pair), sign: (message, userId = SM2_DEFAULT_USER_ID) => writeSm2Signature(sm2Sign(pair.privateKey, message, userId)) };
}

export interface Sm2TestAuthority {
  readonly authority: CertificateAuthority;
  readonly root: Certificate;
  readonly issuing: Certificate;
  readonly rootCrlDer: Uint8Array;
  /** The same list, signed by the issuing key under another user id. */
  signedAgain(crlDer: Uint8Array, userId: Uint8Array): Uint8Array;
}

export async function openSm2TestAuthority(): Promise<Sm2TestAuthority> {
  const [rootKey, issuingKey] = [newSm2Key(), newSm2Key()];
  const signer = makeSoftwareSigner('issuing', 'sm2-sm3', issuingKey.pkcs8);
  const throwAway = await makeThrowAwaySigner('sm2-sm3');
  const urls = { crl: 'http://ca.example/crl/sm2.crl', issuingCertificate: 'http://ca.example/ca/sm2.cer', rootCrl: 'http://ca.example/crl/sm2-root.crl', rootCertificate: 'http://ca.example/ca/sm2-root.cer', practiceStatement: null };
  const made = await createHierarchy({
    names: { organisation: '标钥测试', rootCommonName: '标钥测试根 SM2', issuingCommonName: '标钥测试签发 SM2' }, urls,
    rootSigner: makeSoftwareSigner('root', 'sm2-sm3', rootKey.pkcs8), issuingSigner: signer, throwAway, crypto: sm2CryptoPort, now: new Date(Date.now() - 60_000),
  });
  const authority = createCertificateAuthority({
    caId: 'sm2', keyAlgorithm: 'sm2', chainDer: [made.issuing.der, made.root.der],
    addresses: { crl: urls.crl, issuerCertificate: urls.issuingCertificate, practiceStatement: null }, means: { signer, throwAway, crypto: sm2CryptoPort },
  });
  return {
    authority,
    ...made,
    signedAgain(crlDer, userId) {
      const { tbsDer } = parseCertificateRevocationList(crlDer);
      return assembleSigned(tbsDer, 'sm2-sm3', issuingKey.sign(tbsDer, userId));
    },
  };
}
