/** Tests of opening-record.ts: what stands in the journal after a power cut. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { appendJournal, readJournal, type JournalLine } from './opening-record.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bidkey-journal-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const line = (serial: string): JournalLine => ({ key: { serial, holder: '招标人', usedAtUtc: '2026-08-01T01:00:00Z', opened: 1, shares: 0 } });
const serials = async (): Promise<string[]> => (await readJournal(folder)).map((one) => ('key' in one ? one.key.serial : ''));
const journal = (): string => join(folder, 'journal.jsonl');

it('ok: what is noted behind a torn line is read, however often the power went', async () => {
  await appendJournal(folder, line('K-1'));
  await writeFile(journal(), '{"bid":{"path":"/x', { flag: 'a' });
  await appendJournal(folder, line('K-2'));
  await appendJournal(folder, line('K-3'));
  // Cut in the middle of a character of three octets.
  await writeFile(journal(), Buffer.from('{"key":{"holder":"招').subarray(0, -1), { flag: 'a' });
  await appendJournal(folder, line('K-4'));
  expect(await serials()).toEqual(['K-1', 'K-2', 'K-3', 'K-4']);
});

it('ok: a whole line is not torn apart: no line is written twice, none is empty', async () => {
  for (const serial of ['K-1', 'K-2']) await appendJournal(folder, line(serial));
  expect((await readFile(journal(), 'utf8')).split('\n')).toEqual([JSON.stringify(line('K-1')), JSON.stringify(line('K-2')), '']);
});

it('ok: a line that is none of ours is left out, what follows is read', async () => {
  await appendJournal(folder, line('K-1'));
  await writeFile(journal(), '\u0000\u0000\n{"key":{"serial":1}}\n[]\n', { flag: 'a' });
  await appendJournal(folder, line('K-2'));
  expect(await serials()).toEqual(['K-1', 'K-2']);
});

it('ok: no journal yet is an empty one', async () => {
  expect(await serials()).toEqual([]);
});
