/** What goes wrong in the middle of an opening session, with software keys: a fault of one bid keeps no other shut, a fault of the key or of a stick settles nothing. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpeningBid } from '#shared/contract/desktop/openings.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { ErrorCode } from '#shared/errors/error-table.ts';
import type { EnvelopeRecipient } from '#shared/cms/envelope.ts';
import { toHex } from '#shared/bytes/hex.ts';
import { readEnvelopedData } from '#shared/cms/enveloped-data.ts';
import { describeBid } from '../../src-main/bids/openings/find-bids.ts';
import type { OpeningRecord } from '../../src-main/bids/openings/opening-record.ts';
import { acceptAnswers, makeChallenges } from '../../src-main/bids/openings/remote-answers.ts';
import { runKey, type HeldShares, type TriedOpeners } from '../../src-main/bids/openings/run-key.ts';
import { identityOf } from '../../src-main/bids/openings/session-bids.ts';
import { answerShareChallenge, makeShareChallenge } from '../../src-main/sealing/remote-opening.ts';
import { sealBid, type BidToSeal } from '../../src-main/sealing/seal-bid.ts';
import { withSealedFile } from '../../src-main/sealing/sealed-file.ts';
import { meansFor } from '../../src-main/sealing/sealing-means.ts';
import { bidOf, makeFolder, makePeople, means, patterned, type People, type SealFolder } from '../seal/support/seal-world.ts';

let people: People;
let folder: SealFolder;
beforeAll(async () => {
  [people, folder] = await Promise.all([makePeople(), makeFolder()]);
});
afterAll(() => folder?.dispose());

let made = 0;
/** So many bids in a folder of their own, scanned. */
async function bidsIn(count: number, changes: Partial<BidToSeal> = {}): Promise<{ folder: string; bids: OpeningBid[] }> {
  const place = folder.path(`session-${++made}`);
  await mkdir(place);
  const bids: OpeningBid[] = [];
  for (let n = 1; n <= count; n++) bids.push(await sealInto(join(place, `${n}.bid`), changes));
  return { folder: place, bids };
}
async function sealInto(path: string, changes: Partial<BidToSeal> = {}): Promise<OpeningBid> {
  await sealBid(bidOf(people, { documents: [await folder.document('报价.pdf', patterned(2_000))], outPath: path, ...changes }), means);
  const bid = await describeBid(path, means);
  if (!bid) throw new Error(path);
  return bid;
}

interface Run {
  readonly bids: OpeningBid[];
  readonly code: string | null;
  readonly lasting: OpeningBid[];
}
/** @param memory what a session remembers from key to key */
async function use(bids: readonly OpeningBid[], recipients: readonly EnvelopeRecipient[], memory: { held: HeldShares; tried: TriedOpeners } = { held: new Map(), tried: new Map() }): Promise<Run> {
  let now = [...bids];
  const lasting: OpeningBid[] = [];
  const code = await runKey(bids, {
    serial: 'K-1', recipients, ...memory, outFolder: `${folder.path(`opened-${made}`)}`, means, monotonicMs: () => 0, signal: new AbortController().signal,
    onBid: async (bid, lasts) => {
      now = now.map((one) => (identityOf(one) === identityOf(bid) ? bid : one));
      if (lasts) lasting.push(bid);
    },
  }).then(() => null, (thrown: unknown) => (thrown instanceof AppError ? thrown.code : String(thrown)));
  return { bids: now, code, lasting };
}
const states = (bids: readonly OpeningBid[]): string[] => bids.map(({ state, error }) => (error ? `${state} ${error.code}` : state));
const vendorError = () => new AppError('DRIVER_FUNCTION_FAILED', { functionName: 'C_Decrypt', returnCode: '0x80000312' });

/** A key that fails on the envelopes of some bids, and tells which bids it was asked about. */
async function keyFailingOn(bids: readonly OpeningBid[], failing: readonly OpeningBid[], fault: () => AppError, key = people.openerSm2.recipient): Promise<{ recipient: EnvelopeRecipient; asked: string[] }> {
  const names = new Map<string, string>();
  for (const bid of bids) {
    const envelopes = await withSealedFile(bid.path, means, async ({ header }) => header.groups.flat().map(({ envelopeDer }) => envelopeDer));
    for (const der of envelopes) names.set(toHex(readEnvelopedData(der).recipients[0]?.encryptedKey ?? new Uint8Array()), bid.path);
  }
  const asked: string[] = [];
  const decrypt = async (wrapped: Uint8Array): Promise<Uint8Array> => {
    const path = names.get(toHex(wrapped)) ?? '';
    asked.push(path);
    if (failing.some((bid) => bid.path === path)) throw fault();
    return key.decrypt(wrapped);
  };
  return { recipient: { ...key, decrypt }, asked };
}

