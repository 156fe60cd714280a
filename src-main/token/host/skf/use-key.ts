/**
 * The keys of a container at work. SM2: e = SM3(Z ‖ M) is computed here and the signature is verified in software before it leaves.
 * RSA: DigestInfo is built here, and the signature verified the same way. Decryption: the standard of 2012 only imports session keys (SKF_ImportSessionKey,
 * then SKF_Decrypt); for an SM2 ciphertext of anything else vendors have calls of their own, which are used where the library has them.
 */
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { nullWhenRefused } from '#shared/errors/null-when-refused.ts';
import { readSm2Ciphertext, writeSm2Signature } from '#shared/sm/sm2-der.ts';
import { sm2MessageDigest } from '#shared/sm/sm2-key.ts';
import { tryReadRsaSessionEnvelope, type RsaSessionEnvelope } from '#shared/pkcs/rsa-session-envelope.ts';
import type { KeyPurpose } from '../../token-port.ts';
import type { PublicKey } from '../public-key.ts';
import { sha256DigestInfo } from '../rsa-digest-info.ts';
import { verifiesInSoftware, type RsaPublicKey } from '../rsa-public-key.ts';
import { openInPieces, readSm2Sealed } from '../session-envelope.ts';
import { signatureThatVerifies } from '../software-proofs.ts';
import { readSignatureBlob, writeCipherBlob } from './blobs.ts';
import { requirePublicKey, withContainerOf } from './containers.ts';
import type { LoggedIn } from './logged-in.ts';
import { sarOf } from './sar-codes.ts';
import { cbcParameter, type Handle } from './skf-functions.ts';

const SIGNATURE_ROOM = 512;
const PLAINTEXT_ROOM = 8192;
const SGD_SM4_CBC = 0x402;
const BLOCK_BYTES = 16;

/** @returns SM2Signature in DER, or an RSA signature @throws KEY_NOT_FOUND, DRIVER_MECHANISM, KEY_PROOF_FAILED */
export function signMessage(at: LoggedIn, containerId: string, purpose: KeyPurpose, message: Uint8Array): Uint8Array {
  // The calls take the signing key of the container; nothing signs with the other one.
  if (purpose !== 'sign') throw new AppError('DRIVER_MECHANISM', { mechanism: 'signing with the encryption key', interface: 'skf' });
  return withContainerOf(at, containerId, purpose, (container) => signWith(at, container, requirePublicKey(at, container, containerId, purpose), message));
}

/** @throws KEY_PROOF_FAILED */
export function signWith(at: LoggedIn, container: Handle, key: PublicKey, message: Uint8Array): Uint8Array {
  return key.kind === 'rsa' ? signByRsa(at, container, key, message) : signBySm2(at, container, key.point, message);
}

function signByRsa(at: LoggedIn, container: Handle, key: RsaPublicKey, message: Uint8Array): Uint8Array {
  const digestInfo = sha256DigestInfo(message);
  const signature = Uint8Array.from(at.functions.read('SKF_RSASignData', SIGNATURE_ROOM, container, digestInfo, digestInfo.length));
  return verifiesInSoftware(key, message, signature) ? signature : refuse('KEY_PROOF_FAILED', { use: 'sign' });
}

function signBySm2(at: LoggedIn, container: Handle, point: Uint8Array, message: Uint8Array): Uint8Array {
  const digest = sm2MessageDigest(point, message);
  const blob = Buffer.alloc(SIGNATURE_ROOM);
  at.functions.call('SKF_ECCSignData', container, Buffer.from(digest), digest.length, blob);
  const raw = readSignatureBlob(blob).map((form) => signatureThatVerifies(point, digest, form)).find((form) => form !== null);
  return raw === undefined ? refuse('KEY_PROOF_FAILED', { use: 'sign' }) : writeSm2Signature(raw);
}

/** @param ciphertextDer SM2Cipher or Sm2SessionEnvelope; RsaSessionEnvelope @throws KEY_NOT_FOUND, DRIVER_MECHANISM, DECRYPT_FAILED */
export function decryptCiphertext(at: LoggedIn, containerId: string, purpose: KeyPurpose, ciphertextDer: Uint8Array): Uint8Array {
  return withContainerOf(at, containerId, purpose, (container) => {
    const key = requirePublicKey(at, container, containerId, purpose);
    return key.kind === 'rsa' ? decryptByRsa(at, container, purpose, ciphertextDer) : decryptWith(at, container, purpose, ciphertextDer);
  });
}

/** @throws DRIVER_MECHANISM for an RSA ciphertext of anything but a session key, which no call of the standard opens */
export function decryptByRsa(at: LoggedIn, container: Handle, purpose: KeyPurpose, ciphertextDer: Uint8Array): Uint8Array {
  const envelope = readRsaSession(ciphertextDer);
  if (envelope === null || purpose !== 'encrypt') throw new AppError('DRIVER_MECHANISM', { mechanism: 'RSA decryption', interface: 'skf' });
  return openSession(at, container, envelope.encryptedKey, envelope);
}

