/** A bid that was re-wrapped: which of its generations a platform may hold, and what a deed on a key of each does to it; openings before their time. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SealedBidRecord } from '#shared/contract/desktop/ledger.ts';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { createCryptoPort } from '#shared/crypto/crypto-port.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { InspectedFile } from '#shared/seal/inspect-file.ts';
import { sm3 } from '#shared/sm/sm3.ts';
import { LEDGER_LAYOUTS } from './ledger-layouts.ts';
import { createLedger, type Ledger, type LedgerPorts } from './ledger.ts';
import { openLedger } from './sqlite-ledger.ts';

const START = Date.parse('2026-11-20T08:00:00Z');
const HOUR_MS = 3_600_000;
const SEAL_ID = '0f'.repeat(16);
const [K1, K2] = ['a1'.repeat(32), 'b2'.repeat(32)];
const [FIRST, SECOND, THIRD] = ['11'.repeat(32), '22'.repeat(32), '33'.repeat(32)];
const utc = (ms: number) => new Date(ms).toISOString();

let folder = '';
let nowMs = START;
let files: Record<string, InspectedFile> = {};
let ledger: Ledger;

const fileOf = (headerDigestHex: string, openers: readonly string[], rewraps = 0, opensAtUtc: string | null = utc(START + 240 * HOUR_MS)): InspectedFile => ({
  kind: 'sealed', suite: 'aes', sealIdHex: SEAL_ID, bidId: '', tenderId: 'T', lot: '', sealedAtUtc: utc(START - HOUR_MS), opensAtUtc, bidderFingerprintHex: K1, payloadLength: 1, chunkCount: 1, chunkBytes: 1, rootHex: K1, headerDigestHex, hasTimeStamp: false,
  groups: [{ name: 'bidder', openers: openers.map((fingerprintHex) => ({ issuer: '', serialHex: '0a', fingerprintHex, label: fingerprintHex.slice(0, 2), notAfterUtc: '2028-01-01T00:00:00.000Z', revocation: 'unknown' as const, revocationAtUtc: null })) }],
  rewraps: Array.from({ length: rewraps }, (_, n) => ({ atUtc: utc(START + n * HOUR_MS), byFingerprintHex: K1 })),
});
const tokenWith = (serial: string, sha256Hex: string): TokenSummary => ({
  ref: { driverId: 'd', serial }, modelId: 'm', label: '', manufacturer: '', hardwareModel: '', demo: false, pin: { status: 'ok', triesLeft: null, maxTries: null, mustChange: false }, freeBytes: null,
  certificates: [{ containerId: 'c', purpose: 'encrypt', subjectCommonName: '甲公司', subject: '', issuer: '', issuerCommonName: '', serialHex: '0a', notBeforeUtc: '2026-01-01T00:00:00.000Z', notAfterUtc: '2028-01-01T00:00:00.000Z', sha256Hex, keyAlgorithm: 'sm2', hasPrivateKey: true, certificateDer: Buffer.from(sha256Hex, 'hex').toString('base64') }],
});
const keys = [tokenWith('S1', K1), tokenWith('S2', K2)];

const ledgerOn = (path: string): Ledger => {
  const now = () => new Date(nowMs);
  const ports: LedgerPorts = {
    store: openLedger(path, now).store, now,
    crypto: createCryptoPort([{ name: 'sm3', verifies: [], encrypts: [], digests: { sm3 }, verify: async () => false, encrypt: async () => new Uint8Array() }], globalThis.crypto),
    inspect: async (file) => files[file] ?? Promise.reject(new AppError('SEAL_NOT_OURS')),
    token: async ({ serial }) => keys.find(({ ref }) => ref.serial === serial) ?? refuse('TOKEN_NOT_PRESENT'),
    roomForPair: async () => true, escrow: async () => new Map(), certificatesOfKey: async () => [], onChanged: () => undefined,
  };
  return createLedger(ports);
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidkey-generations-'));
  [nowMs, files] = [START, {}];
  ledger = ledgerOn(join(folder, 'ledger.db'));
  ledger.notePlugged({ tokens: keys, drivers: [] });
});
afterEach(() => {
  ledger.close();
  rmSync(folder, { recursive: true, force: true });
});

const take = async (path: string, file: InspectedFile) => {
  files[path] = file;
  nowMs += 60_000;
  await ledger.take({ source: { kind: 'file', path } });
};
const upload = (platform: string, headerHex?: string | null) => {
  nowMs += 60_000;
  ledger.addUpload({ sealId: SEAL_ID, platform, receipt: null, ...(headerHex === undefined ? {} : { headerHex }) });
};
const verdict = async (serial: string) => (await ledger.assess({ deed: 'revocation', token: { driverId: 'd', serial }, removesContents: true })).verdict;
const both = async () => [await verdict('S1'), await verdict('S2')];

describe('a bid that was re-wrapped', () => {
  it('ok: an uploaded bid needs its keys still, also after a re-wrap for another key that was not uploaded; the new one needs its own', async () => {
    await take('/a.bid', fileOf(FIRST, [K1]));
    upload('交易平台');
    expect(await both()).toEqual(['would-lose', 'safe']);
    await take('/a.rewrapped.bid', fileOf(SECOND, [K2], 1));
    expect(await both()).toEqual(['would-lose', 'would-lose']);
    const bid = ledger.get(SEAL_ID);
    expect([bid.file, bid.openers.map(({ fingerprintHex }) => fingerprintHex), bid.generations?.map(({ headerHex, rewraps, file }) => [headerHex, rewraps, file])])
      .toEqual(['/a.rewrapped.bid', [K2], [[FIRST, 0, '/a.bid'], [SECOND, 1, '/a.rewrapped.bid']]]);
    expect(bid.uploads.map(({ headerHex }) => headerHex)).toEqual([FIRST]);
    const { bids } = await ledger.assess({ deed: 'revocation', token: { driverId: 'd', serial: 'S1' }, removesContents: true });
    expect(bids[0]?.groups).toMatchObject([{ group: 'bidder', generation: { rewraps: 0, file: '/a.bid' }, keptBy: [] }]);
  });

  it('ok: an opener that the new file has besides does not keep the uploaded one', async () => {
    await take('/a.bid', fileOf(FIRST, [K1]));
    await take('/a.rewrapped.bid', fileOf(SECOND, [K1, K2], 1));
    const { bids, verdict: said } = await ledger.assess({ deed: 'revocation', token: { driverId: 'd', serial: 'S1' }, removesContents: true });
    expect([said, bids[0]?.groups.map(({ generation, keptBy }) => [generation?.rewraps, keptBy.map(({ by }) => by)])]).toEqual(['would-lose', [[0, []], [1, ['other-key']]]]);
  });

  it('ok: only what was uploaded counts once the person says which it was; not knowing which releases nothing, nor does it end what another platform holds', async () => {
    await take('/a.bid', fileOf(FIRST, [K1]));
    await take('/a.rewrapped.bid', fileOf(SECOND, [K2], 1));
    upload('交易平台', null);
    expect(await both()).toEqual(['would-lose', 'would-lose']);
    upload('交易平台', SECOND);
    expect(await both()).toEqual(['safe', 'would-lose']);
    upload('另一平台', FIRST);
    expect(await both()).toEqual(['would-lose', 'would-lose']);
    upload(' 另一平台 ', SECOND);
    expect(await both()).toEqual(['safe', 'would-lose']);
    // Made after the word was given: it may go up any time.
    await take('/a.rewrapped-2.bid', fileOf(THIRD, [K1], 2));
    expect(await both()).toEqual(['would-lose', 'would-lose']);
  });

  it('refuses: an upload of a generation that nobody knows', async () => {
    await take('/a.bid', fileOf(FIRST, [K1]));
    expect(() => ledger.addUpload({ sealId: SEAL_ID, platform: 'x', receipt: null, headerHex: THIRD })).toThrow(expect.objectContaining({ code: 'LEDGER_GENERATION_UNKNOWN' }));
  });

  it('ok: the older file seen again, or elsewhere, changes neither the newest one nor what counts; an export says all of it', async () => {
    await take('/a.bid', fileOf(FIRST, [K1]));
    await take('/a.rewrapped.bid', fileOf(SECOND, [K2], 1));
    await take('/stick/a.bid', fileOf(FIRST, [K1]));
    expect([ledger.get(SEAL_ID).file, ledger.get(SEAL_ID).generations?.map(({ file }) => file)]).toEqual(['/a.rewrapped.bid', ['/stick/a.bid', '/a.rewrapped.bid']]);
    upload('交易平台', FIRST);
    const other = ledgerOn(join(folder, 'other.db'));
    files = { '/b.bid': fileOf(SECOND, [K2], 1) };
    nowMs += 60_000;
    await other.take({ source: { kind: 'file', path: '/b.bid' } });
    other.notePlugged({ tokens: keys, drivers: [] });
    const { text } = ledger.export();
    expect((await other.take({ source: { kind: 'json', text } })).changed).toEqual([SEAL_ID]);
    expect((await other.take({ source: { kind: 'json', text } })).unchanged).toEqual([SEAL_ID]);
    expect((await other.assess({ deed: 'revocation', token: { driverId: 'd', serial: 'S2' }, removesContents: true })).verdict).toBe('safe');
    other.close();
  });

  it('refuses: an exported ledger whose openers are not those of its newest generation', async () => {
    await take('/a.bid', fileOf(FIRST, [K1]));
    const document = JSON.parse(ledger.export().text) as { bids: SealedBidRecord[] };
    const [bid] = document.bids;
    const forged = { ...document, bids: [{ ...bid, openers: (bid?.openers ?? []).map((one) => ({ ...one, fingerprintHex: K2 })) }] };
    await expect(ledger.take({ source: { kind: 'json', text: JSON.stringify(forged) } })).rejects.toMatchObject({ code: 'LEDGER_IMPORT_INVALID' });
  });
});

describe('a ledger from before generations were told apart', () => {
  it('ok: keeps the openers that it knew; the same file gives them their name, another one stands beside them', async () => {
    const path = join(folder, 'old.db');
    const raw = new Database(path);
    for (const layout of LEDGER_LAYOUTS.slice(0, 3)) raw.exec(layout);
    raw.pragma('user_version = 3');
    raw.prepare("INSERT INTO bid VALUES (?, '', 'T', '', '某项目', '', '/a.bid', ?, ?, 'to-open', NULL)").run(SEAL_ID, utc(START + 240 * HOUR_MS), utc(START));
    raw.prepare("INSERT INTO opener VALUES (?, 0, 'bidder', ?, 'sha-256', '甲', '', '0a', '2028-01-01T00:00:00.000Z')").run(SEAL_ID, K1);
    raw.prepare("INSERT INTO upload (seal_id, at_utc, platform, receipt) VALUES (?, ?, '交易平台', NULL)").run(SEAL_ID, utc(START));
    raw.close();
    ledger.close();
    ledger = ledgerOn(path);
    ledger.notePlugged({ tokens: keys, drivers: [] });
    expect(await both()).toEqual(['would-lose', 'safe']);
    expect(ledger.get(SEAL_ID).generations).toBeUndefined();
    await take('/a.rewrapped.bid', fileOf(SECOND, [K2], 1));
    expect(await both()).toEqual(['would-lose', 'would-lose']);
    expect(ledger.get(SEAL_ID).generations?.map(({ headerHex }) => headerHex)).toEqual([null, SECOND]);
    await take('/a.bid', fileOf(FIRST, [K1]));
    expect(ledger.get(SEAL_ID).generations?.map(({ headerHex, file }) => [headerHex, file])).toEqual([[FIRST, '/a.bid'], [SECOND, '/a.rewrapped.bid']]);
    upload('交易平台', SECOND);
    expect(await both()).toEqual(['safe', 'would-lose']);
  });
});

describe('an opening before its time', () => {
  it('ok: is noted and ends nothing, also where no time is known; at its time the bid is opened', async () => {
    await take('/a.bid', fileOf(FIRST, [K1]));
    ledger.noteOpened(SEAL_ID);
    expect([ledger.get(SEAL_ID).state, ledger.get(SEAL_ID).openedEarlyAtUtc]).toEqual(['to-open', utc(nowMs)]);
    expect(await verdict('S1')).toBe('would-lose');
    nowMs = START + 240 * HOUR_MS;
    ledger.noteOpened(SEAL_ID);
    expect([ledger.get(SEAL_ID).state, await verdict('S1')]).toEqual(['opened', 'safe']);
    // Unknown bids are other people's.
    ledger.noteOpened('ee'.repeat(16));
  });

  it('ok: a bid without an opening time stays to be opened until the person says that it is', async () => {
    await take('/a.bid', fileOf(FIRST, [K1], 0, null));
    ledger.noteOpened(SEAL_ID);
    expect([ledger.get(SEAL_ID).state, await verdict('S1')]).toEqual(['to-open', 'would-lose']);
    expect(ledger.setState({ sealId: SEAL_ID, state: 'opened' }).state).toBe('opened');
  });
});
