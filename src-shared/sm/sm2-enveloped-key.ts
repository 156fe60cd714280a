/**
 * SM2EnvelopedKey (GM/T 0009 §7.4, GB/T 35276): an SM2 private key under an SM4 key, which is under the recipient's SM2 key.
 * `SM2EnvelopedKey ::= SEQUENCE { symAlgID AlgorithmIdentifier, symEncryptedKey SM2Cipher, sm2PublicKey BIT STRING, sm2EncryptedPrivateKey BIT STRING }`
 * Pure. Reading does not open: a host hands the parts to a token, which opens them inside. Only keys kept in software are opened here.
 */
import { DerReader } from '../asn1/der-reader.ts';
import { derBitString, derNull, derSequence } from '../asn1/der-writer.ts';
import { OIDS } from '../asn1/oids.ts';
import { equalBytes, wipeBytes } from '../bytes/byte-strings.ts';
import { AppError } from '../errors/app-error.ts';
import { readAlgorithmIdentifier, writeAlgorithmIdentifier } from '../x509/algorithm-identifier.ts';
import { tryReadSm2Point } from './sm2-curve.ts';
import { readSm2CiphertextIn, writeSm2Ciphertext } from './sm2-der.ts';
import { readSm2CiphertextRaw, writeSm2CiphertextRaw, type Sm2Ciphertext } from './sm2-encrypt.ts';
import { isSm2PrivateKey, type RandomBytes, type Sm2KeyPair } from './sm2-key.ts';
import type { SmEngine } from './sm-engine.ts';
import { sm4EcbDecrypt, sm4EcbEncrypt } from './sm4-modes.ts';

export interface Sm2EnvelopedKey {
  /** SM4 or another national block cipher, ECB. */
  readonly symmetricOid: string;
  /** The symmetric key under the recipient's public key. */
  readonly encryptedKey: Sm2Ciphertext;
  /** 04 ‖ X ‖ Y of the enveloped key; on the curve. */
  readonly publicKey: Uint8Array;
  /** 32 octets, or 48 (padded) or 64 (zeros first, as in ENVELOPEDKEYBLOB): the standard does not say, all occur. */
  readonly encryptedPrivateKey: Uint8Array;
}

const MAX_ENVELOPED_KEY_BYTES = 4096;
const PRIVATE_KEY_LENGTHS: readonly number[] = [32, 48, 64];
/** `SM4` alone stands for its ECB mode in this structure. */
const SM4_ECB_OIDS: readonly string[] = [OIDS.sm4, OIDS.sm4Ecb];

/** @throws DER_MALFORMED, CMS_MALFORMED, KEY_INVALID */
export function readSm2EnvelopedKey(der: Uint8Array): Sm2EnvelopedKey {
  const reader = DerReader.open(der, MAX_ENVELOPED_KEY_BYTES);
  const envelope = readSm2EnvelopedKeyParts(reader.readSequence('SM2EnvelopedKey'));
  reader.end('SM2EnvelopedKey');
  return envelope;
}

/** The members, from a cursor inside the SEQUENCE (or its IMPLICIT tag). */
export function readSm2EnvelopedKeyParts(parts: DerReader): Sm2EnvelopedKey {
  const algorithm = readAlgorithmIdentifier(parts, 'symAlgID');
  const encryptedKey = readSm2CiphertextIn(parts);
  const publicKey = Uint8Array.from(parts.readBitStringBytes('sm2PublicKey'));
  const encryptedPrivateKey = Uint8Array.from(parts.readBitStringBytes('sm2EncryptedPrivateKey'));
  parts.end('SM2EnvelopedKey');
  if (!tryReadSm2Point(publicKey)) throw new AppError('KEY_INVALID', { reason: 'sm2PublicKey is no point of the curve' });
  if (!PRIVATE_KEY_LENGTHS.includes(encryptedPrivateKey.length)) throw new AppError('CMS_MALFORMED', { reason: 'length of sm2EncryptedPrivateKey', gotBytes: encryptedPrivateKey.length });
  const parametersAllowed = algorithm.parametersDer === null || (algorithm.parametersDer.length === 2 && algorithm.parametersDer[0] === 5);
  if (!parametersAllowed) throw new AppError('CMS_MALFORMED', { reason: 'parameters of symAlgID' });
  return { symmetricOid: algorithm.oid, encryptedKey, publicKey, encryptedPrivateKey };
}

/** SM4-ECB identifier with NULL and 32 octets: the form that every known reader takes. */
export function writeSm2EnvelopedKey(envelope: Sm2EnvelopedKey): Uint8Array {
  return derSequence(
    writeAlgorithmIdentifier(envelope.symmetricOid, derNull()),
    writeSm2Ciphertext(envelope.encryptedKey),
    derBitString(envelope.publicKey),
    derBitString(envelope.encryptedPrivateKey),
  );
}

/** Envelopes a key pair for a recipient. @throws KEY_INVALID */
export async function sealSm2EnvelopedKey(engine: SmEngine, recipientPublicKey: Uint8Array, pair: Sm2KeyPair, randomBytes: RandomBytes): Promise<Sm2EnvelopedKey> {
  if (!isSm2PrivateKey(pair.privateKey)) throw new AppError('KEY_INVALID', { reason: 'SM2 private key out of range' });
  const sessionKey = randomBytes(16);
  const encryptedKey = readSm2CiphertextRaw(await engine.sm2Encrypt(recipientPublicKey, sessionKey, { randomBytes }));
  const encryptedPrivateKey = sm4EcbEncrypt(sessionKey, pair.privateKey);
  wipeBytes(sessionKey);
  return { symmetricOid: OIDS.sm4Ecb, encryptedKey, publicKey: pair.publicKey, encryptedPrivateKey };
}

/**
 * Opens an envelope with a private key kept in software.
 * @throws ALGORITHM_UNSUPPORTED, DECRYPT_FAILED (wrong recipient or damaged), ENVELOPED_KEY_MISMATCH
 */
export async function openSm2EnvelopedKey(engine: SmEngine, recipientPrivateKey: Uint8Array, envelope: Sm2EnvelopedKey): Promise<Sm2KeyPair> {
  if (!SM4_ECB_OIDS.includes(envelope.symmetricOid)) throw new AppError('ALGORITHM_UNSUPPORTED', { oid: envelope.symmetricOid });
  const sessionKey = await engine.sm2Decrypt(recipientPrivateKey, writeSm2CiphertextRaw(envelope.encryptedKey));
  if (sessionKey.length !== 16) throw new AppError('DECRYPT_FAILED');
  const padded = sm4EcbDecrypt(sessionKey, envelope.encryptedPrivateKey);
  wipeBytes(sessionKey);
  const privateKey = privateKeyIn(padded);
  wipeBytes(padded);
  // ECB has no integrity of its own: the public key beside it is the check.
  if (!privateKey || !equalBytes(await engine.sm2PublicKey(privateKey), envelope.publicKey)) throw new AppError('ENVELOPED_KEY_MISMATCH');
  return { privateKey, publicKey: envelope.publicKey };
}

/** 32 octets plain; 48 with 16 octets of padding behind; 64 with zeros in front. @returns null when it is none of them */
function privateKeyIn(padded: Uint8Array): Uint8Array | null {
  const [start, filler, value] = padded.length === 48 ? [0, padded.subarray(32), 16] : padded.length === 64 ? [32, padded.subarray(0, 32), 0] : [0, padded.subarray(32), 0];
  const privateKey = padded.slice(start, start + 32);
  return filler.every((byte) => byte === value) && isSm2PrivateKey(privateKey) ? privateKey : null;
}
