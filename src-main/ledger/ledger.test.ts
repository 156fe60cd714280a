/** The ledger as deeds ask it: assessments, typed confirmations, what makes an answer stale; taking bids in and giving them out. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LedgerAssessment, SealedBidRecord } from '#shared/contract/desktop/ledger.ts';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { createCryptoPort } from '#shared/crypto/crypto-port.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { InspectedFile } from '#shared/seal/inspect-file.ts';
import { sm3 } from '#shared/sm/sm3.ts';
import type { Escrow } from './assess-bids.ts';
import { createLedger, type Ledger, type LedgerPorts } from './ledger.ts';
import { openLedger } from './sqlite-ledger.ts';

const START = Date.parse('2026-11-20T08:00:00Z');
const REF = { driverId: 'd', serial: 'K1' };
const sha = 'ab'.repeat(32);
let folder = '';
let nowMs = START;
let room: boolean | null = true;
let escrow: Escrow | null = null;
let shown: TokenSummary['certificates'] = [];
let changes = 0;
let ledger: Ledger;

const certificate = (digits: string) => ({
  containerId: 'c', purpose: 'encrypt' as const, subjectCommonName: '甲公司', subject: '', issuer: '', issuerCommonName: '', serialHex: '0a', notBeforeUtc: '2026-01-01T00:00:00.000Z', notAfterUtc: '2027-06-01T00:00:00.000Z',
  sha256Hex: digits, keyAlgorithm: 'sm2', hasPrivateKey: true, certificateDer: Buffer.from(digits, 'hex').toString('base64'),
});
const token: TokenSummary = {
  ref: REF, modelId: 'm', label: '', manufacturer: '', hardwareModel: '', demo: false, pin: { status: 'ok', triesLeft: null, maxTries: null, mustChange: false }, freeBytes: null, certificates: [certificate(sha)],
};
const bid = (number: number, of = sha, more: Partial<SealedBidRecord> = {}): SealedBidRecord => ({
  sealId: number.toString(16).padStart(32, '0'), bidId: '', tenderId: 'T', lot: '', tenderName: `项目 ${number}`, bidderName: '', file: null, openingTimeUtc: new Date(START + number * 86_400_000).toISOString(), sealedAtUtc: new Date(START).toISOString(), state: 'to-open', rehearsals: [], uploads: [],
  openers: [{ group: 'bidder', fingerprintHex: of, fingerprintDigest: 'sha-256', label: '甲公司', issuer: '', serialHex: '0a', notAfterUtc: '2027-06-01T00:00:00.000Z' }], ...more,
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidkey-ledger-'));
  [nowMs, room, escrow, changes, shown] = [START, true, null, 0, [certificate(sha)]];
  const now = () => new Date(nowMs);
  const ports: LedgerPorts = {
    store: openLedger(join(folder, 'ledger.db'), now).store, now,
    crypto: createCryptoPort([{ name: 'sm3', verifies: [], encrypts: [], digests: { sm3 }, verify: async () => false, encrypt: async () => new Uint8Array() }], globalThis.crypto),
    inspect: async () => Promise.reject(new AppError('SEAL_NOT_OURS')),
    token: async (ref) => (ref.serial === 'K1' ? { ...token, certificates: shown } : Promise.reject(new AppError('TOKEN_NOT_PRESENT'))),
    roomForPair: async () => room,
    escrow: async (certificates) => (escrow === null ? new Map() : new Map(certificates.map((one) => [one.sha256Hex, escrow ?? 'unknown']))),
    certificatesOfKey: async () => [],
    onChanged: () => { changes += 1; },
  };
  ledger = createLedger(ports);
});
afterEach(() => {
  ledger.close();
  rmSync(folder, { recursive: true, force: true });
});

const codeOf = (work: Promise<unknown>) => work.then(() => 'passed', (thrown: unknown) => (thrown instanceof AppError ? thrown.code : String(thrown)));
const renewal = { deed: 'renewal' as const, token: REF };
const assess = () => ledger.assess(renewal);
const answer = ({ assessmentId, confirmationText }: LedgerAssessment, typed = confirmationText ?? '') => ({ assessmentId, typedConfirmation: typed });

describe('a deed asks the ledger', () => {
  it('ok: safe without bids, kept with a history key; both pass without an answer', async () => {
    expect(await assess()).toMatchObject({ verdict: 'safe', bids: [], confirmationText: null, tokenSerial: 'K1' });
    ledger.store.put(bid(5));
    expect(await assess()).toMatchObject({ verdict: 'kept', confirmationText: null });
    expect(await codeOf(ledger.pass(renewal, null))).toBe('passed');
  });

  it('refuses: a loss without an answer, and names the bids; ok: with the name of the tender that opens first, typed', async () => {
    room = false;
    ledger.store.putAll([bid(9), bid(5)]);
    const thrown = await ledger.pass(renewal, null).catch((error: unknown) => error as AppError);
    expect(thrown).toMatchObject({ code: 'LEDGER_WOULD_LOSE', details: { bids: ['项目 5', '项目 9'], confirmationText: '项目 5' } });
    const assessment = await assess();
    expect([assessment.verdict, assessment.confirmationText]).toEqual(['would-lose', '项目 5']);
    expect(await codeOf(ledger.pass(renewal, answer(assessment, '项目 9')))).toBe('LEDGER_CONFIRMATION_WRONG');
    expect(await codeOf(ledger.pass(renewal, answer(assessment, ' 项目　５ ')))).toBe('passed');
  });

  it('refuses: an answer twice, to another deed, to another key, too late, or that nobody asked for', async () => {
    room = false;
    ledger.store.put(bid(5));
    const used = answer(await assess());
    expect(await codeOf(ledger.pass(renewal, used).then((pass) => pass.spend()))).toBe('passed');
    expect(await codeOf(ledger.pass(renewal, used))).toBe('LEDGER_ANSWER_STALE');
    const assessed = answer(await assess());
    expect(await codeOf(ledger.pass({ ...renewal, deed: 'change' }, assessed))).toBe('LEDGER_ANSWER_STALE');
    expect(await codeOf(ledger.pass({ deed: 'reissue', tokenSerial: 'K1' }, assessed))).toBe('LEDGER_ANSWER_STALE');
    expect(await codeOf(ledger.pass(renewal, { assessmentId: 'no-such-one', typedConfirmation: '项目 5' }))).toBe('LEDGER_ANSWER_STALE');
    nowMs += 31 * 60_000;
    expect(await codeOf(ledger.pass(renewal, assessed))).toBe('LEDGER_ANSWER_STALE');
  });

  it('ok: an answer serves until a deed spends it, again when that deed is refused; refuses: the second of two deeds that passed with it', async () => {
    room = false;
    ledger.store.put(bid(5));
    const typed = answer(await assess());
    const [one, other] = [await ledger.pass(renewal, typed), await ledger.pass(renewal, typed)];
    one.spend();
    expect(await codeOf((async () => other.spend())())).toBe('LEDGER_ANSWER_STALE');
    expect(await codeOf(ledger.pass(renewal, typed))).toBe('LEDGER_ANSWER_STALE');
    one.giveBack();
    expect(await codeOf(ledger.pass(renewal, typed))).toBe('passed');
  });

  it('refuses: an answer from before another bid came to be lost; ok: when one less is lost', async () => {
    room = false;
    ledger.store.put(bid(5));
    const early = answer(await assess());
    ledger.store.put(bid(6));
    expect(await codeOf(ledger.pass(renewal, early))).toBe('LEDGER_ANSWER_STALE');
    const both = answer(await assess());
    ledger.store.setState(bid(6).sealId, 'opened');
    expect(await codeOf(ledger.pass(renewal, both))).toBe('passed');
  });

  it('refuses: to take a key for empty that shows no certificates before its login: what was seen on it before counts', async () => {
    ledger.notePlugged({ tokens: [token], drivers: [] });
    ledger.store.put(bid(5));
    room = false;
    shown = [];
    expect(await assess()).toMatchObject({ verdict: 'would-lose', tokenSerial: 'K1' });
    shown = [certificate(sha)];
    expect((await assess()).verdict).toBe('would-lose');
  });

  it('ok: a lost key is known by its serial from when it was plugged in, and escrow opens the bid after a reissue', async () => {
    ledger.notePlugged({ tokens: [token], drivers: [] });
    ledger.store.put(bid(5));
    expect(await ledger.assess({ deed: 'reissue', tokenSerial: 'K1' })).toMatchObject({ verdict: 'would-lose', bids: [{ groups: [{ doubts: [{ reason: 'escrow-unknown' }] }] }] });
    escrow = 'kept';
    expect(await ledger.assess({ deed: 'reissue', tokenSerial: 'K1' })).toMatchObject({ verdict: 'kept', bids: [{ groups: [{ keptBy: [{ by: 'escrow', tokenSerial: 'K1' }] }] }] });
    expect(await ledger.assess({ deed: 'reissue', tokenSerial: 'K7' })).toMatchObject({ verdict: 'safe' });
    ledger.store.put(bid(6, 'ef'.repeat(32)));
    expect(await ledger.assess({ deed: 'reissue', tokenSerial: 'K7' })).toMatchObject({ verdict: 'would-lose', bids: [{ tenderName: '项目 6', groups: [{ keptBy: [], doubts: [{ reason: 'key-unknown' }] }] }] });
    expect(await codeOf(ledger.assess({ deed: 'renewal', token: { driverId: 'd', serial: 'K9' } }))).toBe('TOKEN_NOT_PRESENT');
  });

  it('ok: another key counts once it was seen here', async () => {
    const second = 'cd'.repeat(32);
    ledger.store.put(bid(5, sha, { openers: [...bid(5).openers, { ...(bid(5).openers[0] as SealedBidRecord['openers'][number]), fingerprintHex: second }] }));
    expect((await ledger.assess({ deed: 'revocation', token: REF, removesContents: true })).verdict).toBe('would-lose');
    ledger.notePlugged({ tokens: [{ ...token, ref: { ...REF, serial: 'K2' }, certificates: [certificate(second)] }], drivers: [] });
    expect(await ledger.assess({ deed: 'revocation', token: REF, removesContents: true })).toMatchObject({ verdict: 'kept', bids: [{ groups: [{ keptBy: [{ by: 'other-key', tokenSerial: 'K2' }] }] }] });
  });
});

describe('what is known of keys', () => {
  it('ok: what was taken off a key is no longer counted on, neither as its own nor as another key; a key that cannot be read just now keeps its place', async () => {
    const second = 'cd'.repeat(32);
    const other = (certificates: TokenSummary['certificates']): TokenSummary => ({ ...token, ref: { ...REF, serial: 'K2' }, certificates });
    ledger.store.put(bid(5, sha, { openers: [...bid(5).openers, { ...(bid(5).openers[0] as SealedBidRecord['openers'][number]), fingerprintHex: second }] }));
    const emptied = { deed: 'revocation' as const, token: REF, removesContents: true };
    ledger.notePlugged({ tokens: [other([certificate(second)])], drivers: [] });
    ledger.notePlugged({ tokens: [other([])], drivers: [] });
    expect((await ledger.assess(emptied)).verdict).toBe('kept');
    ledger.notePlugged({ tokens: [other([certificate('ef'.repeat(32))])], drivers: [] });
    expect((await ledger.assess(emptied)).verdict).toBe('would-lose');
    // The certificate of this bid was on the key once, and is not there now.
    ledger.notePlugged({ tokens: [{ ...token, certificates: [certificate('12'.repeat(32))] }], drivers: [] });
    expect(ledger.store.knownCertificates().map(({ sha256Hex, tokenSerial }) => [sha256Hex.slice(0, 2), tokenSerial])).toEqual([['12', 'K1'], ['ef', 'K2']]);
  });
});

describe('taking bids in and giving them out', () => {
  it('ok: what was exported comes in elsewhere; once more changes nothing', async () => {
    ledger.store.putAll([bid(1), bid(2, sha, { state: 'opened' })]);
    const { text, fileName } = ledger.export();
    expect(fileName).toBe('bidkey-ledger-2026-11-20.json');
    for (const one of [1, 2]) ledger.store.remove(bid(one).sealId);
    expect(await ledger.take({ source: { kind: 'json', text } })).toEqual({ added: [bid(1).sealId, bid(2).sealId], changed: [], unchanged: [] });
    expect(ledger.list({}).items).toEqual([bid(1), bid(2, sha, { state: 'opened' })]);
    const path = join(folder, 'ledger.json');
    writeFileSync(path, text);
    expect(await ledger.take({ source: { kind: 'json-file', path } })).toMatchObject({ added: [], changed: [], unchanged: [bid(1).sealId, bid(2).sealId] });
    expect(changes).toBe(1);
  });

  it('refuses: what is no ledger, in part or as a whole, and takes nothing of it', async () => {
    const { text } = ledger.export();
    const document = JSON.parse(text) as { bids: unknown[] };
    const wrong = [
      'no json', '{}', text.replace('"version": 1', '"version": 2'), JSON.stringify({ ...document, bids: [bid(1), { ...bid(2), state: 'lost' }] }), JSON.stringify({ ...document, bids: [bid(1), bid(1)] }), JSON.stringify({ ...document, extra: 1 }),
    ];
    for (const one of wrong) expect(await codeOf(ledger.take({ source: { kind: 'json', text: one } }))).toBe('LEDGER_IMPORT_INVALID');
    expect(await codeOf(ledger.take({ source: { kind: 'json-file', path: join(folder, 'nowhere.json') } }))).toBe('LEDGER_IMPORT_INVALID');
    expect(await codeOf(ledger.take({ source: { kind: 'file', path: '/no/bid' } }))).toBe('SEAL_NOT_OURS');
    expect(ledger.list({}).items).toEqual([]);
  });

  it('refuses: a backup or tender package as a sealed bid', async () => {
    const plain: Partial<InspectedFile> = { kind: 'backup' };
    const other = createLedger({ ...({} as LedgerPorts), store: ledger.store, inspect: async () => plain as InspectedFile, now: () => new Date(nowMs), onChanged: () => undefined });
    expect(await codeOf(other.take({ source: { kind: 'file', path: '/x.backup' } }))).toBe('LEDGER_IMPORT_INVALID');
  });

  it('ok: an upload is entered with its time; refuses: one of a bid that nobody knows', () => {
    ledger.store.put(bid(1));
    const uploaded = ledger.addUpload({ sealId: bid(1).sealId, platform: '省公共资源交易平台', receipt: 'HZ-77' });
    expect(uploaded.uploads.at(-1)).toEqual({ atUtc: new Date(nowMs).toISOString(), platform: '省公共资源交易平台', receipt: 'HZ-77' });
    expect(() => ledger.addUpload({ sealId: 'ee'.repeat(16), platform: 'x', receipt: null })).toThrow(expect.objectContaining({ code: 'LEDGER_BID_UNKNOWN' }));
  });

  it('ok: bids that are still to be opened are marked when a newer tender package is there, once; others and unknown ones are left alone; the mark goes out and comes in', async () => {
    ledger.store.putAll([bid(1), bid(2, sha, { state: 'opened' }), bid(3)]);
    const [first, second, third] = [bid(1), bid(2), bid(3)].map(({ sealId }) => sealId);
    const before = changes;
    ledger.noteTenderReplaced([first ?? '', second ?? '', 'f'.repeat(32)]);
    nowMs += 60_000;
    ledger.noteTenderReplaced([first ?? '']);
    expect([changes - before, ...[first, second, third].map((sealId) => ledger.get(sealId ?? '').tenderReplacedAtUtc)]).toEqual([1, new Date(START).toISOString(), undefined, undefined]);
    const { text } = ledger.export();
    ledger.store.put(bid(1));
    expect((await ledger.take({ source: { kind: 'json', text } })).changed).toEqual([first]);
    expect(ledger.get(first ?? '').tenderReplacedAtUtc).toBe(new Date(START).toISOString());
  });

  it('refuses: to forget a bid that is still to be opened; ok: afterwards', () => {
    ledger.store.put(bid(1));
    expect(() => ledger.remove(bid(1).sealId)).toThrow(expect.objectContaining({ code: 'LEDGER_BID_STATE' }));
    ledger.setState({ sealId: bid(1).sealId, state: 'withdrawn' });
    ledger.remove(bid(1).sealId);
    expect(() => ledger.get(bid(1).sealId)).toThrow(expect.objectContaining({ code: 'LEDGER_BID_UNKNOWN' }));
    expect(changes).toBe(2);
  });
});
