/** Whatever is changed in a sealed bid, backup or message is refused by a code of the table, and nothing is written. Hostile headers, manifests, trailers and names end in such codes too. */
import { appendFile, copyFile, truncate, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBid } from '../../src-main/sealing/open-bid.ts';
import { rewrapBid } from '../../src-main/sealing/rewrap-bid.ts';
import { sealBid } from '../../src-main/sealing/seal-bid.ts';
import { inspectBid, withSealedFile } from '../../src-main/sealing/sealed-file.ts';
import { verifyBid } from '../../src-main/sealing/verify-bid.ts';
import { checkNames } from '../../src-shared/seal/document-name.ts';
import { readManifest } from '../../src-shared/seal/manifest.ts';
import { readHeader, writeHeader } from '../../src-shared/seal/seal-header.ts';
import { readTrailer, writeTrailer } from '../../src-shared/seal/seal-trailer.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { bidOf, codeOf, makeFolder, makePeople, means, patterned, readBytes, type People, type SealFolder } from './support/seal-world.ts';

let people: People;
let folder: SealFolder;
let sealed: Uint8Array;
let backup: Uint8Array;
beforeAll(async () => {
  people = await makePeople();
  folder = await makeFolder();
  const documents = [await folder.document('报价.pdf', patterned(9000)), await folder.document('b.pdf', patterned(3))];
  await sealBid(bidOf(people, { documents, outPath: folder.path('good.bid'), backupPath: folder.path('good.bak'), chunkBits: 12, groups: [{ name: 'bidder', openers: [people.openerSm2.opener, people.openerRsa.opener] }] }), means);
  [sealed, backup] = [await readBytes(folder.path('good.bid')), await readBytes(folder.path('good.bak'))];
});
afterAll(() => folder.dispose());

let tried = 0;
async function tryBytes(bytes: Uint8Array): Promise<readonly string[]> {
  const path = folder.path(`tried-${tried}`);
  await writeFile(path, bytes);
  return [await codeOf(openBid(path, { recipients: [people.openerSm2.recipient] }, folder.path(`opened-${tried++}`), means)), await codeOf(verifyBid(path, means))];
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

test('refuses: any flipped bit of a sealed bid, opened or only verified', async () => {
  expect(await tryBytes(sealed)).toEqual(['OK', 'OK']);
  await fc.assert(fc.asyncProperty(fc.nat(8 * sealed.length - 1), async (bit) => {
    for (const code of await tryBytes(flipped(sealed, bit))) expect(code).toMatch(/^SEAL_/);
  }), { numRuns: 400 });
}, 60_000);

test('refuses: any flipped bit of a backup', async () => {
  expect(await tryBytes(backup)).toEqual(['OK', 'OK']);
  await fc.assert(fc.asyncProperty(fc.nat(8 * backup.length - 1), async (bit) => {
    for (const code of await tryBytes(flipped(backup, bit))) expect(code).toMatch(/^SEAL_/);
  }), { numRuns: 200 });
}, 60_000);

test('refuses: any flipped bit of a bid that was re-wrapped, its history included', async () => {
  await rewrapBid({ path: folder.path('good.bid'), outPath: folder.path('rewrapped.bid'), opening: { recipients: [people.openerSm2.recipient] }, changes: [{ group: 'bidder', add: [people.secondSm2.opener], remove: [] }], signer: people.bidderRsa.signer }, means);
  const rewrapped = await readBytes(folder.path('rewrapped.bid'));
  expect(await tryBytes(rewrapped)).toEqual(['OK', 'OK']);
  await fc.assert(fc.asyncProperty(fc.nat(8 * rewrapped.length - 1), async (bit) => {
    for (const code of await tryBytes(flipped(rewrapped, bit))) expect(code).toMatch(/^SEAL_/);
  }), { numRuns: 200 });
}, 60_000);

test('refuses: every bit of prelude and footer', async () => {
  const ends = [...Array(16 * 8).keys(), ...Array.from({ length: 12 * 8 }, (_, i) => 8 * sealed.length - 1 - i)];
  for (const bit of ends) for (const code of await tryBytes(flipped(sealed, bit))) expect(code).toMatch(/^SEAL_/);
});

test('refuses: any truncation and any appended octets; nothing is written', async () => {
  await fc.assert(fc.asyncProperty(fc.nat(sealed.length - 1), async (length) => {
    for (const code of await tryBytes(sealed.subarray(0, length))) expect(code).toMatch(/^SEAL_/);
  }), { numRuns: 100 });
  await copyFile(folder.path('good.bid'), folder.path('longer.bid'));
  await appendFile(folder.path('longer.bid'), 'x');
  expect(await codeOf(inspectBid(folder.path('longer.bid'), means))).toBe('SEAL_LENGTH');
  await truncate(folder.path('longer.bid'), sealed.length - 1);
  expect(await codeOf(inspectBid(folder.path('longer.bid'), means))).toBe('SEAL_LENGTH');
  expect((await folder.names()).filter((name) => name.endsWith('.part'))).toEqual([]);
});

const refusal = (read: () => unknown): string => {
  try {
    read();
    return 'OK';
  } catch (thrown) {
    return thrown instanceof AppError ? thrown.code : `unexpected: ${String(thrown)}`;
  }
};

test('refuses or reads exactly: headers and trailers with octets changed, cut and put in', async () => {
  const { headerDer, trailerDer } = await withSealedFile(folder.path('good.bid'), means, async ({ header, trailer }) => ({ headerDer: writeHeader(header), trailerDer: writeTrailer(trailer) }));
  const hostile = (good: Uint8Array) => fc.tuple(fc.nat(good.length - 1), fc.nat(8), fc.uint8Array({ maxLength: 8 })).map(([at, cut, put]) => new Uint8Array(Buffer.concat([good.subarray(0, at), put, good.subarray(at + cut)])));
  fc.assert(fc.property(hostile(headerDer), (der) => {
    const code = refusal(() => expect(writeHeader(readHeader(der))).toEqual(der));
    expect(code).toMatch(/^(?:SEAL_|OK$)/);
  }), { numRuns: 1500 });
  fc.assert(fc.property(hostile(trailerDer), (der) => {
    expect(refusal(() => expect(writeTrailer(readTrailer(der))).toEqual(der))).toMatch(/^(?:SEAL_|OK$)/);
  }), { numRuns: 500 });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (der) => {
    expect(refusal(() => readHeader(der))).toMatch(/^SEAL_/);
    expect(refusal(() => readManifest(der))).toMatch(/^SEAL_/);
  }), { numRuns: 500 });
});

test('refuses or allows by name, never otherwise: any text as a name of a document', () => {
  fc.assert(fc.property(fc.array(fc.oneof(fc.string({ unit: 'binary', maxLength: 12 }), fc.constantFrom('a', 'A', '../x', 'con', 'é', 'e\u0301', 'a/b', '文件.pdf')), { maxLength: 4 }), (names) => {
    expect(['OK', 'SEAL_NAME_REFUSED', 'SEAL_NAME_DUPLICATE']).toContain(refusal(() => checkNames(names)));
  }), { numRuns: 1000 });
});
