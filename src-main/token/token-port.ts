/**
 * The token port: what deeds need of a key, whatever its driver (PKCS#11 or SKF). Implemented by the token host client.
 * Every method rejects with an AppError of the area `token`. Byte strings are Uint8Array; DER where the name says so.
 */
import type { PinState, TokenList, TokenRef, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import type { EnvelopedEncryptionKey } from '#shared/contract/rest/issuances.ts';
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';

/** A PIN on its way to one driver call. The bytes are wiped by the receiver after use. */
export type SecretBytes = Uint8Array;

/** The two keys of a container. */
export type KeyPurpose = 'sign' | 'encrypt';

/** What one container holds, as seen with the user logged in. */
export interface KeyContainer {
  /** 32 lower-case hex digits for containers that BidKey made; the driver's own id otherwise. */
  readonly containerId: string;
  readonly sign: ContainerSide;
  readonly encrypt: ContainerSide;
}

export interface ContainerSide {
  readonly hasPrivateKey: boolean;
  /** SubjectPublicKeyInfo of the key on the token. */
  readonly publicKeySpkiDer: Uint8Array | null;
  readonly certificateDer: Uint8Array | null;
}

export interface TokenPort {
  list(): Promise<TokenList>;
  rescan(): Promise<TokenList>;
  /** One key. @throws TOKEN_NOT_PRESENT, TOKEN_SERIAL_AMBIGUOUS */
  get(ref: TokenRef): Promise<TokenSummary>;
  /** Called after every plug, unplug, or change of driver state. @returns stops listening */
  onChange(listener: (list: TokenList) => void): () => void;
  changePin(ref: TokenRef, oldPin: SecretBytes, newPin: SecretBytes): Promise<PinState>;
  /** Logs in. One session per key at a time; a wrong PIN is never tried again. @throws PIN_INCORRECT, PIN_LOCKED, TOKEN_NOT_PRESENT */
  logIn(ref: TokenRef, pin: SecretBytes): Promise<TokenSession>;
  /** Time spent inside driver calls since start, for the bench: milliseconds. */
  driverMilliseconds(): number;
  close(): Promise<void>;
}

export interface TokenSession {
  readonly ref: TokenRef;
  listContainers(): Promise<KeyContainer[]>;
  /** @returns null when the key has no such container */
  readContainer(containerId: string): Promise<KeyContainer | null>;
  /** Generates the signing key pair inside the token, never extractable. A second call for a container that has one returns that one (idempotent). */
  generateSigningKeyPair(containerId: string, algorithm: KeyAlgorithm): Promise<{ publicKeySpkiDer: Uint8Array }>;
  /** Signs the message (not a digest): RSASSA-PKCS1-v1_5 with SHA-256, or SM3-SM2 (DER) with the default id. */
  sign(containerId: string, purpose: KeyPurpose, message: Uint8Array): Promise<Uint8Array>;
  /** Decrypts: RSA-OAEP (SHA-1, MGF1-SHA-1), or DER of SM2Cipher or Sm2SessionEnvelope; a key with the calls of GM/T 0016-2012 alone opens only the latter. @throws DECRYPT_FAILED, DRIVER_MECHANISM */
  decrypt(containerId: string, purpose: KeyPurpose, ciphertext: Uint8Array): Promise<Uint8Array>;
  /** Opens the envelope inside the token with the container's signing key and keeps the encryption key there, non-extractable. Idempotent. @throws ENVELOPE_REFUSED */
  importEncryptionKey(containerId: string, envelope: EnvelopedEncryptionKey, publicKeySpkiDer: Uint8Array): Promise<void>;
  /** Replaces the certificate of that side if there is one. @throws CERTIFICATE_KEY_MISMATCH */
  importCertificate(containerId: string, purpose: KeyPurpose, certificateDer: Uint8Array): Promise<void>;
  /** Removes keys and certificates of one container that BidKey made; removing what is not there succeeds. */
  deleteContainer(containerId: string): Promise<void>;
  /** Logs out. Never throws. */
  close(): Promise<void>;
}
