/** Reading and proving the audit log (staff). */
import type { AuditEntry } from '#shared/contract/rest/service.ts';
import { utcText } from '../clock.ts';
import type { CursorCodec } from '../cursors/cursor.ts';
import type { Transactions } from '../transactions.ts';
import type { AuditHeadRow, AuditRecords, AuditRow, AuditSeal } from './audit-port.ts';
import { auditHash, GENESIS_HASH_HEX } from './record-audit.ts';

interface AuditPorts {
  readonly transactions: Transactions<{ audit: AuditRecords }>;
  readonly auditSeal: AuditSeal;
  readonly cursors: CursorCodec;
}

const LIST = 'audit';
const VERIFY_BATCH = 500;

/** Oldest first. @throws CURSOR_INVALID */
export async function listAudit(ports: AuditPorts, page: { limit: number; after: string | undefined }): Promise<{ items: AuditEntry[]; next: string | null }> {
  const after = page.after === undefined ? 0 : ports.cursors.read(LIST, page.after).createdAtMs;
  const rows = await ports.transactions.read(({ audit }) => audit.page(after, page.limit + 1));
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return { items: shown.map(entryOf), next: rows.length > page.limit && last ? ports.cursors.write(LIST, { createdAtMs: last.sequence, id: 'sequence' }) : null };
}

/** Recomputes every hash, and compares the end with its seal: changed, missing, inserted and cut-off entries are all found, also after the service has gone on writing. */
export async function verifyAudit(ports: AuditPorts): Promise<{ valid: boolean; entries: number; firstBrokenSequence: number | null }> {
  const end: ChainEnd = { sequence: 0, hashHex: GENESIS_HASH_HEX };
  let found: Found = 'more';
  // Page by page, beside the other work of the service: a transaction over a long log would keep everybody waiting.
  while (found === 'more') found = await ports.transactions.read(({ audit }) => followPage(audit, end));
  return await ports.transactions.write(async ({ audit }) => {
    // What was written in the meantime; from here on nothing is added.
    while (found !== 'broken' && (await audit.page(end.sequence, 1)).length > 0) found = await followPage(audit, end);
    const sealed = found !== 'broken' && isSealed(await audit.head(), end, ports.auditSeal);
    return { valid: sealed, entries: end.sequence, firstBrokenSequence: sealed ? null : end.sequence + 1 };
  });
}

/** How far the chain was followed. */
interface ChainEnd {
  sequence: number;
  hashHex: string;
}

type Found = 'more' | 'all' | 'broken';

/** Moves `end` over one page of whole entries. */
async function followPage(audit: AuditRecords, end: ChainEnd): Promise<Found> {
  const rows = await audit.page(end.sequence, VERIFY_BATCH);
  for (const { hashHex, ...content } of rows) {
    if (content.sequence !== end.sequence + 1 || auditHash(end.hashHex, content) !== hashHex) return 'broken';
    end.sequence = content.sequence;
    end.hashHex = hashHex;
  }
  return rows.length < VERIFY_BATCH ? 'all' : 'more';
}

/** Every log has a first entry, so one without an end has lost all of them. */
function isSealed(head: AuditHeadRow | null, end: ChainEnd, seal: AuditSeal): boolean {
  return head !== null && head.sequence === end.sequence && head.hashHex === end.hashHex && seal.equals(head.macHex, seal.mac(head.sequence, head.hashHex));
}

function entryOf(row: AuditRow): AuditEntry {
  const { sequence, atMs, actor, event, target, detailsJson, hashHex } = row;
  return { sequence, atUtc: utcText(atMs), actor, event, target, details: JSON.parse(detailsJson) as Record<string, unknown>, hashHex };
}
