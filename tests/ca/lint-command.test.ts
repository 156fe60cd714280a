/** `bidkey-ca lint` over a whole data folder: what the service issued breaks no rule; each way in which a stored certificate or list can be wrong is found, with its exit code. */
import Sqlite from 'better-sqlite3';
import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runLint } from '../../src-ca/main-lint.ts';
import { customer, issue, newSerial, paidOrder, RSA_WANTED, SM2_WANTED, certify, start } from './support/journeys.ts';
import { sm2Subscriber } from './support/sm2-subscriber.ts';
import { subscriber } from './support/subscriber.ts';
import { testCa, type TestCa } from './support/test-ca.ts';

interface Line {
  readonly finding?: { readonly of: string; readonly ruleId: string; readonly problem: string; readonly clause: string };
  readonly counts?: { readonly certificates: number; readonly lists: number; readonly findings: number };
}

let ca: TestCa;
let subjectText = '';
beforeAll(async () => {
  ca = await testCa();
  const who = await customer(ca);
  await issue(ca, who, await paidOrder(ca, who, 1, RSA_WANTED), newSerial(), subscriber());
  const paid = await paidOrder(ca, who, 2, SM2_WANTED);
  await issue(ca, who, paid, newSerial(), sm2Subscriber());
  const given = await certify(ca, who, await start(ca, who, paid, newSerial()), sm2Subscriber());
  subjectText = given.subject.commonName;
  await ca.call('cancelIssuance', { token: who.token, params: { issuanceId: given.id } });
  for (const id of ['demo-rsa', 'demo-sm2']) await ca.raw(`/crl/${id}.crl`);
});
afterAll(() => ca.stop());

async function lint(dataFolder = ca.dataFolder): Promise<{ exitCode: number; lines: Line[] }> {
  const lines: Line[] = [];
  const exitCode = await runLint(['--data', dataFolder, '--json'], {}, (line) => lines.push(JSON.parse(line) as Line));
  return { exitCode, lines };
}

function run(args: readonly string[]): Promise<{ code: number | null; out: string; log: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, '..', '..', 'src-ca', 'main.ts'), 'lint', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let log = '';
  child.stdout.on('data', (part: Buffer) => (out += part.toString()));
  child.stderr.on('data', (part: Buffer) => (log += part.toString()));
  return new Promise((settle) => child.once('exit', (code) => settle({ code, out, log })));
}

