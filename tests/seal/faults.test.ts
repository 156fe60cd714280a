/** Sealing that is killed, or meets a full disk or a foreign hand: never half a file or folder under a final name, and the next try works. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { openBid } from '../../src-main/sealing/open-bid.ts';
import { sealBid } from '../../src-main/sealing/seal-bid.ts';
import { verifyBid } from '../../src-main/sealing/verify-bid.ts';
import { bidOf, codeOf, makeFolder, makePeople, means, patterned, type SealFolder } from './support/seal-world.ts';

const child = fileURLToPath(new URL('support/seal-child.ts', import.meta.url));
const DOCUMENT = patterned(96 << 20);

/** @param limit kilobytes that a file may have */
function startSealing(own: SealFolder, source: string, limit: string) {
  const started = spawn('bash', ['-c', `ulimit -f ${limit}; exec "$@"`, 'bash', process.execPath, '--import', 'tsx', child, own.path(''), source], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  started.stdout.on('data', (data: Buffer) => (said += data.toString()));
  return { started, said: () => said };
}

const finalNames = async (own: SealFolder): Promise<string[]> => (await own.names()).filter((name) => name.startsWith('out'));

test('ok: killed half-way, no file has its final name, and sealing again works', async () => {
  const own = await makeFolder();
  const document = await own.document('a.pdf', DOCUMENT);
  const { started, said } = startSealing(own, document.path, 'unlimited');
  started.stdout.on('data', () => said().includes('half') && started.kill('SIGKILL'));
  const [, signal] = (await once(started, 'close')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  expect(await finalNames(own)).toEqual([]);
  expect((await own.names()).filter((name) => name.endsWith('.part')).length).toBe(2);
  await sealBid(bidOf(await makePeople(), { documents: [document], outPath: own.path('out.bid') }), means);
  await verifyBid(own.path('out.bid'), means);
  // The next sealing began anew and swept away what was left.
  expect(await own.names()).toEqual(['out.bid', 'source-0']);
  await own.dispose();
});

test('refuses: a disk that is full; nothing is left at all', async () => {
  const own = await makeFolder();
  const document = await own.document('a.pdf', DOCUMENT);
  const { started, said } = startSealing(own, document.path, String(24 << 10));
  expect(await once(started, 'close')).toEqual([0, null]);
  expect(said().trim().split('\n').at(-1)).toBe('SEAL_DISK_FULL');
  expect((await own.names()).filter((name) => name !== 'source-0')).toEqual([]);
  await own.dispose();
});

test('refuses: an opening whose unfinished folder somebody removes; no folder with some of the documents appears', async () => {
  const own = await makeFolder();
  const people = await makePeople();
  const documents = await Promise.all(Array.from({ length: 6 }, (_, i) => own.document(`${i}.pdf`, patterned(9_000_000))));
  await sealBid(bidOf(people, { documents, outPath: own.path('out.bid') }), means);
  let removed = false;
  const onProgress = () => {
    if (removed) return;
    removed = true;
    for (const name of readdirSync(own.path('')).filter((one) => one.endsWith('.part'))) rmSync(own.path(name), { recursive: true });
  };
  expect(await codeOf(openBid(own.path('out.bid'), { recipients: [people.openerSm2.recipient] }, own.path('opened'), means, { onProgress }))).toBe('SEAL_OUTPUT_FAILED');
  expect(removed).toBe(true);
  expect((await own.names()).filter((name) => name === 'opened' || name.endsWith('.part'))).toEqual([]);
  await own.dispose();
});

/** What a network file system answers to the flush of a folder. No such file system can be mounted here, so the answer is given by Node's own class. */
async function flushOfFoldersAnswers(code: string): Promise<void> {
  const handle = await open('.', 'r');
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const flush = prototype.sync;
  vi.spyOn(prototype, 'sync').mockImplementation(async function (this: FileHandle) {
    if (!(await this.stat()).isDirectory()) return flush.call(this);
    throw Object.assign(new Error(`${code}: fsync`), { code, syscall: 'fsync' });
  });
}

test('ok: a file system that flushes no folders keeps the bid; refuses: one whose flush fails, and then leaves neither bid nor backup', async () => {
  const own = await makeFolder();
  const people = await makePeople();
  const document = await own.document('a.pdf', patterned(1000));
  const sealTo = (name: string) => codeOf(sealBid(bidOf(people, { documents: [document], outPath: own.path(`${name}.bid`), backupPath: own.path(`${name}.backup`) }), means));
  try {
    await flushOfFoldersAnswers('EINVAL');
    expect(await sealTo('kept')).toBe('OK');
    vi.restoreAllMocks();
    await flushOfFoldersAnswers('EIO');
    expect(await sealTo('lost')).toBe('SEAL_OUTPUT_FAILED');
  } finally {
    vi.restoreAllMocks();
  }
  expect(await own.names()).toEqual(['kept.backup', 'kept.bid', 'source-0']);
  await own.dispose();
});
