/** Tender packages: what goes in comes out, signed; descriptions that contradict their package are refused. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBid } from '../../src-main/sealing/open-bid.ts';
import { makeTenderPackage, sealBid, type MadeDocument } from '../../src-main/sealing/seal-bid.ts';
import { makeTender, readTender } from '../../src-main/sealing/tender-package.ts';
import { verifyBid } from '../../src-main/sealing/verify-bid.ts';
import { toUtf8 } from '../../src-shared/bytes/utf8.ts';
import { readTenderDescription, TENDER_MEDIA_TYPE, type TenderDescription } from '../../src-shared/seal/tender-description.ts';
import { bidOf, codeOf, makeFolder, makePeople, means, patterned, readBytes, type People, type SealFolder } from './support/seal-world.ts';

let people: People;
let folder: SealFolder;
beforeAll(async () => {
  [people, folder] = [await makePeople(), await makeFolder()];
});
afterAll(() => folder.dispose());

let made = 0;
const fresh = (): string => folder.path(`tender-${made++}`);
const OPENS_AT = '2026-09-01T01:00:00Z';
const DESCRIPTION: Omit<TenderDescription, 'format' | 'groups'> = {
  tenderId: 'T-2026-88', title: '道路施工', tenderer: '某市招标办', opensAtUtc: OPENS_AT, lots: [{ id: '一标段', title: '东段' }],
  parts: [
    { id: 'letter', title: '投标函', required: true, mediaTypes: ['application/pdf'], maxBytes: 50_000_000, maxFiles: 1, form: null },
    { id: 'price', title: '报价', required: true, mediaTypes: [], maxBytes: null, maxFiles: null, form: [{ id: 'sum', label: '总价', kind: 'amount', required: true, maxLength: null, min: 0, max: null, choices: [] }] },
  ],
};

test('ok: description, documents and openers of every group, in one signed package', async () => {
  const outPath = fresh();
  const documents = [await folder.document('图纸/总图.dwg', patterned(2_500_000))];
  const groups = [{ name: '招标人/一', certificates: [people.tendererSm2.certificateDer, people.openerRsa.certificateDer] }, { name: 'hall', certificates: [people.secondSm2.certificateDer] }];
  await makeTender({ suite: 'sm', description: DESCRIPTION, groups, documents, signer: people.bidderSm2.signer, outPath }, means);
  await verifyBid(outPath, means);
  const tender = await readTender(outPath, means);
  expect(tender.groups).toEqual(groups);
  expect(tender.description).toMatchObject({ ...DESCRIPTION, groups: [{ name: '招标人/一', openers: ['openers/1/1.cer', 'openers/1/2.cer'] }, { name: 'hall', openers: ['openers/2/1.cer'] }] });
  expect(tender.signatures.outer.certificateDer).toEqual(people.bidderSm2.certificateDer);
  const opened = fresh();
  await openBid(outPath, { recipients: [] }, opened, means);
  expect(Buffer.from(await readBytes(`${opened}/图纸/总图.dwg`)).equals(patterned(2_500_000))).toBe(true);
  expect(await readBytes(`${opened}/openers/1/2.cer`)).toEqual(people.openerRsa.certificateDer);
});

test('refuses: openers that are not for encryption, expire before the opening, or stand twice', async () => {
  const make = (certificates: readonly Uint8Array[]) => codeOf(makeTender({ suite: 'sm', description: DESCRIPTION, groups: [{ name: 'tenderer', certificates }], documents: [], signer: people.bidderSm2.signer, outPath: fresh() }, means));
  expect(await make([people.bidderSm2.certificateDer])).toBe('SEAL_OPENER_REFUSED');
  expect(await make([people.tendererSm2.certificateDer])).toBe('OK');
  expect(await make([people.tendererSm2.certificateDer, people.tendererSm2.certificateDer])).toBe('SEAL_OPENER_DUPLICATE');
});

test('refuses: packages whose description is missing, second, of another tender or time, or names openers that are not there', async () => {
  const full = { format: 'bidkey-tender-1', ...DESCRIPTION, groups: [] };
  const json = (value: unknown): MadeDocument => ({ name: 'tender.json', mediaType: TENDER_MEDIA_TYPE, bytes: toUtf8(JSON.stringify(value)) });
  const other: MadeDocument = { name: 'a.txt', mediaType: 'text/plain', bytes: toUtf8('a') };
  const packages: readonly (readonly MadeDocument[])[] = [
    [other], [other, json(full)], [{ ...json(full), mediaType: 'application/json' }], [json({ ...full, tenderId: 'T-1' })], [json({ ...full, opensAtUtc: null })], [json({ ...full, opensAtUtc: '2026-09-01T01:00:01Z' })],
    [json({ ...full, groups: [{ name: 'tenderer', openers: ['openers/1/1.cer'] }] })], [json({ ...full, groups: [{ name: 'tenderer', openers: ['../x'] }] })], [{ ...json(full), bytes: toUtf8('{') }],
  ];
  const codeFor = async (documents: readonly MadeDocument[]) => {
    const { groups: _groups, backupPath: _backup, ...tender } = bidOf(people, { documents: [], outPath: fresh() });
    await makeTenderPackage({ ...tender, documents, identity: { ...tender.identity, bidId: '', lot: '' } }, means);
    return codeOf(readTender(tender.outPath, means));
  };
  expect(await codeFor([json(full)])).toBe('OK');
  const certificate = (name: string): MadeDocument => ({ name, mediaType: 'application/pkix-cert', bytes: people.tendererSm2.certificateDer });
  const groups = ['a', 'b'].map((name, i) => ({ name, openers: [`openers/${i + 1}/1.cer`] }));
  expect(await codeFor([json({ ...full, groups }), certificate('openers/1/1.cer'), certificate('openers/2/1.cer')])).toBe('SEAL_TENDER_MALFORMED');
  for (const documents of packages) expect(await codeFor(documents)).toBe('SEAL_TENDER_MALFORMED');
  const bid = fresh();
  await sealBid(bidOf(people, { documents: [other], outPath: bid, backupPath: `${bid}.bak` }), means);
  for (const path of [bid, `${bid}.bak`]) expect(await codeOf(readTender(path, means))).toBe('SEAL_TENDER_MALFORMED');
});

/** As a person reads them they are the bidder's. */
const BIDDERS_NAMES = ['bidder', 'Bidder', 'BIDDER', 'ｂｉｄｄｅｒ', 'b\u0131dder', 'bid der'];

