/** The documented script opens RSA bids with Python and openssl alone, in both suites, and refuses what is not whole. */
import type { KeyObject } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sealBid } from '../../src-main/sealing/seal-bid.ts';
import { opening, rsaPerson, type Person } from '../../tools/generators/sealed-bid-vectors/seal-people.ts';
import { createScratch, type Scratch } from '../interop/tools.ts';
import { bidOf, makeFolder, makePeople, means, patterned, readBytes, type People, type SealFolder } from './support/seal-world.ts';

const script = fileURLToPath(new URL('../../docs/spec/open-with-openssl.py', import.meta.url));
const SIZES = [0, 5, (1 << 20) + 77];
let people: People;
let tenderer: Person;
let folder: SealFolder;
let scratch: Scratch;
const pemOf = ({ privateKey }: Person) => (privateKey as KeyObject).export({ type: 'pkcs8', format: 'pem' }).toString();

beforeAll(async () => {
  [people, folder, scratch, tenderer] = [await makePeople(), await makeFolder(), await createScratch(), await rsaPerson(opening('招标人', '41'))];
  await scratch.write('bidder.pem', pemOf(people.openerRsa));
  await scratch.write('tenderer.pem', pemOf(tenderer));
});
afterAll(async () => {
  await folder.dispose();
  await scratch.dispose();
});

const run = (bid: string, out: string, ...keys: string[]) => scratch.run('python3', [script, folder.path(bid), out, ...keys]);

for (const suite of ['aes', 'sm'] as const) {
  test(`ok: suite ${suite}, two groups, several chunks and documents; a missing key and a damaged octet are named`, async () => {
    const documents = await Promise.all(SIZES.map((size, i) => folder.document(`部分/${i}.bin`, patterned(size))));
    const groups = [{ name: 'bidder', openers: [people.openerSm2.opener, people.openerRsa.opener] }, { name: 'tenderer', openers: [tenderer.opener] }];
    await sealBid(bidOf(people, { suite, signer: people.bidderRsa.signer, documents, outPath: folder.path(`${suite}.bid`), groups, chunkBits: 16 }), means);
    expect(await run(`${suite}.bid`, `out-${suite}`, 'tenderer.pem', 'bidder.pem')).toEqual({ exitCode: 0, output: '' });
    for (const [i, size] of SIZES.entries()) expect(Buffer.from(await readBytes(scratch.path(`out-${suite}/部分/${i}.bin`))).equals(patterned(size))).toBe(true);
    expect(await run(`${suite}.bid`, 'out-alone', 'bidder.pem')).toMatchObject({ exitCode: 1, output: 'no key here opens for group tenderer\n' });
    const bytes = await readBytes(folder.path(`${suite}.bid`));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(folder.path('damaged.bid'), bytes);
    expect((await run('damaged.bid', 'out-damaged', 'tenderer.pem', 'bidder.pem')).output).toContain('chunk tree');
  });
}

test('ok: sixty lines at most, and of other programs openssl only', async () => {
  const text = await readFile(script, 'utf8');
  expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
  expect([...text.matchAll(/^(?:import|from) .*$/gm)].map(([line]) => line)).toEqual(['import hashlib, hmac, os, subprocess, sys, tempfile']);
});