describe('a fault of one bid', () => {
  it('ok: a driver that answers one envelope with a code of its maker: all others open, that one waits with its error and is asked last from then on', async () => {
    const { bids } = await bidsIn(6);
    const { recipient, asked } = await keyFailingOn(bids, bids.slice(0, 1), vendorError);
    const first = await use(bids, [recipient]);
    expect(first.code).toBeNull();
    expect(states(first.bids)).toEqual(['waiting DRIVER_FUNCTION_FAILED', ...Array<string>(5).fill('opened')]);
    expect(first.lasting).toHaveLength(6);
    const more = await sealInto(join(folder.path(`session-${made}`), '7.bid'));
    asked.length = 0;
    const { recipient: again, asked: order } = await keyFailingOn([...bids, more], bids.slice(0, 1), vendorError);
    const second = await use([...first.bids, more], [again]);
    expect(order).toEqual([more.path, bids[0]?.path]);
    expect(states(second.bids)).toEqual(['waiting DRIVER_FUNCTION_FAILED', ...Array<string>(6).fill('opened')]);
  });

  it('ok: the same fault on two bids one after the other is the key’s: the run ends, nothing is settled', async () => {
    const { bids } = await bidsIn(8);
    const { recipient, asked } = await keyFailingOn(bids, bids, vendorError);
    const run = await use(bids, [recipient]);
    expect(run.code).toBe('DRIVER_FUNCTION_FAILED');
    expect(asked.length).toBeLessThan(bids.length);
    expect(run.bids.every(({ state }) => state === 'waiting')).toBe(true);
    // Those that were not asked yet come first now; each run gets two further ones at least, so none stands before all others for ever.
    expect(states(run.bids).filter((one) => one === 'waiting').length).toBe(bids.length - asked.length);
  });

  it('ok: a key that is pulled out leaves every bid as it was', async () => {
    const { bids } = await bidsIn(4);
    const { recipient } = await keyFailingOn(bids, bids, () => new AppError('TOKEN_REMOVED', { serial: 'K-1' }));
    const run = await use(bids, [recipient]);
    expect(run.code).toBe('TOKEN_REMOVED');
    expect(run.bids).toEqual(bids);
    expect(run.lasting).toEqual([]);
  });

  it('ok: a folder that cannot be written keeps one bid waiting, not refused', async () => {
    const { bids } = await bidsIn(1);
    await writeFile(folder.path(`opened-${made}`), 'a file where the folder should be');
    const run = await use(bids, [people.openerSm2.recipient]);
    expect(run.bids[0]?.state).toBe('waiting');
    expect(run.bids[0]?.error?.code).toMatch(/^SEAL_OUTPUT_/);
  });
});

describe('a fault of the key or of the stick', () => {
  it('ok: an envelope that the first key does not open is left to the other key of its group', async () => {
    const { bids } = await bidsIn(1, { groups: [{ name: 'bidder', openers: [people.openerSm2.opener, people.secondSm2.opener] }] });
    const memory = { held: new Map(), tried: new Map() };
    const { recipient } = await keyFailingOn(bids, bids, () => new AppError('DECRYPT_FAILED'));
    const first = await use(bids, [recipient], memory);
    expect(states(first.bids)).toEqual(['waiting SEAL_UNWRAP_FAILED']);
    const second = await use(first.bids, [people.secondSm2.recipient], memory);
    expect(states(second.bids)).toEqual(['opened']);
    expect(second.bids[0]?.groups[0]?.answered).toMatchObject({ fingerprintHex: fingerprintOf(people.secondSm2.opener.certificateDer) });
  });

  it('ok: two certificates of one key in one group: the second is asked when the first fails, and stands in the record', async () => {
    const { bids } = await bidsIn(1, { groups: [{ name: 'bidder', openers: [people.openerSm2.opener, people.secondSm2.opener] }] });
    const { recipient } = await keyFailingOn(bids, bids, () => new AppError('DECRYPT_FAILED'));
    const run = await use(bids, [recipient, people.secondSm2.recipient]);
    expect(states(run.bids)).toEqual(['opened']);
    expect(run.bids[0]?.groups[0]?.answered).toMatchObject({ fingerprintHex: fingerprintOf(people.secondSm2.opener.certificateDer) });
  });

  it('refuses: an envelope that its only key does not open, once that key has opened another', async () => {
    const { bids } = await bidsIn(3);
    const { recipient } = await keyFailingOn(bids, bids.slice(0, 1), () => new AppError('DECRYPT_FAILED'));
    const run = await use(bids, [recipient]);
    expect(run.code).toBeNull();
    expect(states(run.bids)).toEqual(['refused SEAL_UNWRAP_FAILED', 'opened', 'opened']);
  });

  it('ok: a key that opens nothing at all proves nothing of any bid', async () => {
    const { bids } = await bidsIn(5);
    const { recipient } = await keyFailingOn(bids, bids, () => new AppError('DECRYPT_FAILED'));
    const run = await use(bids, [recipient]);
    expect(run.code).toBe('SEAL_UNWRAP_FAILED');
    expect(run.bids.every(({ state }) => state === 'waiting')).toBe(true);
    expect(states((await use(run.bids, [people.openerSm2.recipient])).bids)).toEqual(Array(5).fill('opened'));
  });

  it('ok: a stick that is pulled out settles nothing; put back, all open', async () => {
    const { bids, folder: place } = await bidsIn(5);
    await rename(place, `${place}-unplugged`);
    const gone = await use(bids, [people.openerSm2.recipient]);
    expect(gone.code).toBe('SEAL_SOURCE_UNREADABLE');
    expect(gone.bids.every(({ state }) => state === 'waiting')).toBe(true);
    await rename(`${place}-unplugged`, place);
    expect(states((await use(gone.bids, [people.openerSm2.recipient])).bids)).toEqual(Array(5).fill('opened'));
  });
});

