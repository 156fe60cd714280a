/** Bids that come from outside: the public part of a sealed file, or an exported ledger. Rule: all of it is checked before any of it is taken in. */
import { readFile, stat } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { LedgerDocument, SealedBidRecord } from '#shared/contract/desktop/ledger.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { InspectedFile } from '#shared/seal/inspect-file.ts';

/** Reads the public part of a sealed file. @throws SEAL_* */
export type InspectSealedFile = (path: string) => Promise<InspectedFile>;

export interface FileToTake {
  readonly path: string;
  readonly tenderName?: string | undefined;
  readonly bidderName?: string | undefined;
  readonly openingTimeUtc?: string | undefined;
}

const MAX_DOCUMENT_BYTES = 64 * 1024 * 1024;
const documentCheck = TypeCompiler.Compile(LedgerDocument);
const recordCheck = TypeCompiler.Compile(SealedBidRecord);
const DIGEST_OF_SUITE = { sm: 'sm3', aes: 'sha-256' } as const;

/** @throws LEDGER_IMPORT_INVALID, SEAL_* */
export async function recordOfFile(file: FileToTake, inspect: InspectSealedFile, now: Date): Promise<SealedBidRecord> {
  const inspected = await inspect(file.path);
  if (inspected.kind !== 'sealed') return refuse('LEDGER_IMPORT_INVALID', { reason: 'not a sealed bid', kind: inspected.kind });
  const { sealIdHex, bidId, tenderId, lot, sealedAtUtc, opensAtUtc, suite, groups, rewraps, headerDigestHex } = inspected;
  const openers = groups.flatMap(({ name, openers: members }) => members.map((one) => ({ group: name, fingerprintHex: one.fingerprintHex, fingerprintDigest: DIGEST_OF_SUITE[suite], label: one.label, issuer: one.issuer, serialHex: one.serialHex, notAfterUtc: one.notAfterUtc })));
  const record: SealedBidRecord = {
    sealId: sealIdHex, bidId, tenderId, lot, file: file.path, sealedAtUtc, openingTimeUtc: opensAtUtc ?? file.openingTimeUtc ?? null,
    tenderName: file.tenderName ?? ([tenderId, bidId].find((name) => name !== '') ?? sealIdHex), bidderName: file.bidderName ?? '',
    openers, generations: [{ headerHex: headerDigestHex, rewraps: rewraps.length, madeAtUtc: rewraps.at(-1)?.atUtc ?? sealedAtUtc, notedAtUtc: now.toISOString(), file: file.path, openers }],
    state: 'to-open', rehearsals: [], uploads: [],
  };
  if (!recordCheck.Check(record)) refuse('LEDGER_IMPORT_INVALID', { reason: 'public part', field: recordCheck.Errors(record).First()?.path ?? '' });
  return record;
}

/** @throws LEDGER_IMPORT_INVALID */
export async function readLedgerFile(path: string): Promise<LedgerDocument> {
  try {
    if ((await stat(path)).size > MAX_DOCUMENT_BYTES) refuse('LEDGER_IMPORT_INVALID', { reason: 'too large' });
    return readLedgerText(await readFile(path, 'utf8'));
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    throw new AppError('LEDGER_IMPORT_INVALID', { reason: 'cannot be read', systemCode: (thrown as NodeJS.ErrnoException).code ?? null });
  }
}

/** @throws LEDGER_IMPORT_INVALID */
export function readLedgerText(text: string): LedgerDocument {
  const value = parseJson(text);
  if (!documentCheck.Check(value)) return refuse('LEDGER_IMPORT_INVALID', { reason: value === undefined ? 'not JSON' : 'form', field: documentCheck.Errors(value).First()?.path ?? '' });
  if (new Set(value.bids.map(({ sealId }) => sealId)).size !== value.bids.length) refuse('LEDGER_IMPORT_INVALID', { reason: 'a bid occurs twice' });
  if (value.bids.some(({ openers, generations }) => generations && !isDeepStrictEqual(generations.at(-1)?.openers, openers))) return refuse('LEDGER_IMPORT_INVALID', { reason: 'openers are not those of the newest generation' });
  return value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
