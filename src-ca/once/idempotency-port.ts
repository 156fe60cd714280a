/** Records of calls that must happen once. */
export interface IdempotencyRow {
  accountId: string;
  idempotencyKey: string;
  /** Keyed hash of endpoint, parameters and body: bodies carry codes, so a plain hash could be searched. */
  requestMacHex: string;
  responseJson: string;
  createdAtMs: number;
}

export interface IdempotencyRecords {
  find(accountId: string, idempotencyKey: string): Promise<IdempotencyRow | null>;
  insert(row: IdempotencyRow): Promise<void>;
  removeOlderThan(atMs: number): Promise<void>;
}

/** One call with its Idempotency-Key, as the edge hands it to a deed. */
export interface OnceCall {
  readonly accountId: string;
  readonly idempotencyKey: string;
  readonly requestMacHex: string;
}
