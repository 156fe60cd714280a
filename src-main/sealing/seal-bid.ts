/** Seals a bid from files on disk, with its unencrypted backup if wanted; also makes tender packages, which are signed and not sealed. Spec §6–§8, §11. */
import { open, stat } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import { dirname } from 'node:path';
import { refuse } from '#shared/errors/app-error.ts';
import { writeFooter } from '#shared/seal/file-layout.ts';
import { SEAL_ID_BYTES, type BidIdentity } from '#shared/seal/bid-identity.ts';
import { wipeKeys } from '#shared/seal/key-schedule.ts';
import { checkDocuments, writeManifest, MANIFEST_LENGTH_BYTES, type ManifestDocument } from '#shared/seal/manifest.ts';
import { MAX_MANIFEST_BYTES } from '#shared/seal/limits.ts';
import { signOne, type SealSigner } from '#shared/seal/one-signature.ts';
import { checkOpenerCertificate } from '#shared/seal/opener.ts';
import { prepareFile, type FileFront, type Means, type OpenerGroup } from '#shared/seal/prepare-file.ts';
import { writeCore } from '#shared/seal/seal-header.ts';
import { headerDigestOf, writeStatement, writeTrailer } from '#shared/seal/seal-trailer.ts';
import type { SuiteId } from '#shared/seal/suites.ts';
import { NewFile, unlinkIfThere } from './new-file.ts';
import { PayloadWriter, type PayloadOutput } from './payload-writer.ts';
import { meansFor, type SealingMeans, type WorkOptions } from './sealing-means.ts';
import { sweepParts } from './sweep-parts.ts';
import { reading, stopIfAborted } from './system-errors.ts';
import { wholeSeconds } from './whole-seconds.ts';

interface NamedDocument {
  /** Name inside the bid. */
  readonly name: string;
  readonly mediaType: string;
}

export type SourceDocument = NamedDocument & { readonly path: string };

/** Small, made by a program. */
export type MadeDocument = NamedDocument & { readonly bytes: Uint8Array };

export interface FileToMake {
  readonly suite: SuiteId;
  /** sealId, sealedAt are made here. */
  readonly identity: Omit<BidIdentity, 'sealId' | 'sealedAt' | 'purpose'>;
  /** Chosen by a caller that puts it into the names of the files; else made here. 16 random octets, used once. */
  readonly sealId?: Uint8Array;
  readonly documents: readonly (SourceDocument | MadeDocument)[];
  readonly signer: SealSigner;
  /** An RFC 3161 token over the signature, from wherever there is one. */
  readonly timeStamp?: (signature: Uint8Array) => Promise<Uint8Array | null>;
  /** 20 but in tests. */
  readonly chunkBits?: number;
}

export interface BidToSeal extends FileToMake {
  readonly groups: readonly OpenerGroup[];
  readonly outPath: string;
  /** Where the unencrypted backup goes; null for none. */
  readonly backupPath: string | null;
  /** Where the rehearsal ticket goes, and for the keys of which group; none when absent or null. Not written when there is no other group. */
  readonly ticket?: { readonly group: string; readonly path: string } | null;
}

export interface MadeFile {
  readonly identity: BidIdentity;
  readonly documents: readonly ManifestDocument[];
  readonly payloadLength: number;
  /** Root of the sealed file (or package). */
  readonly root: Uint8Array;
  readonly ticketMade: boolean;
}

/** @throws SEAL_OPENER_REFUSED, SEAL_GROUPS, SEAL_NAME_…, SEAL_SOURCE_…, SEAL_OUTPUT_…, SEAL_DISK_FULL, CANCELLED, and what the signing key says */
export async function sealBid(bid: BidToSeal, means: SealingMeans, options: WorkOptions = {}): Promise<MadeFile> {
  const identity = newIdentity(bid, 'bid', means);
  for (const { openers } of bid.groups) for (const opener of openers) checkOpenerCertificate(opener, identity.sealedAt, identity.opensAt);
  const bound = meansFor(means, bid.suite);
  const common = { identity, signerCertificateDer: bid.signer.certificateDer, ...(bid.chunkBits === undefined ? {} : { chunkBits: bid.chunkBits }) };
  checkDocuments(bid.documents);
  const fronts = [{ path: bid.outPath, front: await prepareFile({ kind: 'sealed', groups: bid.groups, ticketGroup: bid.ticket?.group ?? null, ...common }, bound) }];
  if (bid.backupPath !== null) fronts.push({ path: bid.backupPath, front: await prepareFile({ kind: 'plain', groups: [], ...common }, bound) });
  return makeFiles(fronts, bid, identity, bound, options, bid.ticket?.path ?? null);
}