describe('the file that was looked at', () => {
  it('refuses: another bid under the same name, whatever its opening time; it waits to be looked at', async () => {
    const { bids, folder: place } = await bidsIn(2, { identity: { bidId: 'b', tenderId: 't', lot: '', opensAt: new Date('2026-07-01T00:00:00Z') } });
    await rm(join(place, '1.bid'));
    const later = await sealInto(join(place, '1.bid'), { identity: { bidId: 'b2', tenderId: 't', lot: '', opensAt: new Date('2026-09-20T00:00:00Z') } });
    const run = await use(bids, [people.openerSm2.recipient]);
    expect(run.code).toBeNull();
    expect(states(run.bids)).toEqual(['waiting SEAL_FILE_REPLACED', 'opened']);
    expect(run.bids[0]).toMatchObject({ sealIdHex: bids[0]?.sealIdHex, documents: [] });
    expect(later.sealIdHex).not.toBe(bids[0]?.sealIdHex);
    expect(await readdir(folder.path(`opened-${made}`))).toEqual(['2']);
  });

  it('refuses: a file that was cut since, under the same code', async () => {
    const { bids, folder: place } = await bidsIn(1);
    await writeFile(join(place, '1.bid'), (await readFile(join(place, '1.bid'))).subarray(0, 500));
    expect(states((await use(bids, [people.openerSm2.recipient])).bids)).toEqual(['waiting SEAL_FILE_REPLACED']);
  });
});

