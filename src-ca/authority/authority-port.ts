/**
 * What the issuance service needs of the certificate authority and of the key-management centre. Implemented in `authority/` and
 * `key-management/`; the CA's own keys stand behind `Signer`. Nothing here stores anything: records are the caller's.
 */
import type { EnvelopedEncryptionKey } from '#shared/contract/rest/issuances.ts';
import type { CertificateSubject, KeyAlgorithm } from '#shared/contract/rest/orders.ts';

/** One private key of the CA, in a software keystore or an HSM. */
export interface Signer {
  readonly keyId: string;
  /** Row of SIGN_ALGORITHMS that this key signs with. */
  readonly signAlgorithm: 'rsa-sha256' | 'sm2-sm3';
  readonly publicKeySpkiDer: Uint8Array;
  sign(message: Uint8Array): Promise<Uint8Array>;
}

export interface DualCertificateOrder {
  readonly subject: CertificateSubject;
  readonly certificateType: 'person' | 'organisation';
  readonly years: number;
  readonly notBefore: Date;
  /** Instead of `years` after `notBefore`: where a pair goes on from the end of the one before. */
  readonly notAfter?: Date;
  /** Recorded by the caller before anything is signed: ≥ 64 random bits, positive, ≤ 20 octets (see `newSerialHex`). */
  readonly signSerialHex: string;
  readonly encryptSerialHex: string;
  readonly signPublicKeySpkiDer: Uint8Array;
  readonly encryptPublicKeySpkiDer: Uint8Array;
}

export interface CrlEntry {
  readonly serialHex: string;
  readonly revokedAt: Date;
  /** RFC 5280 §5.3.1 reason name, for example `keyCompromise`. */
  readonly reason: string;
}

export interface CertificateAuthority {
  readonly caId: string;
  readonly keyAlgorithm: KeyAlgorithm;
  /** Issuing CA first, root last. */
  readonly chainDer: readonly Uint8Array[];
  newSerialHex(): string;
  /** X.501 Name that certificates of this subject bear, and that its PKCS#10 request must bear. @throws ACCOUNT_SUBJECT_INVALID, NAME_INVALID */
  subjectNameDer(subject: CertificateSubject): Uint8Array;
  /** Checks a PKCS#10 request: strict DER, proof of possession, subject, key strength. @throws CSR_* @returns the signing public key */
  checkCsr(csrDer: Uint8Array, expectedSubjectDer: Uint8Array): Promise<{ publicKeySpkiDer: Uint8Array }>;
  /** Lints both certificates with a throw-away key, then signs them. @throws CERTIFICATE_LINT */
  issueDualCertificates(order: DualCertificateOrder): Promise<{ signCertificateDer: Uint8Array; encryptCertificateDer: Uint8Array; notAfter: Date }>;
  signCrl(input: { readonly number: bigint; readonly thisUpdate: Date; readonly nextUpdate: Date; readonly entries: readonly CrlEntry[] }): Promise<Uint8Array>;
  /** Verifies a signature by a subscriber's signing key over a message. */
  verifySubscriberSignature(publicKeySpkiDer: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
  /** Encrypts a few bytes to a subscriber's encryption key: RSA-OAEP (SHA-1) or SM2Cipher DER. */
  encryptToSubscriber(publicKeySpkiDer: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array>;
}

/** An encryption key pair of a subscriber in escrow: only ever wrapped. */
export interface EscrowedKey {
  readonly algorithm: KeyAlgorithm;
  readonly publicKeySpkiDer: Uint8Array;
  /** Which key of the centre wraps it. */
  readonly wrappingKeyId: string;
  readonly wrappedPrivateKey: Uint8Array;
}

/** By what calls the key opens envelopes. SM2 travels alike over both; GM/T 0016 has a form of its own for RSA. */
export type KeyInterface = 'pkcs11' | 'skf';

export interface KeyManagementCentre {
  generate(algorithm: KeyAlgorithm): Promise<EscrowedKey>;
  /** Envelopes the private key under a token's signing public key. For SM2 (GM/T 0092) both certificates go into the answer. */
  envelope(escrowed: EscrowedKey, recipient: { readonly signPublicKeySpkiDer: Uint8Array; readonly signCertificateDer: Uint8Array; readonly encryptCertificateDer: Uint8Array }, keyInterface?: KeyInterface): Promise<EnvelopedEncryptionKey>;
  /** Envelopes an old private key under a token's opening key, which has no certificate. @throws KEY_INVALID when that is of another algorithm */
  envelopeForOpeningKey(escrowed: EscrowedKey, openingPublicKeySpkiDer: Uint8Array, keyInterface?: KeyInterface): Promise<EnvelopedEncryptionKey>;
  /** Wraps a short secret of the service. @param purpose what it is for; must be the same at opening */
  wrapSecret(secret: Uint8Array, purpose: string): Buffer;
  /** @returns the secret, which the caller wipes. @throws DECRYPT_FAILED */
  unwrapSecret(wrapped: Uint8Array, purpose: string): Buffer;
}
