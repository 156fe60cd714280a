/** A long revocation list over real HTTP: while it is read, built, looked at and signed, the service answers others. Order and turns, never the clock. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import { parseCertificateRevocationList } from '#shared/x509/certificate-revocation-list.ts';
import { currentCrl } from '../../src-ca/certificates/publish-crl.ts';
import type { CaPorts } from '../../src-ca/ports.ts';
import { testCa, type TestCa } from './support/test-ca.ts';

const ENTRIES = 10_500;
let ca: TestCa;
beforeAll(async () => {
  ca = await testCa();
  for (const { caId } of ca.ports.authorities.values()) revokeMany(caId, ENTRIES);
});
afterAll(() => ca.stop());

/** Revoked certificates without their content; all of one end, so that the pages are told apart by serial numbers alone. @returns their serial numbers */
function revokeMany(caId: string, count: number): string[] {
  const file = new Sqlite(join(ca.dataFolder, 'ca.sqlite'));
  file.pragma('foreign_keys = off');
  const insert = file.prepare(`insert into certificates (serial_hex, account_id, issuance_id, project_id, ca_id, purpose, state, subject, issuer, project_name, token_serial, sha256_hex, public_key_sha256, key_of_before,
    public_key_spki_der, certificate_der, not_before_ms, not_after_ms, created_at_ms, revoked_at_ms, revocation_reason)
    values (:serial, 'a', :serial, 'p', :caId, 'sign', 'revoked', 'CN=a', 'CN=b', 'n', 't', '', :serial, 0, x'', x'', 0, :notAfter, 0, :revokedAt, 'superseded')`);
  const nowMs = ca.now().getTime();
  const serials = Array.from({ length: count }, () => `4${randomBytes(16).toString('hex').slice(1)}`);
  file.transaction(() => {
    for (const serial of serials) insert.run({ serial, caId, notAfter: BigInt(nowMs + 86_400_000), revokedAt: BigInt(nowMs - 1000) });
  })();
  file.close();
  return serials;
}

const authorityOf = (algorithm: KeyAlgorithm) => {
  const authority = ca.ports.authorities.get(algorithm);
  if (authority === undefined) throw new Error(`no authority for ${algorithm}`);
  return authority;
};
const markStale = (caId: string) => ca.ports.transactions.write(({ crls }) => crls.markStale(caId));

describe.each([['RSA', 'rsa-2048'], ['SM2', 'sm2']] as const)('a list of many entries, %s', (_, algorithm) => {
  it('ok: everything else has a turn after every thousand entries, in each part of the work', async () => {
    const authority = authorityOf(algorithm);
    await markStale(authority.caId);
    let [turns, done] = [0, false];
    const count = () => {
      turns += 1;
      if (!done) setImmediate(count);
    };
    setImmediate(count);
    await currentCrl(ca.ports, authority);
    done = true;
    // Reading, building and looking at it: thrice the entries; what is not in slices has a turn or two for each signature.
    expect(turns).toBeGreaterThanOrEqual(3 * Math.floor(ENTRIES / 1000));
  });

  it('ok: calls that are sent after it has begun are answered before it ends, and it is whole', async () => {
    const authority = authorityOf(algorithm);
    await markStale(authority.caId);
    const order: string[] = [];
    let listed: Promise<Uint8Array> | null = null;
    await new Promise<void>((begun) => {
      listed = currentCrl(afterFirstPage(async () => begun()), authority).then(({ crlDer }) => {
        order.push('list');
        return new Uint8Array(crlDer);
      });
    });
    order.push(`alive ${(await ca.raw('/livez')).status}`);
    order.push(`projects ${(await ca.call('listProjects')).items.length > 0}`);
    expect(listed === null ? 0 : parseCertificateRevocationList(await listed).entries.length).toBeGreaterThanOrEqual(ENTRIES);
    expect(order).toEqual(['alive 200', 'projects true', 'list']);
  });
});

/** The ports of the service; something else happens once, after the first page of entries has been read. */
function afterFirstPage(happens: () => Promise<void>): CaPorts {
  const { transactions } = ca.ports;
  let happened = false;
  return {
    ...ca.ports,
    transactions: {
      write: (work) => transactions.write(work),
      async read(work) {
        const answer = await transactions.read(work);
        if (!happened && Array.isArray(answer) && answer.length === 1000) {
          happened = true;
          await happens();
        }
        return answer;
      },
    },
  };
}

describe('reading in pages', () => {
  it('ok: what is revoked between two pages: all is read anew, and every pair is on the list whole', async () => {
    const authority = authorityOf('sm2');
    await markStale(authority.caId);
    const late: string[] = [];
    const list = await currentCrl(afterFirstPage(async () => {
      late.push(...revokeMany(authority.caId, 40));
      await markStale(authority.caId);
    }), authority);
    const serials = new Set(parseCertificateRevocationList(new Uint8Array(list.crlDer)).entries.map(({ serialHex }) => serialHex));
    expect([late.length, late.filter((serial) => !serials.has(serial)).length, list.stale, serials.size]).toEqual([40, 0, 0, ENTRIES + 40]);
  });
});
