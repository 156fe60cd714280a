/** How much is read, and what is left behind: rehearsals and inspections read little of a large bid, counted in octets; unfinished files of dead processes are swept, those of living ones are not. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { extractDocument } from '../../src-main/sealing/extract-document.ts';
import { openBid } from '../../src-main/sealing/open-bid.ts';
import { rehearseOpening } from '../../src-main/sealing/rehearse-opening.ts';
import { sealBid } from '../../src-main/sealing/seal-bid.ts';
import { inspectBid, withSealedFile } from '../../src-main/sealing/sealed-file.ts';
import { newPartName, sweepParts } from '../../src-main/sealing/sweep-parts.ts';
import { verifyBid } from '../../src-main/sealing/verify-bid.ts';
import { bidOf, makeFolder, makePeople, means, patterned, type People, type SealFolder } from './support/seal-world.ts';

const MIB = 1 << 20;
let people: People;
let folder: SealFolder;
beforeAll(async () => {
  [people, folder] = [await makePeople(), await makeFolder()];
  const documents = [await folder.document('first.pdf', patterned(MIB)), await folder.document('large.bin', patterned(40 * MIB))];
  await sealBid(bidOf(people, { documents, outPath: folder.path('large.bid') }), means);
});
afterAll(() => folder.dispose());

async function octetsRead(deed: (counting: typeof means) => Promise<unknown>): Promise<number> {
  let octets = 0;
  await deed({ ...means, onRead: (count) => void (octets += count) });
  return octets;
}

test('ok: inspection reads header and trailer, exactly', async () => {
  const { headerLength, trailerLength } = await withSealedFile(folder.path('large.bid'), means, async ({ layout }) => layout);
  expect(await octetsRead((counting) => inspectBid(folder.path('large.bid'), counting))).toBe(16 + headerLength + 32 + trailerLength + 12);
});

test('ok: a rehearsal reads less than 4 MiB of 41, a first document of 1 MiB little more than itself', async () => {
  const { size } = await stat(folder.path('large.bid'));
  const rehearsed = await octetsRead((counting) => rehearseOpening(folder.path('large.bid'), [people.openerSm2.recipient], counting));
  expect([rehearsed > MIB, rehearsed < 4 * MIB, size > 41 * MIB]).toEqual([true, true, true]);
  expect(await octetsRead((counting) => extractDocument(folder.path('large.bid'), { recipients: [people.openerSm2.recipient] }, 'first.pdf', folder.path('first.pdf'), counting))).toBeLessThan(4 * MIB);
  expect(await octetsRead((counting) => verifyBid(folder.path('large.bid'), counting))).toBe(size);
});

test('ok: what a killed process left is swept by the next deed in that folder; of living processes, other machines and other programs nothing is', async () => {
  const own = await makeFolder();
  const child = spawn(process.execPath, ['-e', '']);
  const ours = newPartName();
  const dead = ours.replace(`-${process.pid}-`, `-${child.pid ?? 0}-`);
  await once(child, 'close');
  const kept = [ours, dead.replace(/bidkey-........-/, 'bidkey-00000000-'), '.bidkey-notes.part', '.0123456789abcdef.part', dead.replace(/\.part$/, '.partial')];
  for (const name of [dead, ...kept]) await writeFile(own.path(name), 'x');
  await mkdir(own.path(dead.replace(/-([0-9a-f]{16})/, '-0123456789abcdef')));
  await writeFile(own.path(`${dead.replace(/-([0-9a-f]{16})/, '-0123456789abcdef')}/a.pdf`), 'x');
  await openBid(folder.path('large.bid'), { recipients: [people.openerSm2.recipient] }, own.path('opened'), means);
  expect(await own.names()).toEqual([...kept, 'opened'].sort());
  expect(await sweepParts(own.path('opened'))).toEqual([]);
  expect(await sweepParts(own.path('nowhere'))).toEqual([]);
  await own.dispose();
});
