/** Builds a sealed bid or plain file step by step, with a door at each step through which one thing can be made wrong. For vectors only: nothing here checks anything. */
import { sha256 } from '@noble/hashes/sha2.js';
import { derOctetString, derSequence } from '../../../src-shared/asn1/der-writer.ts';
import { concatBytes } from '../../../src-shared/bytes/byte-strings.ts';
import { toUtf8 } from '../../../src-shared/bytes/utf8.ts';
import { createCryptoPort } from '../../../src-shared/crypto/crypto-port.ts';
import { webCryptoProvider } from '../../../src-shared/crypto/webcrypto-provider.ts';
import { ChunkTree } from '../../../src-shared/seal/chunk-tree.ts';
import { chunkNonce, writeFooter, writePrelude } from '../../../src-shared/seal/file-layout.ts';
import { deriveGroupKeys, deriveKeys, plainHeaderTag, sealedHeaderTag } from '../../../src-shared/seal/key-schedule.ts';
import { writeManifest, type Manifest } from '../../../src-shared/seal/manifest.ts';
import { signOne } from '../../../src-shared/seal/one-signature.ts';
import { wrapShare, writeOpener, type Opener } from '../../../src-shared/seal/opener.ts';
import { writeCore, type HeaderCore } from '../../../src-shared/seal/seal-header.ts';
import { headerDigestOf, writeStatement, writeTrailer } from '../../../src-shared/seal/seal-trailer.ts';
import { createSuites, type SuiteId } from '../../../src-shared/seal/suites.ts';
import { portableEngine } from '../../../src-shared/sm/portable-engine.ts';
import { smProvider } from '../../../src-shared/sm/sm-provider.ts';
import type { Person } from './seal-people.ts';

/** A stream that depends on its seed only. */
export function testOnlyFixedRandom(seed: string): (length: number) => Uint8Array {
  let counter = 0;
  return (length) => {
    const out = new Uint8Array(length);
    for (let at = 0; at < length; at += 32) out.set(sha256(toUtf8(`${seed} ${counter++}`)).subarray(0, Math.min(32, length - at)), at);
    return out;
  };
}

export const suites = createSuites(portableEngine, globalThis.crypto);

export function meansOf(seed: string, suite: SuiteId) {
  const random = testOnlyFixedRandom(seed);
  const fill = { getRandomValues: (bytes: Uint8Array<ArrayBuffer>) => bytes.set(random(bytes.length)) };
  return { suite: suites(suite), engine: portableEngine, random, crypto: createCryptoPort([webCryptoProvider(globalThis.crypto), smProvider(portableEngine, random)], fill) };
}

type Bytes = Uint8Array;

export interface FileParts {
  readonly kind: 'sealed' | 'plain';
  readonly suite: SuiteId;
  readonly groups: readonly { readonly name: string; readonly openers: readonly Person[] }[];
  readonly documents: readonly { readonly name: string; readonly bytes: Bytes; readonly mediaType?: string }[];
  readonly signer: Person;
}

/** Each gets what is right and gives what shall stand there instead. */
export interface Doors {
  readonly core?: (core: HeaderCore) => HeaderCore;
  readonly coreDer?: (der: Bytes) => Bytes;
  readonly share?: (share: Bytes, group: number) => Bytes;
  readonly opener?: (opener: Opener, group: number, index: number) => Opener;
  readonly groups?: (groups: Bytes[][]) => Bytes[][];
  readonly commitment?: (commitment: Bytes) => Bytes;
  readonly shareCommitments?: (commitments: Bytes[]) => Bytes[];
  readonly headerDer?: (der: Bytes) => Bytes;
  readonly prelude?: (prelude: Bytes) => Bytes;
  readonly headerTag?: (tag: Bytes) => Bytes;
  readonly manifest?: (manifest: Manifest) => Manifest;
  readonly manifestDer?: (der: Bytes) => Bytes;
  readonly manifestSigner?: Person;
  readonly message?: (message: Bytes) => Bytes;
  readonly payload?: (payload: Bytes) => Bytes;
  /** Plain chunk and whether it is called the last, as encrypted. */
  readonly isLast?: (last: boolean, chunk: number, count: number) => boolean;
  readonly chunks?: (chunks: Bytes[]) => Bytes[];
  /** After the root was taken and signed. */
  readonly chunksAfter?: (chunks: Bytes[]) => Bytes[];
  readonly payloadLength?: (length: number) => number;
  readonly root?: (root: Bytes) => Bytes;
  readonly outerSigner?: Person;
  readonly signature?: (signature: Bytes) => Bytes;
  readonly trailerDer?: (der: Bytes) => Bytes;
  readonly footer?: (footer: Bytes) => Bytes;
  readonly file?: (file: Bytes) => Bytes;
}

const same = <T>(value: T): T => value;
const CHUNK_BITS = 12;
export const SEALED_AT = new Date('2026-08-01T09:30:00Z');

