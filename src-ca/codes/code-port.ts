/** Records of authorization codes: only a salted, keyed hash of the six digits is ever stored. */
import type { RequestKind } from '#shared/contract/rest/orders.ts';

/** What a code is for: the kind of its request. */
export type Operation = RequestKind;

export interface AuthorizationCodeRow {
  id: string;
  requestId: string;
  operation: Operation;
  saltHex: string;
  codeMacHex: string;
  triesLeft: number;
  createdAtMs: number;
  expiresAtMs: number;
  voidedAtMs: number | null;
}

/** One use of a code on one key; the pair (request, key) is unique. */
export interface CodeUseRow {
  id: string;
  codeId: string;
  requestId: string;
  tokenSerial: string;
  usedAtMs: number;
}

export interface CodeRecords {
  insert(row: AuthorizationCodeRow): Promise<void>;
  newest(requestId: string, operation: Operation): Promise<AuthorizationCodeRow | null>;
  /** The live code of each. */
  newestOfRequests(requestIds: readonly string[]): Promise<AuthorizationCodeRow[]>;
  voidAll(requestId: string, operation: Operation, atMs: number): Promise<void>;
  /** Takes one try, only while there is one. False when none is left. */
  takeTry(codeId: string): Promise<boolean>;
  giveTryBack(codeId: string): Promise<void>;
  sentSince(requestId: string, sinceMs: number): Promise<{ count: number; newestAtMs: number | null; oldestAtMs: number | null }>;
  useForKey(requestId: string, tokenSerial: string): Promise<CodeUseRow | null>;
  insertUse(row: CodeUseRow): Promise<void>;
  removeUse(useId: string): Promise<void>;
  /** Codes that ended before this time and were never used. */
  removeUnused(endedBeforeMs: number): Promise<void>;
}

/** Keyed hash under a secret that does not stand in the database: a stolen database cannot be searched for six digits. */
export interface CodeHasher {
  mac(code: string, saltHex: string): string;
  equals(aHex: string, bHex: string): boolean;
}
