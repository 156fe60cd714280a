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

/** How much of a key is still free. Null: neither the driver nor the model's profile tells; then only trying shows. */
export interface TokenRoom {
  readonly freeBytes: number | null;
  /** Containers that can still be made. */
  readonly freeContainers: number | null;
  /** Whole pairs (two keys, two certificates) that still fit, by algorithm; a history key counts as one. */
  readonly furtherPairs: Readonly<Record<KeyAlgorithm, number | null>>;
}

/** What a key that was never initialised is given. All of it is wiped after use. */
export interface FirstSecrets {
  readonly label: string;
  readonly adminPin: SecretBytes;
  readonly userPin: SecretBytes;
  /** The device key of the maker (16 bytes), which SKF wants before an application is made; PKCS#11 has none. */
  readonly deviceKey: SecretBytes | null;
}

export interface TokenPort {
  list(): Promise<TokenList>;
  rescan(): Promise<TokenList>;
  /** One key. @throws TOKEN_NOT_PRESENT, TOKEN_SERIAL_AMBIGUOUS */
  get(ref: TokenRef): Promise<TokenSummary>;
  /** Called after every plug, unplug, or change of driver state. @returns stops listening */
  onChange(listener: (list: TokenList) => void): () => void;
  changePin(ref: TokenRef, oldPin: SecretBytes, newPin: SecretBytes): Promise<PinState>;
  /** State of the administrator PIN; `unknown` where the driver does not tell. */
  adminPinState(ref: TokenRef): Promise<PinState>;
  /**
   * Sets a new user PIN with the administrator PIN, on keys that let that be done here (TokenSummary.unlock).
   * @returns the state of the user PIN @throws ADMIN_PIN_INCORRECT (details.triesLeft when told), ADMIN_PIN_LOCKED, PIN_RULE, DRIVER_MECHANISM
   */
  unblockPin(ref: TokenRef, adminPin: SecretBytes, newPin: SecretBytes): Promise<PinState>;
  /** @returns the state of the administrator PIN @throws ADMIN_PIN_INCORRECT, ADMIN_PIN_LOCKED, PIN_RULE, DRIVER_MECHANISM */
  changeAdminPin(ref: TokenRef, oldAdminPin: SecretBytes, newAdminPin: SecretBytes): Promise<PinState>;
  /** Makes a key ready that was never initialised: its name, both PINs, over SKF the application. @throws TOKEN_INITIALISED, DEVICE_KEY_WRONG, PIN_RULE, DRIVER_MECHANISM */
  initialise(ref: TokenRef, secrets: FirstSecrets): Promise<PinState>;
  /** How much still fits, read anew; so that a deed can say that a key is full before it begins. */
  room(ref: TokenRef): Promise<TokenRoom>;
  /** Gives the key another name. @throws DRIVER_MECHANISM where the driver cannot (TokenSummary.canRename) */
  renameLabel(ref: TokenRef, label: string): Promise<void>;
  /** Logs in. One session per key at a time; a wrong PIN is never tried again. @throws PIN_INCORRECT, PIN_LOCKED, TOKEN_NOT_PRESENT */
  logIn(ref: TokenRef, pin: SecretBytes): Promise<TokenSession>;
  /** Time spent inside driver calls since start, for the bench: milliseconds. */
  driverMilliseconds(): number;
  close(): Promise<void>;
}

export interface TokenSession {
  readonly ref: TokenRef;
  /** The PIN of this login is one that keys of the model are handed out with: it should be changed. */
  readonly pinIsDefault: boolean;
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
  /**
   * First half of bringing an old encryption key back: the public key of the container's opening key, for which the envelope has to be made.
   * It is born on the key for this one use and gets no certificate. Idempotent. @throws DRIVER_MECHANISM, TOKEN_FULL
   */
  historyOpeningKey(containerId: string, algorithm: KeyAlgorithm): Promise<{ publicKeySpkiDer: Uint8Array }>;
  /**
   * Second half: opens the envelope with the container's opening key and keeps the old encryption key with its certificate there; the opening key goes where
   * the driver lets it. The container then decrypts like any other, and its signing side has no certificate. Idempotent, also after a power cut.
   * @throws KEY_NOT_FOUND when historyOpeningKey was not asked, ENVELOPE_REFUSED, CERTIFICATE_KEY_MISMATCH, KEY_PROOF_FAILED, TOKEN_FULL
   */
  importHistoryKey(containerId: string, envelope: EnvelopedEncryptionKey, publicKeySpkiDer: Uint8Array, certificateDer: Uint8Array): Promise<void>;
  /** Replaces the certificate of that side if there is one. @throws CERTIFICATE_KEY_MISMATCH */
  importCertificate(containerId: string, purpose: KeyPurpose, certificateDer: Uint8Array): Promise<void>;
  /** Removes keys and certificates of one container that BidKey made; removing what is not there succeeds. */
  deleteContainer(containerId: string): Promise<void>;
  /** Logs out. Never throws. */
  close(): Promise<void>;
}