function readRsaSession(der: Uint8Array): RsaSessionEnvelope | null {
  try {
    return tryReadRsaSessionEnvelope(der);
  } catch (thrown) {
    if (thrown instanceof AppError) throw new AppError('DECRYPT_FAILED', {}, thrown);
    throw thrown;
  }
}

export function decryptWith(at: LoggedIn, container: Handle, purpose: KeyPurpose, ciphertextDer: Uint8Array): Uint8Array {
  const sealed = readSm2Sealed(ciphertextDer);
  const standard = purpose === 'encrypt' && at.functions.has('SKF_ImportSessionKey') && at.functions.has('SKF_DecryptInit') && at.functions.has('SKF_Decrypt');
  if (sealed.kind === 'session' && standard) return openSession(at, container, writeCipherBlob(sealed.envelope.encryptedKey, at.memory.ulongBytes), sealed.envelope);
  return openInPieces(ciphertextDer, (cipherDer) => decryptByVendorCall(at, container, purpose, cipherDer));
}

/** SKF_ImportSessionKey and SKF_Decrypt: the session key stays inside the key. */
function openSession(at: LoggedIn, container: Handle, wrappedKey: Uint8Array, envelope: { readonly iv: Uint8Array; readonly ciphertext: Uint8Array }): Uint8Array {
  const { functions, memory } = at;
  const wrapped = Buffer.from(wrappedKey);
  return refusingWhatDoesNotOpen(at, () => {
    const key = functions.open('SKF_ImportSessionKey', container, SGD_SM4_CBC, wrapped, wrapped.length);
    try {
      functions.call(memory.ulongBytes === 8 ? 'SKF_DecryptInit_wide' : 'SKF_DecryptInit', key, cbcParameter(envelope.iv));
      const ciphertext = Buffer.from(envelope.ciphertext);
      return withoutPadding(functions.read('SKF_Decrypt', 2 * ciphertext.length, key, ciphertext, ciphertext.length));
    } finally {
      nullWhenRefused(() => functions.call('SKF_CloseHandle', key));
    }
  });
}

/** Calls of which a vendor has one at most; the order is that of likelihood. */
const VENDOR_CALLS = ['SKF_ECCDecrypt', 'SKF_ECCPrvKeyDecrypt'] as const;

function decryptByVendorCall(at: LoggedIn, container: Handle, purpose: KeyPurpose, ciphertextDer: Uint8Array): Uint8Array {
  const { functions, memory } = at;
  const blob = Buffer.from(writeCipherBlob(readSm2Ciphertext(ciphertextDer), memory.ulongBytes));
  return refusingWhatDoesNotOpen(at, () => {
    if (functions.has('SKF_ECCPrvKeyDecryptEx')) return Uint8Array.from(functions.read('SKF_ECCPrvKeyDecryptEx', PLAINTEXT_ROOM, container, purpose === 'sign' ? 1 : 0, blob));
    const name = purpose === 'encrypt' ? VENDOR_CALLS.find((call) => functions.has(call)) : undefined;
    if (name === undefined) throw new AppError('DRIVER_MECHANISM', { mechanism: `SM2 decryption (${VENDOR_CALLS[0]})` });
    return Uint8Array.from(functions.read(name, PLAINTEXT_ROOM, container, blob));
  });
}

/** What drivers return for a ciphertext that does not open; which of them says nothing reliable about the cause. */
const DOES_NOT_OPEN: ReadonlySet<string> = new Set(['SAR_FAIL', 'SAR_INVALIDPARAMERR', 'SAR_INDATALENERR', 'SAR_INDATAERR', 'SAR_DECRYPTPADERR', 'SAR_HASHNOTEQUALERR', 'SAR_HASHERR', 'SAR_UNKNOWNERR', 'SAR_RSADECERR']);

function refusingWhatDoesNotOpen(at: LoggedIn, open: () => Uint8Array): Uint8Array {
  try {
    return open();
  } catch (thrown) {
    if (DOES_NOT_OPEN.has(sarOf(thrown) ?? '') && at.isPresent()) throw new AppError('DECRYPT_FAILED', {}, thrown);
    throw thrown;
  }
}

/** PKCS#7: the padding is taken off here, because drivers were asked to leave it. */
function withoutPadding(padded: Uint8Array): Uint8Array {
  const last = padded[padded.length - 1] ?? 0;
  const whole = padded.length > 0 && padded.length % BLOCK_BYTES === 0;
  if (!whole || last < 1 || last > BLOCK_BYTES || !padded.subarray(-last).every((byte) => byte === last)) refuse('DECRYPT_FAILED');
  return Uint8Array.from(padded.subarray(0, -last));
}
