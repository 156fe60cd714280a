/** When lists are signed: at once after a change, before the end of the newest, spread by chance, and after a restart as if there had been none. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CertificateAuthority, CrlEntry } from '../authority/authority-port.ts';
import { currentCrl, renewalDueAtMs } from '../certificates/publish-crl.ts';
import { DAY_MS, HOUR_MS } from '../clock.ts';
import { OneAtATime } from '../issuance/one-at-a-time.ts';
import { recordFirstStart } from '../audit/record-first-start.ts';
import { openSqlite, type Database } from '../store/database.ts';
import { migrate } from '../store/migrations.ts';
import { transactionsOf } from '../store/store.ts';
import { CrlPublisher, LONGEST_LOOK_MS, MOST_JITTER_MS } from './crl-publisher.ts';

let folder: string;
let database: Database;
let nowMs: number;
let signed: { number: bigint; entries: readonly CrlEntry[] }[];
let waits: { milliseconds: number; work: () => void; ended: boolean }[];
let faults: unknown[];
let failing: boolean;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bidkey-publisher-'));
  database = openSqlite(join(folder, 'ca.sqlite'));
  await migrate(database);
  nowMs = Date.UTC(2026, 10, 20);
  [signed, waits, faults, failing] = [[], [], [], false];
  await recordFirstStart({ transactions: transactionsOf(database), auditSeal, clock: () => new Date(nowMs) });
});
afterEach(async () => {
  await database.destroy();
  rmSync(folder, { recursive: true, force: true });
});

const auditSeal = { mac: () => 'aa', equals: () => true };
/** Signs nothing: what matters here is when. The real authority is in tests/ca. */
const authority = {
  caId: 'ca-1',
  chainDer: [],
  async signCrl({ number, entries }: { number: bigint; entries: readonly CrlEntry[] }) {
    if (failing) throw new Error('the signing device is gone');
    signed.push({ number, entries });
    return new Uint8Array([1]);
  },
} as unknown as CertificateAuthority;
const authorities = new Map([['sm2' as const, authority]]);

function ports() {
  return { transactions: transactionsOf(database), oneAtATime: new OneAtATime(), auditSeal, clock: () => new Date(nowMs), authorities };
}

function publisher(randomFraction = 0): CrlPublisher {
  const wait = (milliseconds: number, work: () => void) => {
    const waiting = { milliseconds, work, ended: false };
    waits.push(waiting);
    return () => void (waiting.ended = true);
  };
  return new CrlPublisher({ ports: ports(), onFault: (thrown) => faults.push(thrown), wait, randomFraction: () => randomFraction });
}

const markStale = () => transactionsOf(database).write(({ crls }) => crls.markStale('ca-1'));
const newest = () => transactionsOf(database).read(({ crls }) => crls.newest('ca-1'));

describe('schedule', () => {
  it('ok: a first list at the start, then a look within the hour, spread by chance', async () => {
    await publisher(0.5).start();
    expect(signed.map(({ number }) => number)).toEqual([1n]);
    expect(waits.map(({ milliseconds }) => milliseconds)).toEqual([LONGEST_LOOK_MS]);
    const row = await newest();
    nowMs = renewalDueAtMs(row ?? { nextUpdateMs: 0 }) - 60_000;
    await publisher(0.5).start();
    expect([signed.length, waits.at(-1)?.milliseconds]).toEqual([1, 60_000 + MOST_JITTER_MS / 2]);
  });

  it('ok: when it is due the list is signed anew, also by a service that was started again', async () => {
    await publisher().start();
    nowMs += 5 * DAY_MS + HOUR_MS;
    const restarted = publisher();
    await restarted.start();
    expect(signed.map(({ number }) => number)).toEqual([1n, 2n]);
    waits.at(-1)?.work();
    await restarted.settled();
    expect(signed).toHaveLength(2);
  });

  it('ok: a list that could not be signed is reported, and tried again at the next look', async () => {
    failing = true;
    const one = publisher();
    await one.start();
    expect([faults.length, signed.length, waits.length]).toEqual([1, 0, 1]);
    failing = false;
    await one.start();
    expect([faults.length, signed.length]).toEqual([1, 1]);
  });

  it('ok: nothing begins after the stop, and the waiting ends', async () => {
    const one = publisher();
    await one.start();
    await one.stop();
    expect(waits.map(({ ended }) => ended)).toEqual([true]);
    await markStale();
    one.changed('ca-1');
    await one.settled();
    expect(signed).toHaveLength(1);
  });
});

describe('changes', () => {
  it('ok: many at once share lists, and none of them is left out', async () => {
    const one = publisher();
    await one.start();
    for (let n = 0; n < 20; n += 1) {
      await markStale();
      one.changed('ca-1');
    }
    await one.settled();
    expect(await newest()).toMatchObject({ stale: 0 });
    expect(signed.length).toBeGreaterThan(1);
    expect(signed.length).toBeLessThan(21);
  });

  it('ok: what changes while a list is being signed makes that list stale, whatever the number of entries', async () => {
    const during = { ...authority, async signCrl(input: Parameters<CertificateAuthority['signCrl']>[0]) {
      await markStale();
      return await authority.signCrl(input);
    } };
    await currentCrl(ports(), during);
    expect(await newest()).toMatchObject({ number: 1, stale: 1 });
    await currentCrl(ports(), authority);
    expect(await newest()).toMatchObject({ number: 2, stale: 0 });
  });

  it('ok: a few lists are kept, not all', async () => {
    for (let n = 0; n < 12; n += 1) {
      await markStale();
      await currentCrl(ports(), authority);
    }
    const { count } = await database.selectFrom('crls').select((eb) => eb.fn.countAll().as('count')).executeTakeFirstOrThrow();
    expect(Number(count)).toBe(5);
  });
});
