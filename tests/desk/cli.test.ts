/** `bidkey ledger …` and `bidkey diagnose`: the commands on a real engine with a real key, without a service. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Diagnosis } from '#shared/contract/desktop/diagnosis.ts';
import type { LedgerAssessment, LedgerDocument, SealedBidRecord } from '#shared/contract/desktop/ledger.ts';
import { composeEngine } from '../../src-main/engine/compose-engine.ts';
import { runCli } from '../../src-main/shells/cli/cli-program.ts';
import { createDispatch } from '../../src-main/shells/dispatch.ts';
import { root } from '../faults/fault-world.ts';
import { createSoftHsm2Token, type SoftHsm2Token } from '../support/softhsm2.ts';
import { builtHostSpawner } from '../support/token-host-program.ts';

let folder = '';
let key: SoftHsm2Token;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bidkey-cli-desk-'));
  key = await createSoftHsm2Token();
});
afterAll(async () => {
  await key?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

interface Ran {
  readonly exit: number;
  readonly out: string[];
  readonly notes: string[];
}

/** @param secrets what the file descriptor 3 gives, line after line */
async function bidkey(args: readonly string[], secrets: readonly string[] = []): Promise<Ran> {
  const [out, notes, lines] = [[] as string[], [] as string[], [...secrets]];
  const hostSpawner = await builtHostSpawner();
  const exit = await runCli(['--data', join(folder, 'data'), ...args], {
    terminal: {
      interactive: false, print: (line) => out.push(line), note: (line) => notes.push(line), ask: async () => '', askSecret: async () => '',
      readLineFrom: () => lines.shift() ?? '',
    },
    environment: { LANG: 'en_US.UTF-8' }, resourcesFolder: join(root, 'resources'), version: '0.0.0',
    launch: async ({ dataFolder }) => {
      const composed = await composeEngine({
        dataFolder, resourcesFolder: join(root, 'resources'), shell: 'cli', version: '0.0.0', demo: false, caBaseUrl: null, useInstalledDrivers: false, hostSpawner,
        drivers: [{ driverId: 'test', modelId: 'softhsm2', libraryPath: key.modulePath, interface: 'pkcs11', environment: key.env }],
      });
      return { engine: composed.engine, dispatch: createDispatch(composed.engine), dataFolder, log: composed.log, embeddedCa: null, demoKey: null, demoKeyError: null, close: () => composed.close() };
    },
  });
  return { exit, out, notes };
}
const valueOf = <T>({ out }: Ran): T => (JSON.parse(out[0] ?? '{}') as { value: T }).value;

const SEAL_ID = '00112233445566778899aabbccddeeff';
const document: LedgerDocument = {
  format: 'bidkey-ledger', version: 1, exportedAtUtc: '2026-11-01T00:00:00Z',
  bids: [{
    sealId: SEAL_ID, bidId: 'B', tenderId: 'T', lot: '', tenderName: '某道路工程', bidderName: '甲公司', file: '/bids/a.bid', openingTimeUtc: '2036-12-01T01:00:00Z', sealedAtUtc: '2026-11-01T00:00:00Z', state: 'to-open', rehearsals: [], uploads: [],
    openers: [{ group: '投标人', fingerprintHex: 'ab'.repeat(32), fingerprintDigest: 'sm3', label: '甲公司', issuer: 'CN=CA', serialHex: '0a', notAfterUtc: '2037-01-01T00:00:00Z' }],
  }],
};