/** The tenderer's signed package, same family, not sealed. */
export async function makeTenderPackage(tender: FileToMake & { readonly outPath: string }, means: SealingMeans, options: WorkOptions = {}): Promise<MadeFile> {
  const identity = newIdentity(tender, 'tender', means);
  checkDocuments(tender.documents);
  const bound = meansFor(means, tender.suite);
  const front = await prepareFile({ kind: 'plain', groups: [], identity, signerCertificateDer: tender.signer.certificateDer, ...(tender.chunkBits === undefined ? {} : { chunkBits: tender.chunkBits }) }, bound);
  return makeFiles([{ path: tender.outPath, front }], tender, identity, bound, options);
}

function newIdentity(file: FileToMake, purpose: BidIdentity['purpose'], means: SealingMeans): BidIdentity {
  return { ...file.identity, opensAt: file.identity.opensAt && wholeSeconds(file.identity.opensAt), purpose, sealId: file.sealId ?? means.crypto.randomBytes(SEAL_ID_BYTES), sealedAt: wholeSeconds(means.clock()) };
}

async function makeFiles(fronts: readonly { readonly path: string; readonly front: FileFront }[], file: FileToMake, identity: BidIdentity, means: Means, options: WorkOptions, ticketPath: string | null = null): Promise<MadeFile> {
  const outputs: PayloadOutput[] = [];
  let ticket: NewFile | null = null;
  try {
    for (const folder of new Set(fronts.map(({ path }) => dirname(path)))) await sweepParts(folder);
    const ticketBytes = fronts[0]?.front.ticket ?? null;
    if (ticketPath !== null && ticketBytes) {
      ticket = await NewFile.create(ticketPath);
      await ticket.write(ticketBytes);
    }
    for (const { path, front } of fronts) outputs.push({ file: await NewFile.create(path), front });
    for (const { file: out, front } of outputs) {
      await out.write(front.preludeAndHeader);
      await out.write(front.headerTag);
    }
    const made = await writePayload(outputs, file, identity, means, options);
    for (const [i, output] of outputs.entries()) await writeEnd(output, made.payloadLength, made.roots[i] ?? refuse('INTERNAL'), file, identity, means);
    stopIfAborted(options.signal);
    await commitAll([...outputs.map((output) => output.file), ...(ticket ? [ticket] : [])]);
    return { ticketMade: ticket !== null, identity, documents: made.documents, payloadLength: made.payloadLength, root: made.roots[0] ?? refuse('INTERNAL') };
  } finally {
    for (const output of outputs) await output.file.discard();
    await ticket?.discard();
    for (const { front } of fronts) if (front.keys) wipeKeys(front.keys);
  }
}

interface WrittenPayload {
  readonly documents: readonly ManifestDocument[];
  readonly payloadLength: number;
  readonly roots: readonly Uint8Array[];
}

