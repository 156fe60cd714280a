/** A revocation list of 100,000 entries: read from the store, built, linted, signed, verified and stored, how long others wait meanwhile, beside `openssl ca -gencrl` over an index of as many revocations. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import Sqlite from 'better-sqlite3';
import { parseCertificateRevocationList } from '#shared/x509/certificate-revocation-list.ts';
import { currentCrl } from '../../src-ca/certificates/publish-crl.ts';
import { testCa, type TestCa } from '../ca/support/test-ca.ts';
import { benchRow, type Bench, type BenchRow } from './bench-row.ts';

const run = promisify(execFile);
const REVOCATIONS = 100_000;
const RUNS = 3;
const SERIAL_BYTES = 16;

const ALGORITHMS = [['RSA', 'rsa-2048'], ['SM2', 'sm2']] as const;

/** Revoked certificates without their content: a list needs serial number, time and reason. Reasons and times differ, as they do in life. */
function revokeMany(ca: TestCa, caId: string): void {
  const file = new Sqlite(join(ca.dataFolder, 'ca.sqlite'));
  file.pragma('foreign_keys = off');
  const insert = file.prepare(`insert into certificates (serial_hex, account_id, issuance_id, project_id, ca_id, purpose, state, subject, issuer, project_name, token_serial, sha256_hex, public_key_sha256, key_of_before,
    public_key_spki_der, certificate_der, not_before_ms, not_after_ms, created_at_ms, revoked_at_ms, revocation_reason)
    values (:serial, 'bench', :serial, 'bench', :caId, 'sign', 'revoked', 'CN=bench', 'CN=bench', 'bench', 'bench', '', :serial, 0, x'', x'', 0, :notAfter, 0, :revokedAt, :reason)`);
  const nowMs = ca.now().getTime();
  file.transaction(() => {
    for (let n = 0; n < REVOCATIONS; n += 1) {
      const serial = `4${randomBytes(SERIAL_BYTES).toString('hex').slice(1)}`;
      insert.run({ serial, caId, notAfter: BigInt(nowMs + 86_400_000_000), revokedAt: BigInt(nowMs - 1000 * n), reason: ['keyCompromise', 'superseded', 'cessationOfOperation', 'unspecified'][n % 4] });
    }
  })();
  file.close();
}

async function measureOurs(ca: TestCa, algorithm: 'rsa-2048' | 'sm2'): Promise<{ ms: number; bytes: number; longestWaitMs: number }> {
  const authority = ca.ports.authorities.get(algorithm);
  if (!authority) throw new Error(`no authority for ${algorithm}`);
  revokeMany(ca, authority.caId);
  const times: number[] = [];
  let bytes = 0;
  const turns = monitorEventLoopDelay({ resolution: 1 });
  for (let n = 0; n < RUNS; n += 1) {
    await ca.ports.transactions.write(({ crls }) => crls.markStale(authority.caId));
    turns.enable();
    const began = performance.now();
    const { crlDer } = await currentCrl(ca.ports, authority);
    times.push(performance.now() - began);
    turns.disable();
    bytes = crlDer.length;
    if (parseCertificateRevocationList(new Uint8Array(crlDer)).entries.length !== REVOCATIONS) throw new Error('the list is not whole');
  }
  return { ms: Math.min(...times), bytes, longestWaitMs: turns.max / 1_000_000 };
}

/** With an RSA-3072 key, the length of our issuing CA. */
async function measureOpenssl(): Promise<{ ms: number; bytes: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'bidkey-bench-crl-'));
  const at = (name: string) => join(folder, name);
  try {
    await run('openssl', ['req', '-x509', '-newkey', 'rsa:3072', '-nodes', '-keyout', at('ca.key'), '-out', at('ca.pem'), '-subj', '/CN=bench', '-days', '30']);
    const reasons = [',keyCompromise', ',superseded', ',cessationOfOperation', ''];
    const line = (n: number) => `R\t291120040000Z\t261120040000Z${reasons[n % 4]}\t4${randomBytes(SERIAL_BYTES).toString('hex').slice(1).toUpperCase()}\tunknown\t/CN=bench\n`;
    await writeFile(at('index'), Array.from({ length: REVOCATIONS }, (_, n) => line(n)).join(''));
    await writeFile(at('number'), '01\n');
    await writeFile(at('conf'), `[ca]\ndefault_ca=bench\n[bench]\ndatabase=${at('index')}\ncrlnumber=${at('number')}\ncertificate=${at('ca.pem')}\nprivate_key=${at('ca.key')}\ndefault_md=sha256\ndefault_crl_days=7\ncrl_extensions=list\n[list]\nauthorityKeyIdentifier=keyid\n`);
    const times: number[] = [];
    for (let n = 0; n < RUNS; n += 1) {
      const began = performance.now();
      await run('openssl', ['ca', '-config', at('conf'), '-gencrl', '-out', at('list.pem')]);
      times.push(performance.now() - began);
    }
    await run('openssl', ['crl', '-in', at('list.pem'), '-outform', 'DER', '-out', at('list.der')]);
    return { ms: Math.min(...times), bytes: (await stat(at('list.der'))).size };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(): Promise<readonly BenchRow[]> {
  const openssl = await measureOpenssl();
  const ca = await testCa();
  try {
    const rows: BenchRow[] = [];
    for (const [name, algorithm] of ALGORITHMS) {
      const ours = await measureOurs(ca, algorithm);
      rows.push(
        benchRow(`CRL of ${REVOCATIONS} revocations, ${name}: store to store`, 'ms', ours.ms, { name: 'openssl ca -gencrl, RSA', value: openssl.ms }),
        benchRow(`CRL of ${REVOCATIONS} revocations, ${name}: longest wait of another call meanwhile`, 'ms', ours.longestWaitMs),
        benchRow(`CRL of ${REVOCATIONS} revocations, ${name}: size`, 'kB', ours.bytes / 1000, { name: 'list of openssl', value: openssl.bytes / 1000 }),
      );
    }
    return rows;
  } finally {
    await ca.stop();
  }
}

export const crl100k: Bench = { name: 'crl-100k', run: measure };
