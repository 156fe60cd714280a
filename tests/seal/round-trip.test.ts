/** Bids are sealed, inspected, verified, rehearsed, opened, extracted from, backed up, re-wrapped and opened from afar: what goes in comes out, whatever sizes, suites and groups. */
import { appendFile, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { extractDocument } from '../../src-main/sealing/extract-document.ts';
import { openBid } from '../../src-main/sealing/open-bid.ts';
import { rehearseOpening } from '../../src-main/sealing/rehearse-opening.ts';
import { rewrapBid } from '../../src-main/sealing/rewrap-bid.ts';
import { makeTenderPackage, sealBid } from '../../src-main/sealing/seal-bid.ts';
import { inspectBid, withSealedFile } from '../../src-main/sealing/sealed-file.ts';
import { meansFor } from '../../src-main/sealing/sealing-means.ts';
import { unwrapShares } from '../../src-main/sealing/unwrap-shares.ts';
import { verifyBid } from '../../src-main/sealing/verify-bid.ts';
import { acceptAnswer, answerChallenge, makeChallenge } from '../../src-shared/seal/remote-share.ts';
import { opening, sm2Person } from '../../tools/generators/sealed-bid-vectors/seal-people.ts';
import { bidOf, codeOf, engine, makeFolder, makePeople, means, NOW, patterned, random, readBytes, type People, type SealFolder } from './support/seal-world.ts';

let people: People;
let folder: SealFolder;
beforeAll(async () => {
  people = await makePeople();
  folder = await makeFolder();
});
afterAll(() => folder.dispose());

const MIB = 1 << 20;
let made = 0;
const fresh = (): string => folder.path(`file-${made++}`);

describe('seal and open', () => {
  const sizes = [0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB + 5];
  for (const suite of ['sm', 'aes'] as const) {
    test(`ok: ${suite}, documents of ${sizes.join(', ')} octets`, async () => {
      const outPath = fresh();
      const contents = sizes.map(patterned);
      const documents = await Promise.all(contents.map((bytes, i) => folder.document(`技术部分/文件 ${i}.pdf`, bytes)));
      await sealBid(bidOf(people, { suite, documents, outPath }), means);
      await verifyBid(outPath, means);
      const opened = fresh();
      const { manifest, signatures } = await openBid(outPath, { recipients: [people.openerSm2.recipient] }, opened, means);
      expect(manifest.manifest.documents.map(({ size }) => size)).toEqual(sizes);
      expect(signatures.outer.certificateDer).toEqual(people.bidderSm2.certificateDer);
      for (const [i, bytes] of contents.entries()) expect(Buffer.from(await readBytes(`${opened}/技术部分/文件 ${i}.pdf`)).equals(bytes)).toBe(true);
      for (const [i, bytes] of contents.entries()) {
        const one = fresh();
        await extractDocument(outPath, { recipients: [people.openerSm2.recipient] }, `技术部分/文件 ${i}.pdf`, one, means);
        expect(Buffer.from(await readBytes(one)).equals(bytes)).toBe(true);
      }
    });
  }

  for (const size of sizes) {
    test(`ok: one document of ${size} octets`, async () => {
      const outPath = fresh();
      await sealBid(bidOf(people, { documents: [await folder.document('a.pdf', patterned(size))], outPath }), means);
      const opened = fresh();
      await openBid(outPath, { recipients: [people.openerSm2.recipient] }, opened, means);
      expect(Buffer.from(await readBytes(`${opened}/a.pdf`)).equals(patterned(size))).toBe(true);
    });
  }

  test('ok: small chunks over several batches, documents that run over their ends', async () => {
    const outPath = fresh();
    const contents = [patterned(9 * MIB + 77), patterned(0), patterned(10 * MIB + 3), patterned(5)];
    const documents = await Promise.all(contents.map((bytes, i) => folder.document(`${i}.bin`, bytes)));
    await sealBid(bidOf(people, { documents, outPath, chunkBits: 16 }), means);
    const opened = fresh();
    await openBid(outPath, { recipients: [people.openerSm2.recipient] }, opened, means);
    for (const [i, bytes] of contents.entries()) expect(Buffer.from(await readBytes(`${opened}/${i}.bin`)).equals(bytes)).toBe(true);
    expect((await verifyBid(outPath, means)).file.chunkCount).toBeGreaterThan(256);
  });

  test('ok: three groups, RSA and SM2 openers mixed; any one of each group opens, a missing group is named', async () => {
    const { openerSm2, openerRsa, secondSm2, tendererSm2 } = people;
    const outPath = fresh();
    const groups = [{ name: 'bidder', openers: [openerSm2.opener, openerRsa.opener] }, { name: 'tenderer', openers: [tendererSm2.opener] }, { name: 'platform', openers: [secondSm2.opener] }];
    await sealBid(bidOf(people, { suite: 'aes', signer: people.bidderRsa.signer, documents: [await folder.document('a.pdf', patterned(10))], outPath, groups }), means);
    for (const bidder of [openerSm2, openerRsa]) await openBid(outPath, { recipients: [secondSm2.recipient, bidder.recipient, tendererSm2.recipient] }, fresh(), means);
    await expect(openBid(outPath, { recipients: [secondSm2.recipient, openerRsa.recipient] }, fresh(), means)).rejects.toMatchObject({ code: 'SEAL_SHARE_MISSING', details: { group: 'tenderer' } });
    expect(await codeOf(openBid(outPath, { recipients: [people.stranger.recipient] }, fresh(), means))).toBe('SEAL_NOT_AN_OPENER');
    const wrongKey = { certificateDer: openerSm2.certificateDer, decrypt: people.stranger.recipient.decrypt };
    expect(await codeOf(openBid(outPath, { recipients: [wrongKey, tendererSm2.recipient, secondSm2.recipient] }, fresh(), means))).toBe('SEAL_UNWRAP_FAILED');
  });

  test('ok: inspection needs no key and names every opener', async () => {
    const outPath = fresh();
    await sealBid(bidOf(people, { documents: [await folder.document('a.pdf', patterned(10))], outPath }), means);
    const file = await inspectBid(outPath, means);
    expect(file).toMatchObject({ kind: 'sealed', suite: 'sm', bidId: 'B-2026-001', tenderId: 'T-2026-88', lot: '一标段', opensAtUtc: '2026-09-01T01:00:00.000Z', chunkCount: 1 });
    expect(file.groups[0]?.openers[0]).toMatchObject({ label: '杭州标钥科技有限公司', serialHex: '12', revocation: 'good', notAfterUtc: '2046-01-01T00:00:00.000Z' });
  });

  test('ok: backup has the same seal id and opens without a key; a tender package too', async () => {
    const [outPath, backupPath, tenderPath] = [fresh(), fresh(), fresh()];
    const documents = [await folder.document('a.pdf', patterned(2 * MIB + 9)), await folder.document('b.pdf', patterned(3))];
    await sealBid(bidOf(people, { documents, outPath, backupPath }), means);
    const [sealed, backup] = [await inspectBid(outPath, means), (await verifyBid(backupPath, means)).file];
    expect([backup.kind, backup.sealIdHex]).toEqual(['backup', sealed.sealIdHex]);
    const opened = fresh();
    await openBid(backupPath, { recipients: [] }, opened, means);
    expect(Buffer.from(await readBytes(`${opened}/a.pdf`)).equals(patterned(2 * MIB + 9))).toBe(true);
    const { groups: _groups, backupPath: _backup, ...tender } = bidOf(people, { documents, outPath: tenderPath });
    await makeTenderPackage(tender, means);
    expect((await verifyBid(tenderPath, means)).file.kind).toBe('tender');
  });

  test('refuses: openers that are revoked, not for encryption, or expire before the opening', async () => {
    const documents = [await folder.document('a.pdf', patterned(1))];
    const early = await sm2Person(opening('到期', '31', new Date('2026-08-20T00:00:00Z')), engine, random);
    for (const opener of [{ ...people.openerSm2.opener, revocation: 'revoked' as const }, people.bidderSm2.opener, early.opener]) {
      const outPath = fresh();
      expect(await codeOf(sealBid(bidOf(people, { documents, outPath, groups: [{ name: 'bidder', openers: [opener] }] }), means))).toBe('SEAL_OPENER_REFUSED');
    }
  });
});

describe('files', () => {
  test('refuses: a source that changes while it is sealed; nothing is left', async () => {
    const own = await makeFolder();
    const document = await own.document('a.pdf', patterned(20 * MIB));
    let changed: Promise<void> | null = null;
    const sealing = sealBid(bidOf(people, { documents: [document], outPath: own.path('out.bid'), backupPath: own.path('out.bak') }), means, { onProgress: () => void (changed ??= appendFile(document.path, 'x')) });
    await expect(sealing).rejects.toMatchObject({ code: 'SEAL_SOURCE_CHANGED', details: { name: 'a.pdf' } });
    await changed;
    expect(await own.names()).toEqual(['source-0']);
    const short = await own.document('b.pdf', patterned(20 * MIB));
    let cut: Promise<void> | null = null;
    expect(await codeOf(sealBid(bidOf(people, { documents: [short], outPath: own.path('out.bid') }), means, { onProgress: () => void (cut ??= truncate(short.path, 5)) }))).toBe('SEAL_SOURCE_CHANGED');
    await own.dispose();
  });

  test('refuses: an output that exists, a folder that is not empty; cancelled work leaves nothing', async () => {
    const own = await makeFolder();
    const document = await own.document('a.pdf', patterned(18 * MIB));
    const outPath = own.path('out.bid');
    await writeFile(outPath, 'mine');
    expect(await codeOf(sealBid(bidOf(people, { documents: [document], outPath }), means))).toBe('SEAL_OUTPUT_EXISTS');
    expect(await readFile(outPath, 'utf8')).toBe('mine');
    const stop = new AbortController();
    expect(await codeOf(sealBid(bidOf(people, { documents: [document], outPath: own.path('b.bid') }), means, { signal: stop.signal, onProgress: () => stop.abort() }))).toBe('CANCELLED');
    await sealBid(bidOf(people, { documents: [document], outPath: own.path('c.bid') }), means);
    await mkdir(own.path('full'));
    await writeFile(own.path('full/x'), '');
    expect(await codeOf(openBid(own.path('c.bid'), { recipients: [people.openerSm2.recipient] }, own.path('full'), means))).toBe('SEAL_OUTPUT_EXISTS');
    expect(await readdir(own.path('full'))).toEqual(['x']);
    expect(await own.names()).toEqual(['c.bid', 'full', 'out.bid', 'source-0']);
    await own.dispose();
  });
});

describe('later', () => {
  test('ok: rehearsal says which keys open and which groups are missing', async () => {
    const outPath = fresh();
    const groups = [{ name: 'bidder', openers: [people.openerSm2.opener] }, { name: 'tenderer', openers: [people.tendererSm2.opener] }];
    await sealBid(bidOf(people, { documents: [await folder.document('a.pdf', patterned(3 * MIB))], outPath, groups }), means);
    const alone = await rehearseOpening(outPath, [people.openerSm2.recipient, people.stranger.recipient], means);
    expect([alone.opened, alone.missingGroups, alone.keys.map(({ group, refusal }) => [group, refusal])]).toEqual([false, ['tenderer'], [['bidder', null], [null, 'SEAL_NOT_AN_OPENER']]]);
    expect((await rehearseOpening(outPath, [people.openerSm2.recipient, people.tendererSm2.recipient], means)).opened).toBe(true);
  });

  test('ok: with the ticket a bidder tries header, first and last chunk alone; after a re-wrap too, and by the new key', async () => {
    const [outPath, ticketPath, rewrapped] = [fresh(), fresh(), fresh()];
    const groups = [{ name: 'platform', openers: [people.stranger.opener] }, { name: 'bidder', openers: [people.openerSm2.opener, people.openerRsa.opener] }, { name: 'tenderer', openers: [people.tendererSm2.opener] }];
    const documents = [await folder.document('a.pdf', patterned(3 * MIB))];
    expect((await sealBid(bidOf(people, { documents, outPath, groups, ticket: { group: 'bidder', path: ticketPath } }), means)).ticketMade).toBe(true);
    const ticket = await readBytes(ticketPath);
    for (const { recipient } of [people.openerSm2, people.openerRsa]) {
      expect(await rehearseOpening(outPath, [recipient], means, { ticket })).toMatchObject({ opened: true, keys: [{ group: 'bidder', refusal: null }], missingGroups: ['platform', 'tenderer'], groupsByTicket: ['platform', 'tenderer'] });
    }
    // Of no use to others, nor for an opening.
    expect(await rehearseOpening(outPath, [people.tendererSm2.recipient], means, { ticket })).toMatchObject({ opened: false, groupsByTicket: [], missingGroups: ['platform', 'bidder'] });
    expect(await rehearseOpening(outPath, [], means, { ticket })).toMatchObject({ opened: false });
    expect(await codeOf(openBid(outPath, { recipients: [people.openerSm2.recipient] }, fresh(), means))).toBe('SEAL_SHARE_MISSING');
    await rewrapBid({ path: outPath, outPath: rewrapped, opening: { recipients: [people.openerSm2.recipient, people.stranger.recipient, people.tendererSm2.recipient] }, changes: [{ group: 'bidder', add: [people.secondSm2.opener], remove: [] }], signer: people.bidderSm2.signer }, means);
    expect(await rehearseOpening(rewrapped, [people.secondSm2.recipient], means, { ticket })).toMatchObject({ opened: true });
    const alone = fresh();
    expect((await sealBid(bidOf(people, { documents, outPath: fresh(), ticket: { group: 'bidder', path: alone } }), means)).ticketMade).toBe(false);
    expect(await codeOf(readBytes(alone))).toBe('ENOENT');
  });

  test('refuses: a ticket of another bid, any flipped bit of one, none at all; a damaged chunk shows in a rehearsal', async () => {
    const groups = [{ name: 'bidder', openers: [people.openerSm2.opener] }, { name: 'tenderer', openers: [people.tendererSm2.opener] }];
    const documents = [await folder.document('a.pdf', patterned(5000))];
    const make = async () => {
      const [path, ticketPath] = [fresh(), fresh()];
      await sealBid(bidOf(people, { documents, outPath: path, groups, ticket: { group: 'bidder', path: ticketPath } }), means);
      return { path, ticket: await readBytes(ticketPath) };
    };
    const [one, other] = [await make(), await make()];
    const tryTicket = (ticket: Uint8Array) => codeOf(rehearseOpening(one.path, [people.openerSm2.recipient], means, { ticket }));
    expect([await tryTicket(one.ticket), await tryTicket(other.ticket), await tryTicket(new Uint8Array(0)), await tryTicket(new Uint8Array(5000))]).toEqual(['OK', 'SEAL_TICKET_INVALID', 'SEAL_TICKET_INVALID', 'SEAL_TICKET_INVALID']);
    for (let bit = 0; bit < one.ticket.length * 8; bit += 3) {
      const flipped = one.ticket.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      // Said to be for another group, it is for nobody here: then it is of no help, and nothing more.
      const code = await tryTicket(flipped);
      if (code === 'OK') expect(await rehearseOpening(one.path, [people.openerSm2.recipient], means, { ticket: flipped })).toMatchObject({ opened: false });
      else expect(code).toBe('SEAL_TICKET_INVALID');
    }
    const bytes = await readBytes(one.path);
    bytes[bytes.length - 3500] = (bytes[bytes.length - 3500] ?? 0) ^ 1;
    await writeFile(one.path, bytes);
    expect(await tryTicket(one.ticket)).toBe('SEAL_CHUNK_DAMAGED');
  });

  test('refuses: a wrong share is named by its group, in rehearsal, opening and afar, before the other group is there', async () => {
    const groups = [{ name: 'bidder', openers: [people.openerSm2.opener] }, { name: 'tenderer', openers: [people.tendererSm2.opener] }];
    const [one, other] = [fresh(), fresh()];
    for (const outPath of [one, other]) await sealBid(bidOf(people, { documents: [await folder.document('a.pdf', patterned(9))], outPath, groups }), means);
    const [share] = await unwrapShares(other, [people.tendererSm2.recipient], means);
    const wrong = { group: 1, share: share?.share ?? new Uint8Array(32) };
    const named = { code: 'SEAL_SHARE_WRONG', details: { group: 'tenderer' } };
    await expect(openBid(one, { recipients: [people.openerSm2.recipient], shares: [wrong] }, fresh(), means)).rejects.toMatchObject(named);
    await expect(openBid(one, { recipients: [], shares: [wrong] }, fresh(), means)).rejects.toMatchObject(named);
    await expect(rehearseOpening(one, [], means, { shares: [wrong] })).rejects.toMatchObject(named);
    for (const useless of [{ group: 7, share: wrong.share }, { group: 0, share: new Uint8Array(31) }]) expect(await codeOf(openBid(one, { recipients: [], shares: [useless] }, fresh(), means))).toBe('SEAL_SHARE_WRONG');
    const right = await unwrapShares(one, [people.openerSm2.recipient, people.tendererSm2.recipient], means);
    expect(right.map(({ group }) => group)).toEqual([0, 1]);
    await openBid(one, { recipients: [], shares: right }, fresh(), means);
  });

  test('ok: re-wrap to a new certificate, twice; payload stays, history verifies, removed key no longer opens', async () => {
    const [outPath, second, third, opened] = [fresh(), fresh(), fresh(), fresh()];
    await sealBid(bidOf(people, { documents: [await folder.document('a.pdf', patterned(MIB + 3))], outPath }), means);
    const opening_ = { recipients: [people.openerSm2.recipient] };
    const remove = [means.suites('sm').digest(people.openerSm2.certificateDer)];
    await rewrapBid({ path: outPath, outPath: second, opening: opening_, changes: [{ group: 'bidder', add: [people.openerRsa.opener], remove: [] }], signer: people.bidderSm2.signer }, means);
    await rewrapBid({ path: second, outPath: third, opening: opening_, changes: [{ group: 'bidder', add: [people.secondSm2.opener], remove }], signer: people.bidderRsa.signer }, means);
    const { signatures, file } = await verifyBid(third, means);
    expect([file.rewraps.length, signatures.history.length]).toEqual([2, 2]);
    expect(signatures.outer.certificateDer).toEqual(people.bidderRsa.certificateDer);
    expect(signatures.history[0]?.certificateDer).toEqual(people.bidderSm2.certificateDer);
    await openBid(third, { recipients: [people.secondSm2.recipient] }, opened, means);
    expect(Buffer.from(await readBytes(`${opened}/a.pdf`)).equals(patterned(MIB + 3))).toBe(true);
    expect(await codeOf(openBid(third, opening_, fresh(), means))).toBe('SEAL_NOT_AN_OPENER');
  });

  test('ok: an answer to the challenge of a hall opens the bid; replayed, late or for another bid it is refused', async () => {
    const { openerSm2, tendererSm2, stranger, openerRsa } = people;
    const [one, other] = [fresh(), fresh()];
    const groups = [{ name: 'bidder', openers: [openerSm2.opener] }, { name: 'tenderer', openers: [tendererSm2.opener] }];
    for (const outPath of [one, other]) await sealBid(bidOf(people, { documents: [await folder.document('a.pdf', patterned(9))], outPath, groups }), means);
    const bound = meansFor(means, 'sm');
    const header = await withSealedFile(one, means, async (file) => file.header);
    const times = { issuedAt: NOW, expiresAt: new Date(NOW.getTime() + 600_000) };
    for (const hall of [stranger, openerRsa]) {
      const challenge = await makeChallenge(header, { certificateDer: hall.certificateDer, signer: stranger.signer }, times, bound);
      const answer = await answerChallenge(challenge, header, { recipient: openerSm2.recipient, signer: people.bidderSm2.signer }, NOW, bound);
      const { group, share } = await acceptAnswer(answer, challenge, header, hall.recipient, NOW, bound);
      await openBid(one, { recipients: [tendererSm2.recipient], shares: [{ group, share }] }, fresh(), means);
      expect(await codeOf(openBid(other, { recipients: [tendererSm2.recipient], shares: [{ group, share }] }, fresh(), means))).toBe('SEAL_SHARE_WRONG');
      const again = await makeChallenge(header, { certificateDer: hall.certificateDer, signer: stranger.signer }, times, bound);
      expect(await codeOf(acceptAnswer(answer, again, header, hall.recipient, NOW, bound))).toBe('SEAL_ANSWER_INVALID');
      const late = new Date(NOW.getTime() + 601_000);
      expect(await codeOf(answerChallenge(challenge, header, { recipient: openerSm2.recipient, signer: people.bidderSm2.signer }, late, bound))).toBe('SEAL_CHALLENGE_EXPIRED');
      const elsewhere = await withSealedFile(other, means, async (file) => file.header);
      expect(await codeOf(answerChallenge(challenge, elsewhere, { recipient: openerSm2.recipient, signer: people.bidderSm2.signer }, NOW, bound))).toBe('SEAL_CHALLENGE_INVALID');
    }
  });
});
