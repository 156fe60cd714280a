/** A subscriber's key in software: what a token does in a writing, by node:crypto (OpenSSL), so that our own code does not check itself. */
import { constants, createDecipheriv, createHash, createPrivateKey, createPublicKey, createSign, generateKeyPairSync, privateDecrypt, X509Certificate, type KeyObject } from 'node:crypto';
import type { Issuance, IssuedPair } from '#shared/contract/rest/issuances.ts';
import { signCertificationRequest } from '#shared/x509/certification-request.ts';

/** What a journey needs of a key, of whatever kind. */
export interface SubscriberKey {
  csr(issuance: Pick<Issuance, 'csrSubjectDer'>): Promise<string>;
  /** Body of the completion call. */
  proof(issuance: Issuance): CompletionProof | Promise<CompletionProof>;
}

export interface CompletionProof {
  readonly signature: string;
  readonly decryptedSha256: string;
}

export interface Subscriber extends SubscriberKey {
  readonly publicKeySpkiDer: Buffer;
  sign(message: Uint8Array): Buffer;
  /** Opens the envelope: the encryption private key. */
  open(pair: IssuedPair): KeyObject;
  proof(issuance: Issuance): CompletionProof;
}

export function subscriber(bits = 2048, publicExponent = 65_537): Subscriber {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: bits, publicExponent });
  const publicKeySpkiDer = publicKey.export({ type: 'spki', format: 'der' });
  const sign = (message: Uint8Array) => createSign('sha256').update(message).sign(privateKey);
  const open = (pair: IssuedPair): KeyObject => {
    const envelope = pair.envelopedEncryptionKey;
    if (envelope?.format !== 'rsa-oaep+aes-kwp') throw new Error(`an envelope of form ${envelope?.format}`);
    const wrappingKey = privateDecrypt({ key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, Buffer.from(envelope.wrappedKeyEncryptionKey, 'base64'));
    // RFC 5649 with its standard initial value.
    const unwrap = createDecipheriv('id-aes256-wrap-pad', wrappingKey, Buffer.from('a65959a6', 'hex'));
    const pkcs8 = Buffer.concat([unwrap.update(Buffer.from(envelope.wrappedPrivateKey, 'base64')), unwrap.final()]);
    return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  };
  return {
    publicKeySpkiDer,
    sign,
    open,
    async csr({ csrSubjectDer }) {
      const der = await signCertificationRequest({ subjectDer: Buffer.from(csrSubjectDer, 'base64'), publicKeySpkiDer, signAlgorithm: 'rsa-sha256' }, async (message) => sign(message));
      return Buffer.from(der).toString('base64');
    },
    proof(issuance) {
      const pair = pairOf(issuance);
      const decrypted = privateDecrypt({ key: open(pair), padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, Buffer.from(pair.challenge.decryptCiphertext, 'base64'));
      const message = Buffer.concat([Buffer.from(`BidKey completion v1\0${issuance.id}\0`, 'ascii'), Buffer.from(pair.challenge.signNonce, 'base64')]);
      return { signature: sign(message).toString('base64'), decryptedSha256: createHash('sha256').update(decrypted).digest('hex') };
    },
  };
}

export function pairOf(issuance: Issuance): IssuedPair {
  if (issuance.pair === null) throw new Error(`issuance ${issuance.id} has no pair in state ${issuance.state}`);
  return issuance.pair;
}

export function certificateOf(base64: string): X509Certificate {
  return new X509Certificate(Buffer.from(base64, 'base64'));
}

export function samePublicKey(privateKey: KeyObject, certificate: X509Certificate): boolean {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).equals(certificate.publicKey.export({ type: 'spki', format: 'der' }));
}
