/** The ledger's file: what is put in comes out, in order of opening; damage is set aside; a kill loses nothing that was answered. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SealedBidRecord } from '#shared/contract/desktop/ledger.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { inStoreForm, joinBids } from './join-bids.ts';
import { openLedger, seenCertificatesOf } from './sqlite-ledger.ts';

let folder = '';
const path = () => join(folder, 'ledger.db');
const now = () => new Date('2026-11-20T08:00:00Z');
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'bidkey-ledger-')); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sealIdOf = (number: number) => number.toString(16).padStart(32, '0');
const bid = (number: number, changes: Partial<SealedBidRecord> = {}): SealedBidRecord => inStoreForm({
  sealId: sealIdOf(number), bidId: `B-${number}`, tenderId: 'T-1', lot: '一标段', tenderName: '某市土地使用权出让', bidderName: '甲公司', file: '/bids/甲.bid', openingTimeUtc: '2026-12-01T01:00:00Z', sealedAtUtc: '2026-11-19T08:00:00Z', state: 'to-open',
  openers: [{ group: '投标人', fingerprintHex: 'ab'.repeat(32), fingerprintDigest: 'sm3', label: '甲公司', issuer: 'CN=标钥', serialHex: '0a1b', notAfterUtc: '2027-01-01T00:00:00Z' }],
  rehearsals: [{ atUtc: '2026-11-20T07:00:00Z', opened: false, keys: [{ fingerprintHex: 'ab'.repeat(32), group: '投标人', refusal: null }], missingGroups: ['招标人'] }],
  uploads: [{ atUtc: '2026-11-20T07:30:00Z', platform: '浙江', receipt: 'R1' }], ...changes,
});
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (thrown) {
    return thrown instanceof AppError ? thrown.code : String(thrown);
  }
  return 'nothing thrown';
};

describe('ledger on SQLite', () => {
  it('ok: a bid comes back as it was put in, also from a newly opened file', () => {
    const { store } = openLedger(path(), now);
    expect(store.put(bid(1))).toEqual(bid(1));
    store.close();
    const again = openLedger(path(), now);
    expect(again.store.get(sealIdOf(1))).toEqual(bid(1));
    expect([again.setAsideAs, again.store.get(sealIdOf(2))]).toEqual([null, null]);
    again.store.close();
  });

  it('ok: pages in order of opening, those without a time last, each bid once', () => {
    const { store } = openLedger(path(), now);
    const times = ['2026-12-05T00:00:00Z', null, '2026-12-01T00:00:00Z', '2026-12-03T00:00:00.5Z', '2026-12-01T00:00:00Z', null];
    store.putAll(times.map((openingTimeUtc, index) => bid(index, { openingTimeUtc: openingTimeUtc === null ? null : new Date(openingTimeUtc).toISOString() })));
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = store.page({ limit: 2, ...(after === undefined ? {} : { after }) });
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items.map(({ sealId }) => sealId));
      after = page.next ?? undefined;
    } while (after !== undefined);
    expect(seen).toEqual([2, 4, 3, 0, 1, 5].map(sealIdOf));
    expect(codeOf(() => store.page({ limit: 2, after: "x' OR 1=1" }))).toBe('INPUT_INVALID');
    store.close();
  });

  it('ok: rehearsals, uploads and states are added to a bid; refuses: to a bid that is not there', () => {
    const { store } = openLedger(path(), now);
    store.put(bid(1));
    expect(store.addRehearsal(sealIdOf(1), { atUtc: '2026-11-20T08:00:00.000Z', opened: true, keys: [], missingGroups: [] }).rehearsals.map(({ opened }) => opened)).toEqual([false, true]);
    expect(store.addUpload(sealIdOf(1), { atUtc: '2026-11-20T06:00:00.000Z', platform: '杭州', receipt: null }).uploads.map(({ platform }) => platform)).toEqual(['杭州', '浙江']);
    expect(store.setState(sealIdOf(1), 'opened').state).toBe('opened');
    expect(store.toOpen()).toEqual([]);
    for (const work of [() => store.addRehearsal(sealIdOf(9), bid(1).rehearsals[0] as never), () => store.addUpload(sealIdOf(9), bid(1).uploads[0] as never), () => store.setState(sealIdOf(9), 'opened')]) expect(codeOf(work)).toBe('LEDGER_BID_UNKNOWN');
    store.close();
  });

  it('ok: all of several bids are put in or none', () => {
    const { store } = openLedger(path(), now);
    expect(() => store.putAll([bid(1), { ...bid(2), state: 'lost' as never }])).toThrow();
    expect(store.get(sealIdOf(1))).toBe(null);
    store.close();
  });

  it('refuses: a file that is no database, and one whose rows break the form; both are kept under another name', () => {
    writeFileSync(path(), 'this is no database at all, but long enough to be looked at as one');
    const { store, setAsideAs } = openLedger(path(), now);
    expect(setAsideAs).toMatch(/ledger\.db\.damaged-2026-11-20T08-00-00-000Z$/);
    store.put(bid(1));
    store.close();
    const raw = new Database(path());
    raw.exec(`UPDATE opener SET fingerprint_hex = 'no hex'`);
    raw.close();
    rmSync(setAsideAs ?? '');
    const second = openLedger(path(), now);
    expect(existsSync(second.setAsideAs ?? '')).toBe(true);
    expect(second.store.toOpen()).toEqual([]);
    second.store.close();
  });

  it('ok: certificates that were seen stay for good, and can be read beside a running engine; none where there is no ledger', () => {
    expect(seenCertificatesOf(path())).toEqual([]);
    const { store } = openLedger(path(), now);
    const kept = { sha256Hex: 'ab'.repeat(32), certificateDer: Uint8Array.of(1, 2, 3), seenUtc: '2026-11-20T08:00:00.000Z' };
    store.keepCertificates([kept]);
    store.keepCertificates([{ ...kept, certificateDer: Uint8Array.of(9) }]);
    store.noteKey('K1', []);
    expect([store.seenCertificates(), seenCertificatesOf(path())]).toEqual([[Uint8Array.of(1, 2, 3)], [Uint8Array.of(1, 2, 3)]]);
    store.close();
    writeFileSync(path(), 'no database');
    expect(seenCertificatesOf(path())).toEqual([]);
  });

  it('ok: a bid that was put in before a kill is there afterwards', () => {
    const program = `
      import { openLedger } from ${JSON.stringify(join(import.meta.dirname, 'sqlite-ledger.ts'))};
      const { store } = openLedger(${JSON.stringify(path())}, () => new Date());
      store.put(${JSON.stringify(bid(1))});
      process.kill(process.pid, 'SIGKILL');`;
    const script = join(folder, 'child.mts');
    writeFileSync(script, program);
    expect(spawnSync(process.execPath, ['--import', 'tsx', script], { cwd: join(import.meta.dirname, '../..') }).signal).toBe('SIGKILL');
    const { store, setAsideAs } = openLedger(path(), now);
    expect([store.get(sealIdOf(1))?.sealId, setAsideAs]).toEqual([sealIdOf(1), null]);
    store.close();
    expect(readdirSync(folder).some((name) => name.includes('damaged'))).toBe(false);
  });
});

describe('one bid known twice', () => {
  it('ok: nothing that was known is forgotten, and what is opened stays opened', () => {
    const known = bid(1, { state: 'opened', file: '/old/place.bid' });
    const taken = bid(1, { state: 'to-open', file: null, tenderName: 'T-1', openingTimeUtc: null, bidderName: '', rehearsals: [{ atUtc: '2026-11-20T09:00:00.000Z', opened: true, keys: [], missingGroups: [] }], uploads: [] });
    expect(joinBids(known, taken)).toMatchObject({ state: 'opened', file: '/old/place.bid', tenderName: '某市土地使用权出让', openingTimeUtc: known.openingTimeUtc, bidderName: '甲公司', uploads: known.uploads });
    expect(joinBids(known, taken).rehearsals.map(({ opened }) => opened)).toEqual([false, true]);
    expect(joinBids(known, known)).toEqual(known);
  });
});
