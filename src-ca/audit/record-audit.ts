/** Hash-chained audit log: every entry's hash covers the entry before it. Written in the same transaction as the change it tells of, so neither stands without the other. */
import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { AuditEvent } from './audit-events.ts';
import type { AuditHeadRow, AuditRecords, AuditRow, AuditSeal } from './audit-port.ts';

export type AuditDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

export interface AuditEntryInput {
  readonly atMs: number;
  /** Account id, or `system`. */
  readonly actor: string;
  readonly event: AuditEvent;
  readonly target: string | null;
  readonly details: AuditDetails;
}

/** Hash before the first entry. */
export const GENESIS_HASH_HEX = '00'.repeat(32);

/** Every log begins with it (`record-first-start.ts`): one that begins otherwise has lost its beginning. */
export const FIRST_EVENT: AuditEvent = 'service.first-start';

/** In the place of a seal once the chain was found broken: never equal to one, so that what is written later cannot cover the break up. */
const BROKEN_SEAL = '';

/** SHA-256(hash before ‖ canonical JSON of the entry without its hash). */
export function auditHash(previousHashHex: string, row: Omit<AuditRow, 'hashHex'>): string {
  return createHash('sha256').update(Buffer.from(previousHashHex, 'hex')).update(canonicalJson(row), 'utf8').digest('hex');
}

export async function recordAudit(records: AuditRecords, seal: AuditSeal, entry: AuditEntryInput): Promise<void> {
  const head = await records.head();
  const { details, ...facts } = entry;
  const content = { ...facts, sequence: (head?.sequence ?? 0) + 1, detailsJson: canonicalJson(details) };
  const hashHex = auditHash(head?.hashHex ?? GENESIS_HASH_HEX, content);
  const newHead: AuditHeadRow = { id: 1, sequence: content.sequence, hashHex, macHex: continues(head, seal, entry.event) ? seal.mac(content.sequence, hashHex) : BROKEN_SEAL };
  await records.append({ ...content, hashHex }, newHead);
}

/** Whether our seal may go on from this head. An end that someone else put there must not get it: the service goes on, and so does the proof of the break. */
function continues(head: AuditHeadRow | null, seal: AuditSeal, event: AuditEvent): boolean {
  return head === null ? event === FIRST_EVENT : seal.equals(head.macHex, seal.mac(head.sequence, head.hashHex));
}