/** The database with one change. */
async function withChange(change: (database: Sqlite.Database) => void): Promise<{ exitCode: number; lines: Line[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'bidkey-lint-'));
  try {
    const live = new Sqlite(join(ca.dataFolder, 'ca.sqlite'), { readonly: true });
    await live.backup(join(folder, 'ca.sqlite'));
    live.close();
    for (const name of ['demo-rsa', 'demo-sm2']) await copyAuthority(name, folder);
    const database = new Sqlite(join(folder, 'ca.sqlite'));
    database.pragma('foreign_keys = OFF');
    change(database);
    database.close();
    return await lint(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function copyAuthority(name: string, folder: string): Promise<void> {
  await mkdir(join(folder, 'authorities', name), { recursive: true });
  for (const file of ['authority.json', 'root.pem', 'issuing.pem', 'root-crl.pem']) await copyFile(join(ca.dataFolder, 'authorities', name, file), join(folder, 'authorities', name, file));
}

const flip = (der: Buffer, fromEnd: number): Buffer => {
  const changed = Buffer.from(der);
  changed[changed.length - fromEnd] = (changed[changed.length - fromEnd] ?? 0) ^ 1;
  return changed;
};
/** Changes one active SM2 signing certificate. */
const certificate = (columns: string, value: (row: { serial_hex: string; certificate_der: Buffer }) => unknown) => (database: Sqlite.Database) => {
  const row = database.prepare("select * from certificates where ca_id = 'demo-sm2' and purpose = 'sign' and state = 'active'").get() as { serial_hex: string; certificate_der: Buffer };
  database.prepare(`update certificates set ${columns} = ? where serial_hex = ?`).run(value(row), row.serial_hex);
};
const list = (columns: string, value: (row: { crl_der: Buffer; number: number }) => unknown) => (database: Sqlite.Database) => {
  const row = database.prepare("select * from crls where ca_id = 'demo-sm2' order by number desc").get() as { crl_der: Buffer; number: number };
  database.prepare(`update crls set ${columns} = ? where ca_id = 'demo-sm2' and number = ?`).run(value(row), row.number);
};

describe('bidkey-ca lint', () => {
  it('ok: everything that the service issued breaks no rule, also while the service runs', async () => {
    const { exitCode, lines } = await lint();
    expect(lines).toEqual([{ counts: { certificates: 10, lists: expect.any(Number) as number, findings: 0 } }]);
    expect(lines[0]?.counts?.lists).toBeGreaterThanOrEqual(4);
    expect(exitCode).toBe(0);
  });

  it.each<[string, (database: Sqlite.Database) => void, string, string]>([
    ['a signature with one octet changed', certificate('certificate_der', ({ certificate_der }) => flip(certificate_der, 1)), 'signature', 'does not verify'],
    ['a signature that is no DER', certificate('certificate_der', ({ certificate_der }) => flip(certificate_der, 70)), 'sm2-signature-value', 'strict DER'],
    ['a certificate cut off', certificate('certificate_der', ({ certificate_der }) => certificate_der.subarray(0, 100)), 'parse', 'DER_MALFORMED'],
    ['another certificate than its fingerprint', certificate('sha256_hex', () => '00'.repeat(32)), 'record', 'fingerprint'],
    ['another key than that of its record', certificate('public_key_sha256', () => '00'.repeat(32)), 'record', 'public key'],
    ['another validity than that of its record', certificate('not_after_ms', () => 1), 'record', 'validity'],
    ['the RSA authority as issuer of an SM2 certificate', certificate('ca_id', () => 'demo-rsa'), 'one-key-family', 'different kinds'],
    ['an issuer that is not there', certificate('ca_id', () => 'elsewhere'), 'record', 'CA is not'],
    ['an encryption certificate that is gone', (database) => database.exec("delete from certificates where ca_id = 'demo-sm2' and purpose = 'encrypt' and state = 'active'"), 'record', 'not one signing and one encryption'],
    ['signing and encryption certificate exchanged', (database) => {
      database.exec("update certificates set purpose = 'x' where ca_id = 'demo-sm2' and state = 'active' and purpose = 'sign'; update certificates set purpose = 'sign' where ca_id = 'demo-sm2' and state = 'active' and purpose = 'encrypt'; update certificates set purpose = 'encrypt' where purpose = 'x'");
    }, 'dual-key-usage', 'not exactly'],
    ['a list with one octet changed', list('crl_der', ({ crl_der }) => flip(crl_der, 1)), 'signature', 'does not verify'],
    ['a list cut off', list('crl_der', ({ crl_der }) => crl_der.subarray(0, 60)), 'parse', 'DER_MALFORMED'],
    ['a list with another end than its record', list('next_update_ms', () => 1), 'record', 'number or times'],
  ])('finds: %s', async (_, change, ruleId, problem) => {
    const { exitCode, lines } = await withChange(change);
    expect(exitCode).toBe(3);
    expect(lines).toContainEqual({ finding: expect.objectContaining({ ruleId, problem: expect.stringContaining(problem) as string }) as object });
    expect(lines.at(-1)?.counts?.findings).toBe(lines.length - 1);
    // Findings go into logs and tickets.
    expect(JSON.stringify(lines)).not.toContain(subjectText);
  });

  it('ok: as a command: text for people, exit codes, usage', async () => {
    const good = await run(['--data', ca.dataFolder]);
    expect([good.code, good.out]).toEqual([0, expect.stringMatching(/^10 certificates, \d+ lists, 0 findings\n$/)]);
    const elsewhere = await run(['--data', join(ca.dataFolder, 'nothing')]);
    expect([elsewhere.code, elsewhere.out]).toEqual([2, '']);
    expect(elsewhere.log).toContain('there is no CA');
    expect((await run(['--nonsense'])).log).toContain('Usage: bidkey-ca lint');
  });
});