async function writePayload(outputs: readonly PayloadOutput[], file: FileToMake, identity: BidIdentity, means: Means, options: WorkOptions): Promise<WrittenPayload> {
  const states: (BigIntStats | null)[] = [];
  for (const source of file.documents) states.push('path' in source ? await reading(source.path, () => stateOf(source)) : null);
  const sizes = file.documents.map((source, i) => ('path' in source ? Number(states[i]?.size ?? 0n) : source.bytes.length));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const writer = new PayloadWriter(outputs, means.suite, total);
  try {
    const documents: { readonly source: NamedDocument; readonly size: number; readonly root: () => Uint8Array }[] = [];
    let done = 0;
    for (const [i, source] of file.documents.entries()) {
      const size = sizes[i] ?? refuse('INTERNAL');
      const onRead = (length: number) => options.onProgress?.((done += length), total);
      const tree = 'path' in source ? await streamDocument(writer, source, states[i] ?? refuse('INTERNAL'), options, onRead) : await putDocument(writer, source.bytes, onRead);
      documents.push({ source, size, root: () => tree.root(size) });
    }
    await writer.settleDocuments();
    const listed = documents.map(({ source, size, root }) => ({ name: source.name, mediaType: source.mediaType, size, digest: root() }));
    const message = await signOne(file.signer, { kind: 'attached', bytes: writeManifest({ suite: means.suite.id, identity, documents: listed }) }, identity.sealedAt, means.crypto);
    if (message.length > MAX_MANIFEST_BYTES) refuse('SEAL_HEADER_TOO_LARGE', { part: 'manifest', gotBytes: message.length, maxBytes: MAX_MANIFEST_BYTES });
    await writer.append(message);
    const length = new Uint8Array(MANIFEST_LENGTH_BYTES);
    new DataView(length.buffer).setUint32(0, message.length);
    await writer.append(length);
    return { documents: listed, ...(await writer.finish()) };
  } finally {
    await writer.stop();
  }
}

async function putDocument(writer: PayloadWriter, bytes: Uint8Array, onRead: (length: number) => void) {
  await writer.room();
  const tree = writer.pieces.begin(bytes.length, writer.position);
  for (let at = 0; at < bytes.length; ) {
    const room = await writer.room();
    const part = bytes.subarray(at, at + room.length);
    room.set(part);
    writer.filledByDocument(part.length);
    onRead(part.length);
    at += part.length;
  }
  return tree;
}

async function stateOf(source: SourceDocument): Promise<BigIntStats> {
  const state = await stat(source.path, { bigint: true });
  if (!state.isFile()) refuse('SEAL_SOURCE_UNREADABLE', { reason: 'not a file', name: source.name });
  return state;
}

const isSame = (a: BigIntStats, b: BigIntStats): boolean => a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.ino === b.ino && a.dev === b.dev;

/** Reads a document into the writer; one that is not the same before, during and after is refused. */
async function streamDocument(writer: PayloadWriter, source: SourceDocument, state: BigIntStats, options: WorkOptions, onRead: (length: number) => void) {
  const changed = (): never => refuse('SEAL_SOURCE_CHANGED', { name: source.name });
  const handle = await reading(source.path, () => open(source.path, 'r'));
  try {
    if (!isSame(await handle.stat({ bigint: true }), state)) changed();
    const size = Number(state.size);
    await writer.room();
    const tree = writer.pieces.begin(size, writer.position);
    for (let at = 0; at < size; ) {
      stopIfAborted(options.signal);
      const room = await writer.room();
      const wanted = Math.min(room.length, size - at);
      const { bytesRead } = await reading(source.path, () => handle.read(room, 0, wanted, at));
      if (bytesRead === 0) changed();
      writer.filledByDocument(bytesRead);
      onRead(bytesRead);
      at += bytesRead;
    }
    if (!isSame(await handle.stat({ bigint: true }), state) || !isSame(await reading(source.path, () => stateOf(source)), state)) changed();
    return tree;
  } finally {
    await handle.close();
  }
}

async function writeEnd({ file: out, front }: PayloadOutput, payloadLength: number, root: Uint8Array, file: FileToMake, identity: BidIdentity, means: Means): Promise<void> {
  const statement = writeStatement(means.suite, writeCore(front.header.core), headerDigestOf(means.suite, front.preludeAndHeader, front.headerTag), payloadLength, root);
  const signature = await signOne(file.signer, { kind: 'detached', bytes: statement }, identity.sealedAt, means.crypto);
  const timeStamp = (await file.timeStamp?.(signature)) ?? null;
  const trailer = writeTrailer({ payloadLength, root, signature, timeStamp });
  await out.write(trailer);
  await out.write(writeFooter(trailer.length));
}

/** The sealed bid last: if it cannot have its name, its backup and ticket do not keep theirs. */
async function commitAll(outputs: readonly NewFile[]): Promise<void> {
  const committed: string[] = [];
  try {
    for (const file of [...outputs].reverse()) {
      await file.commit();
      committed.push(file.path);
    }
  } catch (thrown) {
    for (const path of committed) await unlinkIfThere(path);
    throw thrown;
  }
}

