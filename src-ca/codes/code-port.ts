/** Records of authorization codes: only a salted, keyed hash of the six digits is ever stored. */
export type Operation = 'new-issue';

export interface AuthorizationCodeRow {
  id: string;
  orderLineId: string;
  operation: Operation;
  saltHex: string;
  codeMacHex: string;
  triesLeft: number;
  createdAtMs: number;
  expiresAtMs: number;
  voidedAtMs: number | null;
}

/** One use of a code on one key; the pair (order line, key) is unique. */
export interface CodeUseRow {
  id: string;
  codeId: string;
  orderLineId: string;
  tokenSerial: string;
  usedAtMs: number;
}

export interface CodeRecords {
  insert(row: AuthorizationCodeRow): Promise<void>;
  newest(orderLineId: string, operation: Operation): Promise<AuthorizationCodeRow | null>;
  newestOfLines(orderLineIds: readonly string[], operation: Operation): Promise<AuthorizationCodeRow[]>;
  voidAll(orderLineId: string, operation: Operation, atMs: number): Promise<void>;
  /** Takes one try, only while there is one. False when none is left. */
  takeTry(codeId: string): Promise<boolean>;
  giveTryBack(codeId: string): Promise<void>;
  sentSince(orderLineId: string, sinceMs: number): Promise<{ count: number; newestAtMs: number | null; oldestAtMs: number | null }>;
  useForKey(orderLineId: string, tokenSerial: string): Promise<CodeUseRow | null>;
  insertUse(row: CodeUseRow): Promise<void>;
  removeUse(useId: string): Promise<void>;
}

/** Keyed hash under a secret that does not stand in the database: a stolen database cannot be searched for six digits. */
export interface CodeHasher {
  mac(code: string, saltHex: string): string;
  equals(aHex: string, bHex: string): boolean;
}
