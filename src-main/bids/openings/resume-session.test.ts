/** Tests of resume-session.ts: what a journal and the folders beside it say after a kill. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { OpeningBid } from '#shared/contract/desktop/openings.ts';
import { appendJournal, type SessionRun } from './opening-record.ts';
import { resumeSession } from './resume-session.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bidkey-resume-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const opened = (name: string, sizeBytes = 3): OpeningBid => ({
  path: `/bids/${name}.bid`, name: `${name}.bid`, state: 'opened', sealIdHex: 'aa'.repeat(16), bidId: '', tenderId: '', lot: '', sealedAtUtc: null, opensAtUtc: null, sizeBytes: 9, rootHex: 'bb'.repeat(32), headerDigestHex: 'cc'.repeat(32), doneBytes: 9, totalBytes: 9,
  groups: [], bidder: null, outFolder: join(folder, name), documents: [{ name: 'a/b.pdf', sizeBytes, digestHex: 'dd'.repeat(32) }], openedAtUtc: '2026-08-01T01:00:00Z', milliseconds: null, error: null,
});
async function stands(name: string, content = 'abc'): Promise<void> {
  await mkdir(join(folder, name, 'a'), { recursive: true });
  await writeFile(join(folder, name, 'a', 'b.pdf'), content);
}
const run = (id: string): SessionRun => ({ id, serial: `K-${id}`, holder: '招标人', beganAtUtc: '2026-08-01T01:00:00Z' });

it('ok: a bid whose folder has its name counts as opened, once, though it was not noted', async () => {
  await stands('one');
  // Tried twice: killed before the name, then after it.
  for (const openedAtUtc of ['2026-08-01T01:00:00Z', '2026-08-01T02:00:00Z']) await appendJournal(folder, { naming: { ...opened('one'), openedAtUtc } });
  const { adopted, noted } = await resumeSession(folder);
  expect(adopted.map(({ name, openedAtUtc }) => [name, openedAtUtc])).toEqual([['one.bid', '2026-08-01T02:00:00Z']]);
  expect(noted).toEqual(adopted);
  await appendJournal(folder, { bid: opened('one') });
  expect((await resumeSession(folder)).adopted).toEqual([]);
});

it('ok: a bid whose folder is not there, or is not its own, is still to be opened', async () => {
  await stands('other size', 'abcd');
  await mkdir(join(folder, 'empty'));
  await writeFile(join(folder, 'a file'), 'x');
  for (const name of ['not there', 'other size', 'empty', 'a file']) await appendJournal(folder, { naming: opened(name) });
  expect(await resumeSession(folder)).toEqual({ noted: [], adopted: [], interrupted: [] });
});

it('ok: runs that never ended were interrupted', async () => {
  await appendJournal(folder, { began: run('1') });
  await appendJournal(folder, { ended: '1' });
  await appendJournal(folder, { began: run('2') });
  await appendJournal(folder, { began: run('3') });
  await appendJournal(folder, { ended: '3' });
  expect((await resumeSession(folder)).interrupted).toEqual([run('2')]);
});
