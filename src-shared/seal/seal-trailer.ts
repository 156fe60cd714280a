/**
 * The trailer: length and tree root of the payload, outer signature, place for a time stamp. Spec §8. Pure.
 * `Trailer ::= SEQUENCE { payloadLength INTEGER, root OCTET STRING, signature OCTET STRING, timeStamp [0] IMPLICIT OCTET STRING OPTIONAL }`
 * `Statement ::= SEQUENCE { label UTF8String, suite ENUMERATED, coreDigest, headerDigest OCTET STRING, payloadLength INTEGER, root OCTET STRING }`
 */
import type { DerReader } from '../asn1/der-reader.ts';
import { derContextPrimitive, derEnumerated, derInteger, derOctetString, derSequence, derUtf8String } from '../asn1/der-writer.ts';
import { equalBytes } from '../bytes/byte-strings.ts';
import type { CryptoPort } from '../crypto/crypto-port.ts';
import { refuse } from '../errors/app-error.ts';
import { MAX_PAYLOAD_BYTES, MAX_TRAILER_BYTES } from './limits.ts';
import { verifyOne, type OneSignature } from './one-signature.ts';
import { writeCore, type SealHeader } from './seal-header.ts';
import { readCount, readDigest, readStrict } from './strict-structure.ts';
import { SUITES, type Suite } from './suites.ts';

export interface SealTrailer {
  /** Octets of plaintext. */
  readonly payloadLength: number;
  readonly root: Uint8Array;
  /** CMS SignedData, detached, over the statement. */
  readonly signature: Uint8Array;
  /** RFC 3161 token over the signature; not judged here. */
  readonly timeStamp: Uint8Array | null;
}

export function writeTrailer(trailer: SealTrailer): Uint8Array {
  return derSequence(derInteger(trailer.payloadLength), derOctetString(trailer.root), derOctetString(trailer.signature), ...(trailer.timeStamp ? [derContextPrimitive(0, trailer.timeStamp)] : []));
}

/** @throws SEAL_TRAILER_MALFORMED */
export function readTrailer(der: Uint8Array): SealTrailer {
  return readStrict(der, MAX_TRAILER_BYTES, 'SEAL_TRAILER_MALFORMED', readTrailerIn, writeTrailer);
}

function readTrailerIn(outer: DerReader): SealTrailer {
  const inside = outer.readSequence('trailer');
  const payloadLength = readCount(inside, 'payload length', 1, MAX_PAYLOAD_BYTES);
  const root = readDigest(inside, 'root');
  const signature = Uint8Array.from(inside.readOctetString('signature'));
  const stamp = inside.readOptionalContextPrimitive(0, 'time stamp');
  inside.end('trailer');
  return { payloadLength, root, signature, timeStamp: stamp && Uint8Array.from(stamp.content) };
}

/** What the outer signature is over. */
export function writeStatement(suite: Suite, coreDer: Uint8Array, headerDigest: Uint8Array, payloadLength: number, root: Uint8Array): Uint8Array {
  return derSequence(
    derUtf8String('BidKey sealed bid 1'), derEnumerated(SUITES[suite.id].number), derOctetString(suite.digest(coreDer)), derOctetString(headerDigest), derInteger(payloadLength), derOctetString(root),
  );
}

export const headerDigestOf = (suite: Suite, preludeAndHeader: Uint8Array, headerTag: Uint8Array): Uint8Array => suite.digest(preludeAndHeader, headerTag);

export interface SealSignatures {
  /** Over the file as it is. */
  readonly outer: OneSignature;
  /** Of generation 0, 1, …; empty without re-wraps. */
  readonly history: readonly OneSignature[];
}

/**
 * The outer signature and those of the history, each by whom the header says.
 * @throws SEAL_SIGNATURE_INVALID, SEAL_HISTORY_INVALID, SEAL_SIGNER_WRONG
 */
export async function verifySignatures(header: SealHeader, headerDigest: Uint8Array, trailer: SealTrailer, suite: Suite, crypto: CryptoPort): Promise<SealSignatures> {
  const coreDer = writeCore(header.core);
  const statementOf = (digest: Uint8Array) => writeStatement(suite, coreDer, digest, trailer.payloadLength, trailer.root);
  const signers = [header.core.bidder, ...header.history.map(({ by }) => by)];
  const verifyBy = async (generation: number, signature: Uint8Array, digest: Uint8Array, code: 'SEAL_SIGNATURE_INVALID' | 'SEAL_HISTORY_INVALID') => {
    const { content: _none, ...verified } = await verifyOne(signature, statementOf(digest), code, crypto);
    const wanted = signers[generation];
    if (!wanted || !equalBytes(suite.digest(verified.certificateDer), wanted)) refuse('SEAL_SIGNER_WRONG', { part: 'file', generation });
    return verified;
  };
  const outer = await verifyBy(header.history.length, trailer.signature, headerDigest, 'SEAL_SIGNATURE_INVALID');
  const history: OneSignature[] = [];
  for (const [generation, entry] of header.history.entries()) history.push(await verifyBy(generation, entry.signature, entry.headerDigest, 'SEAL_HISTORY_INVALID'));
  return { outer, history };
}
