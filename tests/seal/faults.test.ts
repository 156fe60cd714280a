/** Sealing that is killed, or meets a full disk: never half a file under a final name, and the next try works. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { sealBid } from '../../src-main/sealing/seal-bid.ts';
import { verifyBid } from '../../src-main/sealing/verify-bid.ts';
import { bidOf, makeFolder, makePeople, means, patterned, type SealFolder } from './support/seal-world.ts';

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
