/** A subscriber's SM2 key in software: what a token does in a writing of dual SM2 certificates, on portable arithmetic. */
import { createHash, randomBytes } from 'node:crypto';
import type { Issuance, IssuedPair } from '#shared/contract/rest/issuances.ts';
import { readCsrResponse, type CsrResponse } from '#shared/sm/csr-response.ts';
import { portableEngine } from '#shared/sm/portable-engine.ts';
import { writeSm2Signature } from '#shared/sm/sm2-der.ts';
import { writeSm2CiphertextRaw } from '#shared/sm/sm2-encrypt.ts';
import { openSm2EnvelopedKey } from '#shared/sm/sm2-enveloped-key.ts';
import { generateSm2KeyPair, SM2_DEFAULT_USER_ID, type Sm2KeyPair } from '#shared/sm/sm2-key.ts';
import { tryReadSm2SessionEnvelope } from '#shared/sm/sm2-session-envelope.ts';
import { sm2Sign } from '#shared/sm/sm2-sign.ts';
import { sm4CbcDecrypt } from '#shared/sm/sm4-modes.ts';
import { signCertificationRequest } from '#shared/x509/certification-request.ts';
import { buildEcPublicKeyInfo } from '#shared/x509/public-key-info.ts';
import { pairOf, type CompletionProof, type SubscriberKey } from './subscriber.ts';

export interface Sm2Subscriber extends SubscriberKey {
  readonly pair: Sm2KeyPair;
  readonly publicKeySpkiDer: Uint8Array;
  /** DER signature. @param userId another one than the default, for refusals */
  sign(message: Uint8Array, userId?: Uint8Array): Uint8Array;
  /** Opens the envelope: the encryption key pair. */
  open(pair: IssuedPair): Promise<Sm2KeyPair>;
  /** The proof of a pair that keeps this encryption key. */
  proofWith(issuance: Issuance, encryptKey: Sm2KeyPair): Promise<CompletionProof>;
}

export function sm2Subscriber(pair: Sm2KeyPair = generateSm2KeyPair((length) => randomBytes(length))): Sm2Subscriber {
  const publicKeySpkiDer = buildEcPublicKeyInfo('sm2', pair.publicKey);
  const sign = (message: Uint8Array, userId = SM2_DEFAULT_USER_ID) => writeSm2Signature(sm2Sign(pair.privateKey, message, userId));
  const open = async (issued: IssuedPair) => {
    const { envelopedKey } = csrResponseOf(issued);
    if (!envelopedKey) throw new Error('an answer without a key');
    return openSm2EnvelopedKey(portableEngine, pair.privateKey, envelopedKey);
  };
  return {
    pair,
    publicKeySpkiDer,
    sign,
    open,
    csr: ({ csrSubjectDer }) => sm2Request(csrSubjectDer, publicKeySpkiDer, sign),
    proof: async (issuance) => proofWith(issuance, await open(pairOf(issuance))),
    proofWith,
  };
  async function proofWith(issuance: Issuance, encryptKey: Sm2KeyPair): Promise<CompletionProof> {
    const issued = pairOf(issuance);
    const envelope = tryReadSm2SessionEnvelope(Buffer.from(issued.challenge.decryptCiphertext, 'base64'));
    if (!envelope) throw new Error('the challenge is no session envelope');
    const sessionKey = await portableEngine.sm2Decrypt(encryptKey.privateKey, writeSm2CiphertextRaw(envelope.encryptedKey));
    const decrypted = sm4CbcDecrypt(sessionKey, envelope.iv, envelope.ciphertext);
    return { signature: Buffer.from(sign(completionMessage(issuance))).toString('base64'), decryptedSha256: createHash('sha256').update(decrypted).digest('hex') };
  }
}

export function completionMessage(issuance: Issuance): Buffer {
  return Buffer.concat([Buffer.from(`BidKey completion v1\0${issuance.id}\0`, 'ascii'), Buffer.from(pairOf(issuance).challenge.signNonce, 'base64')]);
}

/** A request for any key, signed by anything: for refusals, too. */
export async function sm2Request(csrSubjectDer: string, publicKeySpkiDer: Uint8Array, sign: (message: Uint8Array) => Uint8Array): Promise<string> {
  const der = await signCertificationRequest({ subjectDer: Buffer.from(csrSubjectDer, 'base64'), publicKeySpkiDer, signAlgorithm: 'sm2-sm3' }, async (message) => sign(message));
  return Buffer.from(der).toString('base64');
}

export function csrResponseOf(pair: IssuedPair): CsrResponse {
  const envelope = pair.envelopedEncryptionKey;
  if (envelope?.format !== 'gmt0092-csr-response') throw new Error(`an envelope of form ${envelope?.format}`);
  return readCsrResponse(Buffer.from(envelope.csrResponse, 'base64'));
}
