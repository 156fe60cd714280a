/**
 * The frame that certificates, requests and CRLs share. Pure; signing is a callback, verification goes through the crypto port.
 * `SIGNED{T} ::= SEQUENCE { toBeSigned T, algorithmIdentifier AlgorithmIdentifier, signature BIT STRING }`
 */
import { DerReader } from '../asn1/der-reader.ts';
import type { Slices } from '../asn1/slices.ts';
import { derBitString, derSequence } from '../asn1/der-writer.ts';
import type { SignAlgorithmId } from '../crypto/algorithms.ts';
import type { CryptoPort } from '../crypto/crypto-port.ts';
import { readAlgorithmIdentifier, signAlgorithmOf, writeSignAlgorithm, type AlgorithmIdentifier } from './algorithm-identifier.ts';

export interface SignedStructure {
  readonly der: Uint8Array;
  /** The octets that are signed. */
  readonly tbsDer: Uint8Array;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
}

/** Signs octets with a private key that the callback holds. */
export type SignCallback = (message: Uint8Array) => Promise<Uint8Array>;

/** The frame, and a cursor inside the signed part. */
type OpenedStructure = SignedStructure & { readonly tbs: DerReader };

export function readSignedStructure(der: Uint8Array, what: string, maxBytes?: number): OpenedStructure {
  return readFrame(DerReader.open(der, maxBytes), der, what);
}

/** The same, with pauses. */
export function* readSignedStructureInSlices(der: Uint8Array, what: string, maxBytes?: number): Slices<OpenedStructure> {
  return readFrame(yield* DerReader.openInSlices(der, maxBytes), der, what);
}

function readFrame(reader: DerReader, der: Uint8Array, what: string): OpenedStructure {
  const frame = reader.readSequence(what);
  const element = frame.read(0x30, `${what} content`);
  const signatureAlgorithm = readAlgorithmIdentifier(frame, 'signature algorithm');
  const signature = frame.readBitStringBytes('signature');
  frame.end(what);
  return { der, tbsDer: element.bytes, signatureAlgorithm, signature, tbs: frame.enter(element) };
}

export function assembleSigned(tbsDer: Uint8Array, algorithm: SignAlgorithmId, signature: Uint8Array): Uint8Array {
  return derSequence(tbsDer, writeSignAlgorithm(algorithm), derBitString(signature));
}

/** @returns false when the signature is wrong. @throws ALGORITHM_UNSUPPORTED, KEY_INVALID */
export function verifySigned(structure: SignedStructure, publicKeySpkiDer: Uint8Array, crypto: CryptoPort): Promise<boolean> {
  return crypto.verify(signAlgorithmOf(structure.signatureAlgorithm), publicKeySpkiDer, structure.tbsDer, structure.signature);
}
