/** A file that was looked at is the only one that is opened, answered for or asked about: whatever lies under its name by then is refused. */
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBid } from '../../src-main/sealing/open-bid.ts';
import { acceptShareAnswer, answerShareChallenge, makeShareChallenge, readShareChallenge } from '../../src-main/sealing/remote-opening.ts';
import { rewrapBid } from '../../src-main/sealing/rewrap-bid.ts';
import { sealBid } from '../../src-main/sealing/seal-bid.ts';
import { inspectBid, type KnownFile } from '../../src-main/sealing/sealed-file.ts';
import { unwrapShares } from '../../src-main/sealing/unwrap-shares.ts';
import { bidOf, codeOf, makeFolder, makePeople, means, patterned, readBytes, type People, type SealFolder } from './support/seal-world.ts';

let people: People;
let folder: SealFolder;
let path: string;
let known: KnownFile;
beforeAll(async () => {
  [people, folder] = await Promise.all([makePeople(), makeFolder()]);
  path = folder.path('a.bid');
  await sealBid(bidOf(people, { documents: [await folder.document('报价.pdf', patterned(5_000))], outPath: path }), means);
  known = { path, ...await inspectBid(path, means) };
});
afterAll(() => folder?.dispose());

let made = 0;
const open = (bid: KnownFile | string) => codeOf(openBid(bid, { recipients: [people.openerSm2.recipient] }, folder.path(`opened-${++made}`), means));
/** The name with another content, for the time of the deed. */
async function withContent(content: Uint8Array, deed: () => Promise<void>): Promise<void> {
  const before = await readBytes(path);
  await writeFile(path, content);
  await deed();
  await writeFile(path, before);
}
async function other(): Promise<Uint8Array> {
  const outPath = folder.path(`other-${++made}.bid`);
  await sealBid(bidOf(people, { documents: [await folder.document('报价.pdf', patterned(5_000))], outPath }), means);
  return readFile(outPath);
}

describe('a known file', () => {
  it('ok: the very file opens, a copy of it too', async () => {
    expect(await open(known)).toBe('OK');
    await writeFile(folder.path('copy.bid'), await readBytes(path));
    expect(await open({ ...known, path: folder.path('copy.bid') })).toBe('OK');
  });

  it('refuses: another bid under its name, for every deed with a key', async () => {
    const hall = { certificateDer: people.tendererSm2.opener.certificateDer, signer: people.bidderSm2.signer };
    await withContent(await other(), async () => {
      expect(await open(path)).toBe('OK');
      const challenge = await makeShareChallenge(path, hall, 60_000, means);
      const opener = { recipient: people.openerSm2.recipient, signer: people.bidderSm2.signer };
      const answer = await answerShareChallenge(path, challenge, opener, means);
      expect(await Promise.all([
        open(known), codeOf(unwrapShares(known, [people.openerSm2.recipient], means)), codeOf(makeShareChallenge(known, hall, 60_000, means)), codeOf(readShareChallenge(known, challenge, means)),
        codeOf(answerShareChallenge(known, challenge, opener, means)), codeOf(acceptShareAnswer(known, answer, challenge, [people.tendererSm2.recipient], means)),
      ])).toEqual(Array(6).fill('SEAL_FILE_REPLACED'));
    });
  });

  it('refuses: the same bid for other openers: who may open is part of what was looked at', async () => {
    const outPath = folder.path('rewrapped.bid');
    await rewrapBid({ path, outPath, opening: { recipients: [people.openerSm2.recipient] }, changes: [{ group: 'bidder', add: [people.secondSm2.opener], remove: [] }], signer: people.bidderSm2.signer }, means);
    await withContent(await readFile(outPath), async () => expect(await open(known)).toBe('SEAL_FILE_REPLACED'));
  });

  it('refuses: what is no bid any more, or cut off', async () => {
    const bytes = await readBytes(path);
    for (const content of [bytes.subarray(0, bytes.length - 1), new Uint8Array(0), new TextEncoder().encode('nothing of ours, and long enough for a prelude')]) {
      await withContent(content, async () => {
        expect(await open(known)).toBe('SEAL_FILE_REPLACED');
        expect(await open(path)).toMatch(/^SEAL_(LENGTH|NOT_OURS|TRAILER_MALFORMED)$/);
      });
    }
  });

  it('refuses: a file that is not there as unreadable, which says nothing of another one', async () => {
    expect(await open({ ...known, path: folder.path('nothing.bid') })).toBe('SEAL_SOURCE_UNREADABLE');
  });

  it('refuses: a payload of another root under the same header', async () => {
    expect(await open({ ...known, rootHex: known.rootHex.replace(/^../, (octet) => (octet === '00' ? '01' : '00')) })).toBe('SEAL_FILE_REPLACED');
  });
});
