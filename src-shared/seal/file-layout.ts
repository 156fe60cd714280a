/**
 * Where the parts of a file stand: prelude, header, tag, payload, trailer, footer; chunks and their nonces. Spec §1, §6. Pure.
 * `prelude ::= 42 49 44 4B 45 59 0D 0A ‖ u16 version ‖ u16 zero ‖ u32 header length`, `footer ::= u32 trailer length ‖ 0D 0A 42 4B 45 4E 44 1A`
 */
import { equalBytes } from '../bytes/byte-strings.ts';
import { refuse } from '../errors/app-error.ts';
import { assert } from '../errors/assert.ts';
import { MAX_CHUNKS, MAX_HEADER_BYTES, MAX_TRAILER_BYTES, TAG_BYTES } from './limits.ts';
import type { FileKind, HeaderCore } from './seal-header.ts';

export const PRELUDE_BYTES = 16;
export const HEADER_TAG_BYTES = 32;
export const FOOTER_BYTES = 12;
const MAGIC = Uint8Array.of(0x42, 0x49, 0x44, 0x4b, 0x45, 0x59, 0x0d, 0x0a);
const END_MAGIC = Uint8Array.of(0x0d, 0x0a, 0x42, 0x4b, 0x45, 0x4e, 0x44, 0x1a);
const VERSION = 1;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export function writePrelude(headerLength: number): Uint8Array {
  assert(headerLength > 0 && headerLength <= MAX_HEADER_BYTES, 'header length');
  const prelude = new Uint8Array(PRELUDE_BYTES);
  prelude.set(MAGIC);
  viewOf(prelude).setUint16(8, VERSION);
  viewOf(prelude).setUint32(12, headerLength);
  return prelude;
}

/** @returns length of the header @throws SEAL_NOT_OURS, SEAL_VERSION, SEAL_HEADER_TOO_LARGE, SEAL_HEADER_MALFORMED */
export function readPrelude(prelude: Uint8Array): number {
  if (prelude.length < PRELUDE_BYTES || !equalBytes(prelude.subarray(0, 8), MAGIC)) refuse('SEAL_NOT_OURS');
  const view = viewOf(prelude);
  if (view.getUint16(8) !== VERSION) refuse('SEAL_VERSION', { version: view.getUint16(8) });
  if (view.getUint16(10) !== 0) refuse('SEAL_HEADER_MALFORMED', { reason: 'reserved octets' });
  const length = view.getUint32(12);
  if (length > MAX_HEADER_BYTES) refuse('SEAL_HEADER_TOO_LARGE', { part: 'header', gotBytes: length, maxBytes: MAX_HEADER_BYTES });
  if (length === 0) refuse('SEAL_HEADER_MALFORMED', { reason: 'empty' });
  return length;
}

export function writeFooter(trailerLength: number): Uint8Array {
  const footer = new Uint8Array(FOOTER_BYTES);
  viewOf(footer).setUint32(0, trailerLength);
  footer.set(END_MAGIC, 4);
  return footer;
}

/** @returns length of the trailer @throws SEAL_LENGTH when the end is not there, SEAL_HEADER_TOO_LARGE */
export function readFooter(footer: Uint8Array): number {
  if (footer.length !== FOOTER_BYTES || !equalBytes(footer.subarray(4), END_MAGIC)) refuse('SEAL_LENGTH', { reason: 'no end mark: cut off, or something was appended' });
  const length = viewOf(footer).getUint32(0);
  if (length > MAX_TRAILER_BYTES) refuse('SEAL_HEADER_TOO_LARGE', { part: 'trailer', gotBytes: length, maxBytes: MAX_TRAILER_BYTES });
  if (length === 0) refuse('SEAL_TRAILER_MALFORMED', { reason: 'empty' });
  return length;
}

/** How a payload is cut. */
export interface ChunkPlan {
  readonly kind: FileKind;
  /** Octets of plaintext in a chunk, but the last. */
  readonly chunkBytes: number;
  /** Octets of a chunk in the file, but the last. */
  readonly storedBytes: number;
  readonly payloadLength: number;
  readonly chunkCount: number;
  /** Octets of all chunks in the file. */
  readonly storedLength: number;
}

/** @throws SEAL_LENGTH for a payload that no file can have */
export function planChunks(core: Pick<HeaderCore, 'kind' | 'chunkBits'>, payloadLength: number): ChunkPlan {
  const chunkBytes = 2 ** core.chunkBits;
  const overhead = core.kind === 'sealed' ? TAG_BYTES : 0;
  const chunkCount = Math.ceil(payloadLength / chunkBytes);
  if (chunkCount < 1 || chunkCount > MAX_CHUNKS) refuse('SEAL_LENGTH', { reason: 'number of chunks' });
  return { kind: core.kind, chunkBytes, storedBytes: chunkBytes + overhead, payloadLength, chunkCount, storedLength: payloadLength + chunkCount * overhead };
}

export const plainBytesOf = (plan: ChunkPlan, chunk: number): number => (chunk === plan.chunkCount - 1 ? plan.payloadLength - chunk * plan.chunkBytes : plan.chunkBytes);

export const storedBytesOf = (plan: ChunkPlan, chunk: number): number => plainBytesOf(plan, chunk) + plan.storedBytes - plan.chunkBytes;

/** 00×3 ‖ u64 chunk ‖ last. */
export function chunkNonce(chunk: number, last: boolean): Uint8Array {
  const nonce = new Uint8Array(12);
  viewOf(nonce).setBigUint64(3, BigInt(chunk));
  nonce[11] = last ? 1 : 0;
  return nonce;
}

export interface FileLayout {
  readonly headerLength: number;
  readonly payloadOffset: number;
  readonly trailerOffset: number;
  readonly trailerLength: number;
}

/** @throws SEAL_LENGTH when the parts do not fit the file */
export function layoutOf(fileLength: number, headerLength: number, trailerLength: number): FileLayout {
  const payloadOffset = PRELUDE_BYTES + headerLength + HEADER_TAG_BYTES;
  const trailerOffset = fileLength - FOOTER_BYTES - trailerLength;
  if (trailerOffset <= payloadOffset) refuse('SEAL_LENGTH', { reason: 'parts do not fit the file' });
  return { headerLength, payloadOffset, trailerOffset, trailerLength };
}

/** @throws SEAL_LENGTH */
export function checkStoredLength(layout: FileLayout, plan: ChunkPlan): void {
  const gotBytes = layout.trailerOffset - layout.payloadOffset;
  if (gotBytes !== plan.storedLength) refuse('SEAL_LENGTH', { reason: 'payload is not as long as signed', gotBytes, wantBytes: plan.storedLength });
}
