/** Records of administrator PINs. PINs appear only wrapped. */
export interface AdministratorPinRow {
  tokenSerial: string;
  depositorAccountId: string;
  /** Which deed is putting the next PIN into place; `in-force`: none. */
  phase: 'deposit' | 'unlock' | 'in-force';
  /** Null: the factory PIN of the model. */
  wrappedCurrent: Buffer | null;
  /** Given out to be put in the current one's place; null when none is. While both are there, either may be the one that fits. */
  wrappedNext: Buffer | null;
  createdAtMs: number;
  changedAtMs: number;
}

/** One request's permission to see the PIN, held by one deed of one account. */
export interface AdministratorPinReleaseRow {
  requestId: string;
  accountId: string;
  tokenSerial: string;
  deedId: string;
  state: 'open' | 'done';
  deliveries: number;
  releasedAtMs: number;
}

export interface AdministratorPinRecords {
  byToken(tokenSerial: string): Promise<AdministratorPinRow | null>;
  save(row: AdministratorPinRow): Promise<void>;
  insertRelease(row: AdministratorPinReleaseRow): Promise<void>;
  release(requestId: string): Promise<AdministratorPinReleaseRow | null>;
  countDelivery(requestId: string): Promise<void>;
  finishRelease(requestId: string): Promise<void>;
}