export async function assembleFile(parts: FileParts, doors: Doors = {}, seed = 'file'): Promise<Bytes> {
  const means = meansOf(seed, parts.suite);
  const { suite, random } = means;
  const identity = { purpose: 'bid' as const, sealId: random(16), bidId: 'B-1', tenderId: 'T-1', lot: '一', sealedAt: SEALED_AT, opensAt: new Date('2026-09-01T01:00:00Z') };
  const core = (doors.core ?? same)({
    kind: parts.kind, suite: parts.suite, chunkBits: CHUNK_BITS, salt: random(32), bidder: suite.digest(parts.signer.certificateDer), identity, groupNames: parts.groups.map(({ name }) => name), extensions: [],
  });
  const coreDer = (doors.coreDer ?? same)(writeCore(core));
  const shares = parts.groups.map(() => random(32));
  const keys = parts.kind === 'sealed' ? deriveKeys(suite, coreDer, shares.length > 0 ? shares : [random(32)]) : null;
  const shareCommitments = keys ? shares.map((share, g) => deriveGroupKeys(suite, coreDer, g, share).commitment) : [];
  const groups: Bytes[][] = [];
  for (const [g, group] of parts.groups.entries()) {
    const share = shares[g] ?? new Uint8Array(32);
    const openers: Bytes[] = [];
    for (const [i, person] of group.openers.entries()) openers.push(writeOpener((doors.opener ?? same)(await wrapShare((doors.share ?? same)(share, g), person.opener, suite, means.crypto, means.engine), g, i)));
    groups.push(openers);
  }
  const headerDer = (doors.headerDer ?? same)(derSequence(
    coreDer, derOctetString((doors.commitment ?? same)(keys?.commitment ?? new Uint8Array(0))), derSequence(...(doors.shareCommitments ?? same)(shareCommitments).map(derOctetString)),
    derSequence(...(doors.groups ?? same)(groups).map((group) => derSequence(...group))), derSequence(),
  ));
  const preludeAndHeader = concatBytes((doors.prelude ?? same)(writePrelude(headerDer.length)), headerDer);
  const headerTag = (doors.headerTag ?? same)(keys ? sealedHeaderTag(suite, keys, preludeAndHeader) : plainHeaderTag(suite, preludeAndHeader));
  const payload = (doors.payload ?? same)(await payloadOf(parts, doors, means, core));
  const count = Math.ceil(payload.length / 2 ** CHUNK_BITS);
  const sealed: Bytes[] = [];
  for (let i = 0; i < count; i++) {
    const plain = payload.slice(i << CHUNK_BITS, (i + 1) << CHUNK_BITS);
    const last = (doors.isLast ?? same)(i === count - 1, i, count);
    sealed.push(keys ? await suite.encrypt(keys.payloadKey, chunkNonce(i, last), core.identity.sealId, plain) : plain);
  }
  const chunks = (doors.chunks ?? same)(sealed);
  const end = await endOf(chunks, payload.length, { coreDer, headerDigest: headerDigestOf(suite, preludeAndHeader, headerTag), signer: doors.outerSigner ?? parts.signer }, doors, means);
  return (doors.file ?? same)(concatBytes(preludeAndHeader, headerTag, ...(doors.chunksAfter ?? same)(chunks), end));
}

async function payloadOf(parts: FileParts, doors: Doors, means: ReturnType<typeof meansOf>, core: HeaderCore): Promise<Bytes> {
  const documents = parts.documents.map(({ name, bytes, mediaType }) => {
    const tree = new ChunkTree(means.suite);
    tree.addLeaf(means.suite.digest(bytes));
    return { name, mediaType: mediaType ?? 'application/pdf', size: bytes.length, digest: tree.root(bytes.length) };
  });
  const der = (doors.manifestDer ?? same)(writeManifest((doors.manifest ?? same)({ suite: parts.suite, identity: core.identity, documents })));
  const message = (doors.message ?? same)(await signOne((doors.manifestSigner ?? parts.signer).signer, { kind: 'attached', bytes: der }, SEALED_AT, means.crypto));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, message.length);
  return concatBytes(...parts.documents.map(({ bytes }) => bytes), message, length);
}

async function endOf(chunks: readonly Bytes[], length: number, signed: { readonly coreDer: Bytes; readonly headerDigest: Bytes; readonly signer: Person }, doors: Doors, means: ReturnType<typeof meansOf>): Promise<Bytes> {
  const tree = new ChunkTree(means.suite);
  for (const chunk of chunks) tree.addLeaf(means.suite.digest(chunk));
  const root = (doors.root ?? same)(tree.root(chunks.reduce((sum, chunk) => sum + chunk.length, 0)));
  const payloadLength = (doors.payloadLength ?? same)(length);
  const statement = writeStatement(means.suite, signed.coreDer, signed.headerDigest, payloadLength, root);
  const signature = (doors.signature ?? same)(await signOne(signed.signer.signer, { kind: 'detached', bytes: statement }, SEALED_AT, means.crypto));
  const trailer = (doors.trailerDer ?? same)(writeTrailer({ payloadLength, root, signature, timeStamp: null }));
  return concatBytes(trailer, (doors.footer ?? same)(writeFooter(trailer.length)));
}