describe('shares from afar', () => {
  const groups = () => [{ name: 'bidder', openers: [people.openerSm2.opener, people.secondSm2.opener] }, { name: 'tenderer', openers: [people.tendererSm2.opener] }];
  const hall = () => ({ certificateDer: people.tendererSm2.opener.certificateDer, signer: people.bidderSm2.signer });
  /** Answers of the bidder's second key to all of them, laid beside a session. */
  async function answered(bids: readonly OpeningBid[]): Promise<{ sessionFolder: string; record: OpeningRecord }> {
    const sessionFolder = folder.path(`answers-${made}`);
    await mkdir(join(sessionFolder, 'challenges'), { recursive: true });
    await mkdir(join(sessionFolder, 'answers'));
    const challenges = [];
    for (const [i, { path, sealIdHex }] of bids.entries()) {
      const challenge = await makeShareChallenge(path, hall(), 600_000, means);
      await writeFile(join(sessionFolder, 'challenges', `${i}`), challenge);
      await writeFile(join(sessionFolder, 'answers', `${i}`), await answerShareChallenge(path, challenge, { recipient: people.secondSm2.recipient, signer: people.bidderSm2.signer }, means));
      challenges.push({ sealIdHex: sealIdHex ?? '', file: `${i}`, expiresAtUtc: '' });
    }
    const record: OpeningRecord = {
      version: 1, id: 'session-1', createdAtUtc: '', updatedAtUtc: '', revision: 1, name: '', folder: '', outFolder: '', transcript: null, keys: [], challengeFolder: null, challenges, answers: bids.map((_, i) => `${i}`), bids: null,
    };
    return { sessionFolder, record };
  }

  it('ok: the record names the certificate that answered, by the words of the bid', async () => {
    const { bids } = await bidsIn(1, { groups: groups() });
    const { sessionFolder, record } = await answered(bids);
    const { accepted } = await acceptAnswers(sessionFolder, record, bids, [people.tendererSm2.recipient], new Map(), means);
    expect(accepted[0]?.bid.groups[0]?.answered).toMatchObject({ via: 'remote', fingerprintHex: fingerprintOf(people.secondSm2.opener.certificateDer), label: bids[0]?.groups[0]?.openers[1]?.label });
  });

  it('ok: a driver that fails at one answer keeps the others from nothing; that one stays for the next time', async () => {
    const { bids } = await bidsIn(3, { groups: groups() });
    const { sessionFolder, record } = await answered(bids);
    let calls = 0;
    const recipient: EnvelopeRecipient = { ...people.tendererSm2.recipient, decrypt: async (wrapped) => (++calls === 1 ? Promise.reject(vendorError()) : people.tendererSm2.recipient.decrypt(wrapped)) };
    const got = await acceptAnswers(sessionFolder, record, bids, [recipient], new Map(), means);
    expect(got.accepted.map(({ file }) => file)).toEqual(['1', '2']);
    expect(got.refused).toEqual([]);
    expect(got.left).toMatchObject([{ file: '0', error: { code: 'DRIVER_FUNCTION_FAILED' } }]);
  });

  it('ok: a driver that fails at two answers in a row is not asked about the rest; the bids are the next to be asked about', async () => {
    const { bids } = await bidsIn(4, { groups: groups() });
    const { sessionFolder, record } = await answered(bids);
    let calls = 0;
    const recipient: EnvelopeRecipient = { ...people.tendererSm2.recipient, decrypt: async () => Promise.reject((calls++, vendorError())) };
    const got = await acceptAnswers(sessionFolder, record, bids, [recipient], new Map(), means);
    expect([got.accepted.length, got.refused.length, got.left.map(({ file }) => file), got.ended, calls]).toEqual([0, 0, ['0', '1'], null, 2]);
  });

  it.each<ErrorCode>(['TOKEN_REMOVED', 'PIN_LOCKED'])('ok: %s ends it; what was taken before stays taken', async (code) => {
    const { bids } = await bidsIn(3, { groups: groups() });
    const { sessionFolder, record } = await answered(bids);
    let calls = 0;
    const recipient: EnvelopeRecipient = { ...people.tendererSm2.recipient, decrypt: async (wrapped) => (++calls > 1 ? Promise.reject(new AppError(code)) : people.tendererSm2.recipient.decrypt(wrapped)) };
    const got = await acceptAnswers(sessionFolder, record, bids, [recipient], new Map(), means);
    expect([got.accepted.length, got.refused.length, got.left.length, got.ended?.code, calls]).toEqual([1, 0, 0, code, 2]);
  });

  it('ok: a stick that is pulled out takes no answer with it', async () => {
    const { bids, folder: place } = await bidsIn(2, { groups: groups() });
    const { sessionFolder, record } = await answered(bids);
    await rename(place, `${place}-unplugged`);
    const got = await acceptAnswers(sessionFolder, record, bids, [people.tendererSm2.recipient], new Map(), means);
    expect([got.accepted, got.refused]).toEqual([[], []]);
  });

  it('ok: one bid with a broken signature keeps no other from its challenge', async () => {
    const { bids, folder: place } = await bidsIn(3, { groups: groups() });
    const broken = join(place, '2.bid');
    const bytes = await readFile(broken);
    // An octet of the signature value, which stands at the end of the trailer before the footer.
    bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1;
    await writeFile(broken, bytes);
    const scanned = await Promise.all(bids.map(async ({ path }) => (await describeBid(path, means)) ?? Promise.reject(new Error(path))));
    const out = folder.path(`mail-${made}`);
    const got = await makeChallenges(folder.path(`hall-${made}`), scanned, hall(), 10, out, means);
    expect((await readdir(out)).sort()).toEqual(['1.challenge', '3.challenge']);
    expect(got.made).toHaveLength(2);
    expect(got.failed.map(({ path, error }) => [path, error?.code])).toEqual([[broken, 'SEAL_SIGNATURE_INVALID']]);
  });
});

function fingerprintOf(certificateDer: Uint8Array): string {
  return toHex(meansFor(means, 'sm').suite.digest(certificateDer));
}
