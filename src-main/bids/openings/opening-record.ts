/**
 * An opening session on the disk: `opening.json` is written when the session is made and when it ends; in between every bid that is settled, or that waits with an
 * error, becomes one line of `journal.jsonl`, flushed before the next bid begins, so that a killed program goes on behind the last bid that was opened. Shares are never written.
 */
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import { Nullable, Type, strictObject, type Static } from '#shared/contract/schema.ts';
import { Opening, OpeningBid } from '#shared/contract/desktop/openings.ts';

const { name, folder, outFolder, transcript, keys, challengeFolder } = Opening.properties;

export const OpeningRecord = strictObject({
  version: Type.Literal(1), id: Type.String(), createdAtUtc: Type.String(), updatedAtUtc: Type.String(), revision: Type.Integer(),
  name, folder, outFolder, transcript, keys, challengeFolder, challenges: Type.Array(strictObject({ sealIdHex: Type.String(), file: Type.String(), expiresAtUtc: Type.String() })),
  answers: Type.Array(Type.String({ description: 'files in the folder `answers`' })), bids: Nullable(Type.Array(OpeningBid)),
});
export type OpeningRecord = Static<typeof OpeningRecord>;

const JOURNAL = 'journal.jsonl';

/** One key at work. A run without an end was interrupted: the program was killed, or the power went. */
export const SessionRun = strictObject({ id: Type.String(), serial: Type.String(), holder: Type.String(), beganAtUtc: Type.String() });
export type SessionRun = Static<typeof SessionRun>;

/** One bid as it stands now; a bid whose folder gets its name next, as it will stand then; beginning and end of a run; or one used key. */
export const JournalLine = Type.Union([
  strictObject({ bid: OpeningBid }), strictObject({ naming: OpeningBid }), strictObject({ began: SessionRun }), strictObject({ ended: Type.String() }), strictObject({ key: Opening.properties.keys.items }),
]);
export type JournalLine = Static<typeof JournalLine>;

/** Behind a line that a power cut left half begins a new one, or the whole line would be lost with the half one. */
export async function appendJournal(sessionFolder: string, line: JournalLine, flushed = true): Promise<void> {
  const file = await open(join(sessionFolder, JOURNAL), 'a+', 0o600);
  try {
    await file.appendFile(`${(await endsWhole(file)) ? '' : '\n'}${JSON.stringify(line)}\n`);
    if (flushed) await file.datasync();
  } finally {
    await file.close();
  }
}

async function endsWhole(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  await file.read(last, 0, 1, size - 1);
  return last.toString('latin1') === '\n';
}

/** A line that a power cut left half, or that is none of ours, is left out; what stands behind it was noted afterwards and counts. */
export async function readJournal(sessionFolder: string): Promise<JournalLine[]> {
  const text = await readFile(join(sessionFolder, JOURNAL), 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return '';
    throw thrown;
  });
  const lines: JournalLine[] = [];
  for (const line of text.split('\n')) {
    const value = parseLine(line);
    if (value !== null) lines.push(value);
  }
  return lines;
}

function parseLine(line: string): JournalLine | null {
  try {
    const value: unknown = JSON.parse(line);
    return Value.Check(JournalLine, value) ? value : null;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}