test('refuses: a package whose group takes the bidder’s name, made or read; the same name twice in another spelling', async () => {
  const make = (...names: string[]) => codeOf(makeTender({ suite: 'sm', description: DESCRIPTION, groups: names.map((name, i) => ({ name, certificates: [[people.tendererSm2, people.secondSm2][i]?.certificateDer ?? expect.unreachable()] })), documents: [], signer: people.bidderSm2.signer, outPath: fresh() }, means));
  const read = async (...names: string[]) => {
    const { groups: _groups, backupPath: _backup, ...tender } = bidOf(people, { documents: [], outPath: fresh() });
    const groups = names.map((name, i) => ({ name, openers: [`openers/${i + 1}/1.cer`] }));
    const documents: MadeDocument[] = [
      { name: 'tender.json', mediaType: TENDER_MEDIA_TYPE, bytes: toUtf8(JSON.stringify({ format: 'bidkey-tender-1', ...DESCRIPTION, groups })) },
      ...groups.map(({ openers: [name = ''] }, i) => ({ name, mediaType: 'application/pkix-cert', bytes: [people.tendererSm2, people.secondSm2][i]?.certificateDer ?? expect.unreachable() })),
    ];
    await makeTenderPackage({ ...tender, documents, identity: { ...tender.identity, bidId: '', lot: '' } }, means);
    return codeOf(readTender(tender.outPath, means));
  };
  for (const deed of [make, read]) {
    expect(await deed('tenderer', 'platform')).toBe('OK');
    for (const name of BIDDERS_NAMES) expect([name, await deed('tenderer', name)]).toEqual([name, 'SEAL_TENDER_MALFORMED']);
    expect(await deed('tenderer', 'Tenderer')).toBe('SEAL_TENDER_MALFORMED');
  }
});

test('refuses: what is wrong inside a description; later members are ignored', () => {
  const read = (change: object) => () => readTenderDescription(toUtf8(JSON.stringify({ format: 'bidkey-tender-1', ...DESCRIPTION, groups: [], ...change })));
  const [letter, price] = DESCRIPTION.parts;
  expect(read({ addedLater: 1 })()).toMatchObject({ tenderId: 'T-2026-88' });
  for (const change of [
    { format: 'bidkey-tender-2' }, { tenderId: '' }, { tenderId: 'T\n1' }, { tenderId: 'e\u0301' }, { opensAtUtc: '2026-02-30T01:00:00Z' }, { opensAtUtc: '2026-09-01' }, { parts: [letter, letter] }, { parts: [{ ...letter, id: '../a' }] },
    { parts: [{ ...price, form: [{ ...price?.form?.[0], kind: 'choice' }] }] }, { parts: [{ ...price, form: [] }] }, { lots: [{ id: 'a', title: '' }, { id: 'a', title: '' }] }, { groups: [{ name: 'x', openers: [] }] }, { title: 5 },
  ]) expect(read(change)).toThrow(expect.objectContaining({ code: 'SEAL_TENDER_MALFORMED' }));
  expect(() => readTenderDescription(new Uint8Array(5 << 20))).toThrow(expect.objectContaining({ code: 'SEAL_TENDER_MALFORMED' }));
});
