/** Certificate revocation lists: one number after the other, signed anew when something was revoked and well before the last one ends. */
import type { AuditRecords, AuditSeal } from '../audit/audit-port.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { CertificateAuthority } from '../authority/authority-port.ts';
import { DAY_MS, HOUR_MS, SECOND_MS, type Clock } from '../clock.ts';
import type { CertificateRecords, CrlRecords, CrlRow } from '../issuance/issuance-port.ts';
import type { OneAtATime } from '../issuance/one-at-a-time.ts';
import type { Transactions } from '../transactions.ts';

export interface PublishCrlPorts {
  readonly transactions: Transactions<{ certificates: CertificateRecords; crls: CrlRecords; audit: AuditRecords }>;
  readonly oneAtATime: OneAtATime;
  readonly auditSeal: AuditSeal;
  readonly clock: Clock;
}

const CRL_LIFE_MS = 7 * DAY_MS;
/** A new list stands this long before the old one ends. */
const CRL_RENEW_BEFORE_MS = 2 * DAY_MS;
/** RFC 5280 §5: a revoked certificate stands on a list that is made after its expiry, once more. */
const KEEP_AFTER_EXPIRY_MS = CRL_LIFE_MS + HOUR_MS;

/** The list to publish now; signs a new one when the last is stale or near its end. */
export async function currentCrl(ports: PublishCrlPorts, authority: CertificateAuthority): Promise<CrlRow> {
  return await ports.oneAtATime.run(`crl:${authority.caId}`, async () => {
    const nowMs = ports.clock().getTime();
    const newest = await ports.transactions.read(({ crls }) => crls.newest(authority.caId));
    return newest !== null && newest.stale === 0 && newest.nextUpdateMs - CRL_RENEW_BEFORE_MS > nowMs ? newest : await signNextCrl(ports, authority, newest, nowMs);
  });
}

async function signNextCrl(ports: PublishCrlPorts, authority: CertificateAuthority, newest: CrlRow | null, nowMs: number): Promise<CrlRow> {
  const number = (newest?.number ?? 0) + 1;
  const thisUpdateMs = nowMs - (nowMs % SECOND_MS);
  const nextUpdateMs = thisUpdateMs + CRL_LIFE_MS;
  const revoked = await ports.transactions.read(({ certificates }) => certificates.revoked(authority.caId, nowMs - KEEP_AFTER_EXPIRY_MS));
  const entries = revoked.map(({ serialHex, revokedAtMs, revocationReason }) => ({ serialHex, revokedAt: new Date(revokedAtMs ?? nowMs), reason: revocationReason ?? 'unspecified' }));
  const crlDer = await authority.signCrl({ number: BigInt(number), thisUpdate: new Date(thisUpdateMs), nextUpdate: new Date(nextUpdateMs), entries });
  return await ports.transactions.write(async ({ certificates, crls, audit }) => {
    // Something revoked while this list was being signed is missing in it.
    const revokedNow = await certificates.revoked(authority.caId, nowMs - KEEP_AFTER_EXPIRY_MS);
    const row: CrlRow = { caId: authority.caId, number, thisUpdateMs, nextUpdateMs, crlDer: Buffer.from(crlDer), stale: revokedNow.length === revoked.length ? 0 : 1 };
    await crls.insert(row);
    await recordAudit(audit, ports.auditSeal, { atMs: nowMs, actor: 'system', event: 'crl.signed', target: authority.caId, details: { number, entries: entries.length } });
    return row;
  });
}
