/** Certificate revocation lists: one number after the other, signed anew when something was revoked or released and well before the last one ends. */
import type { AuditRecords, AuditSeal } from '../audit/audit-port.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { CertificateAuthority, CrlEntry } from '../authority/authority-port.ts';
import { DAY_MS, HOUR_MS, SECOND_MS, type Clock } from '../clock.ts';
import type { CertificateRecords, CrlRecords, CrlRow } from '../issuance/issuance-port.ts';
import type { OneAtATime } from '../issuance/one-at-a-time.ts';
import { nextTurn } from '../next-turn.ts';
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
/** The clocks of readers differ from ours. */
const CLOCK_TOLERANCE_MS = 5 * SECOND_MS;
/** Older ones are of no use to anyone: each list is complete. */
const LISTS_KEPT = 5;

export function renewalDueAtMs({ nextUpdateMs }: Pick<CrlRow, 'nextUpdateMs'>): number {
  return nextUpdateMs - CRL_RENEW_BEFORE_MS;
}

/** The list to publish now; signs a new one when the last is behind, near its end, or – the clock was set back – not valid yet. */
export async function currentCrl(ports: PublishCrlPorts, authority: CertificateAuthority): Promise<CrlRow> {
  return await ports.oneAtATime.run(`crl:${authority.caId}`, async () => {
    const nowMs = ports.clock().getTime();
    const newest = await ports.transactions.read(({ crls }) => crls.newest(authority.caId));
    const good = newest !== null && newest.stale === 0 && renewalDueAtMs(newest) > nowMs && newest.thisUpdateMs <= nowMs + CLOCK_TOLERANCE_MS;
    return good ? newest : await signNextCrl(ports, authority, newest, nowMs);
  });
}

async function signNextCrl(ports: PublishCrlPorts, authority: CertificateAuthority, newest: CrlRow | null, nowMs: number): Promise<CrlRow> {
  const { caId } = authority;
  const number = (newest?.number ?? 0) + 1;
  const thisUpdateMs = nowMs - (nowMs % SECOND_MS);
  const nextUpdateMs = thisUpdateMs + CRL_LIFE_MS;
  const { entries, changes } = await readEntries(ports, caId, { notAfterMs: nowMs - KEEP_AFTER_EXPIRY_MS, thisUpdateMs });
  const crlDer = await authority.signCrl({ number: BigInt(number), thisUpdate: new Date(thisUpdateMs), nextUpdate: new Date(nextUpdateMs), entries });
  return await ports.transactions.write(async ({ crls, audit }) => {
    // What was revoked or released while this list was being signed is not in it.
    const behind = (await crls.changes(caId)) !== changes;
    const row: CrlRow = { caId, number, thisUpdateMs, nextUpdateMs, crlDer: Buffer.from(crlDer), stale: behind ? 1 : 0 };
    await crls.insert(row);
    await crls.removeUpTo(caId, number - LISTS_KEPT);
    await recordAudit(audit, ports.auditSeal, { atMs: nowMs, actor: 'system', event: 'crl.signed', target: caId, details: { number, entries: entries.length } });
    return row;
  });
}

const PAGE_ENTRIES = 1000;
/** How often the reading begins anew when something changes under it. */
const READINGS = 3;

/**
 * Page by page, with a turn for everybody else after each. What changes between two pages could put one certificate of a pair on the list and not the other;
 * then all is read anew, and at last as it is: such a list is known to be behind.
 */
async function readEntries(ports: PublishCrlPorts, caId: string, from: { readonly notAfterMs: number; readonly thisUpdateMs: number }): Promise<{ entries: CrlEntry[]; changes: number }> {
  const countChanges = () => ports.transactions.read(({ crls }) => crls.changes(caId));
  for (let reading = 1; ; reading += 1) {
    const changes = await countChanges();
    const entries = await readPages(ports, caId, from);
    if (reading === READINGS || (await countChanges()) === changes) return { entries, changes };
  }
}

async function readPages(ports: PublishCrlPorts, caId: string, { notAfterMs, thisUpdateMs }: { readonly notAfterMs: number; readonly thisUpdateMs: number }): Promise<CrlEntry[]> {
  const entries: CrlEntry[] = [];
  // Greater than any serial number: of the first end nothing is meant.
  for (let after = { notAfterMs, serialHex: 'g' }; ; ) {
    const start = after;
    const page = await ports.transactions.read(({ certificates }) => certificates.revoked(caId, start, PAGE_ENTRIES));
    for (const { serialHex, revokedAtMs, revocationReason } of page) {
      // Revoked by a clock that was ahead: on the list all the same, and never later than the list itself (§5.1.2.4).
      entries.push({ serialHex, revokedAt: new Date(Math.min(revokedAtMs ?? thisUpdateMs, thisUpdateMs)), reason: revocationReason ?? 'unspecified' });
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_ENTRIES) return entries;
    after = last;
    await nextTurn();
  }
}