describe('bidkey ledger', () => {
  it('ok: takes a ledger in, lists, shows, sets, gives out and removes', async () => {
    const file = join(folder, 'ledger.json');
    writeFileSync(file, JSON.stringify(document));
    expect((await bidkey(['ledger', 'import', file])).out).toEqual(['1 added, 0 changed, 0 unchanged.']);
    const listed = await bidkey(['ledger', 'list']);
    expect(listed.out).toEqual([`2036-12-01T01:00:00.000Z  to be opened  某道路工程  ${SEAL_ID}`]);
    expect((await bidkey(['ledger', 'list', '--state', 'opened'])).out).toEqual([expect.any(String)]);
    expect(valueOf<SealedBidRecord>(await bidkey(['ledger', 'show', SEAL_ID, '--json'])).openers).toHaveLength(1);
    expect(valueOf<{ state: string }[]>(await bidkey(['ledger', 'reminders', '--json'])).map(({ state }) => state)).toEqual(['upcoming', 'upcoming']);
    expect((await bidkey(['ledger', 'remove', SEAL_ID, '--json'])).exit).toBe(7);
    expect(valueOf<SealedBidRecord>(await bidkey(['ledger', 'set', SEAL_ID, 'withdrawn', '--json'])).state).toBe('withdrawn');
    const out = join(folder, 'out.json');
    expect((await bidkey(['ledger', 'export', '--out', out])).exit).toBe(0);
    expect((JSON.parse(readFileSync(out, 'utf8')) as LedgerDocument).bids.map(({ state }) => state)).toEqual(['withdrawn']);
    // Never over a file that is there.
    expect((await bidkey(['ledger', 'export', '--out', out])).exit).toBe(2);
    expect((await bidkey(['ledger', 'remove', SEAL_ID])).exit).toBe(0);
    expect((await bidkey(['ledger', 'show', SEAL_ID])).exit).toBe(7);
  });

  it('ok: asks about a plugged key and about one that is not here; refuses: deeds and states that there are not', async () => {
    await bidkey(['ledger', 'import', join(folder, 'ledger.json')]);
    expect(valueOf<LedgerAssessment>(await bidkey(['ledger', 'assess', '--deed', 'renewal', '--key', key.serial, '--json'])).verdict).toBe('safe');
    const lost = await bidkey(['ledger', 'assess', '--deed', 'reissue', '--key', 'GONE']);
    expect(lost.out).toEqual([expect.stringContaining('Careful'), `✗ 2036-12-01T01:00:00.000Z  某道路工程  ${SEAL_ID}`, expect.stringContaining('what is on this UKey is not known')]);
    expect((await bidkey(['ledger', 'assess', '--deed', 'polish', '--key', key.serial])).exit).toBe(2);
    expect((await bidkey(['ledger', 'set', SEAL_ID, 'lost'])).exit).toBe(2);
    expect((await bidkey(['ledger', 'import', join(folder, 'nowhere.bid'), '--json'])).exit).toBe(7);
  });
});

describe('bidkey diagnose', () => {
  it('ok: findings as data; the keys are tried with a PIN that is nowhere in the output', async () => {
    const ran = await bidkey(['diagnose', '--json', '--key', key.serial, '--pin-fd', '3'], [key.pin]);
    const { findings } = valueOf<Diagnosis>(ran);
    expect(findings.map(({ code }) => code)).toEqual(expect.arrayContaining(['SYSTEM', 'CA_NOT_SET', 'DRIVER_LOADS', 'KEY_SEEN', 'KEY_EMPTY', 'USE_NO_KEYS']));
    expect(JSON.stringify(ran)).not.toContain(key.pin);
  });

  it('ok: for people: progress while it runs, what is wrong with cause and next step, and a report in a file', async () => {
    const report = join(folder, 'report.txt');
    const ran = await bidkey(['diagnose', '--out', report]);
    expect(ran.notes.some((line) => line.startsWith('✓ '))).toBe(true);
    expect(ran.out.join('\n')).toContain('! No CA service is set  [CA_NOT_SET]');
    expect(ran.out.join('\n')).toContain('Enter the address of the CA service');
    expect(existsSync(report) && readFileSync(report, 'utf8')).toContain('CA_NOT_SET');
    expect(readFileSync(report, 'utf8')).not.toContain(key.serial);
  });
});
