/** Reading and proving the audit log (staff). */
import type { AuditEntry } from '#shared/contract/rest/service.ts';
import { utcText } from '../clock.ts';
import type { CursorCodec } from '../cursors/cursor.ts';
import type { Transactions } from '../transactions.ts';
import type { AuditRecords, AuditRow, AuditSeal } from './audit-port.ts';
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

/** Recomputes every hash, and compares the end with its seal: changed, missing, inserted and cut-off entries are all found. */
export async function verifyAudit(ports: AuditPorts): Promise<{ valid: boolean; entries: number; firstBrokenSequence: number | null }> {
  return await ports.transactions.write(async ({ audit }) => {
    let previousHash = GENESIS_HASH_HEX;
    let sequence = 0;
    for (;;) {
      const rows = await audit.page(sequence, VERIFY_BATCH);
      for (const row of rows) {
        const { hashHex, ...content } = row;
        if (row.sequence !== sequence + 1 || auditHash(previousHash, content) !== hashHex) return { valid: false, entries: sequence, firstBrokenSequence: sequence + 1 };
        previousHash = hashHex;
        sequence = row.sequence;
      }
      if (rows.length < VERIFY_BATCH) break;
    }
    const head = await audit.head();
    const sealed = head === null ? sequence === 0 : head.sequence === sequence && head.hashHex === previousHash && ports.auditSeal.equals(head.macHex, ports.auditSeal.mac(head.sequence, head.hashHex));
    return { valid: sealed, entries: sequence, firstBrokenSequence: sealed ? null : sequence + 1 };
  });
}

function entryOf(row: AuditRow): AuditEntry {
  const { sequence, atMs, actor, event, target, detailsJson, hashHex } = row;
  return { sequence, atUtc: utcText(atMs), actor, event, target, details: JSON.parse(detailsJson) as Record<string, unknown>, hashHex };
}
