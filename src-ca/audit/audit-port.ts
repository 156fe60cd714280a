/** Records of the audit log, as it needs them. */
export interface AuditRow {
  sequence: number;
  atMs: number;
  actor: string;
  event: string;
  target: string | null;
  detailsJson: string;
  hashHex: string;
}

/** The end of the chain, sealed under a key outside the database: without it the last entries could be cut off unseen. */
export interface AuditHeadRow {
  id: 1;
  sequence: number;
  hashHex: string;
  macHex: string;
}

export interface AuditRecords {
  head(): Promise<AuditHeadRow | null>;
  append(row: AuditRow, head: AuditHeadRow): Promise<void>;
  /** Oldest first, after the sequence number given. */
  page(afterSequence: number, limit: number): Promise<AuditRow[]>;
}

export interface AuditSeal {
  mac(sequence: number, hashHex: string): string;
  equals(aHex: string, bHex: string): boolean;
}
