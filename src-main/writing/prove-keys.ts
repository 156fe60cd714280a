/** Proof that new keys work: used on the token, checked in software. Rule: "written" means that the key signed and decrypted, not that a driver said OK. */
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import type { CompletionChallenge } from '#shared/contract/rest/issuances.ts';
import { fromBase64, toBase64 } from '#shared/bytes/base64.ts';
import { concatBytes, equalBytes } from '#shared/bytes/byte-strings.ts';
import { toHex } from '#shared/bytes/hex.ts';
import { KEY_ALGORITHMS } from '#shared/crypto/algorithms.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { sealSm2SessionBy } from '#shared/sm/sm2-session-envelope.ts';
import type { TokenSession } from '../token/token-port.ts';

interface KeysOnToken {
  readonly session: TokenSession;
  readonly containerId: string;
  readonly algorithm: KeyAlgorithm;
}

/** @throws KEY_PROOF_FAILED */
export async function proveSigning(keys: KeysOnToken, publicKeySpkiDer: Uint8Array, crypto: CryptoPort): Promise<void> {
  const message = concatBytes(new TextEncoder().encode('BidKey signing test v1\0'), crypto.randomBytes(32));
  const signature = await keys.session.sign(keys.containerId, 'sign', message);
  if (!(await crypto.verify(KEY_ALGORITHMS[keys.algorithm].sign, publicKeySpkiDer, message, signature))) throw new AppError('KEY_PROOF_FAILED', { purpose: 'sign' });
}

/** What keys of an algorithm can open: with SM2, keys that know the calls of GM/T 0016-2012 alone open only what is under a session key. */
const SEALS: Readonly<Record<KeyAlgorithm, (encrypt: (bytes: Uint8Array) => Promise<Uint8Array>, plaintext: Uint8Array, crypto: CryptoPort) => Promise<Uint8Array>>> = {
  'rsa-2048': (encrypt, plaintext) => encrypt(plaintext),
  sm2: (encrypt, plaintext, crypto) => sealSm2SessionBy(encrypt, plaintext, (length) => crypto.randomBytes(length)),
};

/** @throws KEY_PROOF_FAILED */
export async function proveDecryption(keys: KeysOnToken, publicKeySpkiDer: Uint8Array, crypto: CryptoPort): Promise<void> {
  const plaintext = crypto.randomBytes(32);
  const ciphertext = await SEALS[keys.algorithm]((bytes) => crypto.encrypt(KEY_ALGORITHMS[keys.algorithm].encrypt, publicKeySpkiDer, bytes), plaintext, crypto);
  const opened = await keys.session.decrypt(keys.containerId, 'encrypt', ciphertext);
  if (!equalBytes(opened, plaintext)) throw new AppError('KEY_PROOF_FAILED', { purpose: 'encrypt' });
}

/** What the CA asks for before it makes the pair active: `BidKey completion v1` ‖ 0x00 ‖ issuance id ‖ 0x00 ‖ nonce, signed; and the digest of its decrypted nonce. */
export async function answerChallenge(keys: KeysOnToken, issuanceId: string, challenge: CompletionChallenge, crypto: CryptoPort): Promise<{ signature: string; decryptedSha256: string }> {
  const message = concatBytes(new TextEncoder().encode(`BidKey completion v1\0${issuanceId}\0`), fromBase64(challenge.signNonce));
  const signature = await keys.session.sign(keys.containerId, 'sign', message);
  const opened = await keys.session.decrypt(keys.containerId, 'encrypt', fromBase64(challenge.decryptCiphertext));
  return { signature: toBase64(signature), decryptedSha256: toHex(crypto.digest('sha-256', opened)) };
}
