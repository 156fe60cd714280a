/** Records of keys that came out of escrow. */
export interface RestoredKeyRow {
  id: string;
  accountId: string;
  requestId: string;
  /** Null for a key recovery, which issues nothing. */
  issuanceId: string | null;
  serialHex: string;
  openingKeySha256: string;
  deliveredAtMs: number;
}

/** A key-recovery request on the key where it is carried out. */
export interface KeyRecoveryRow {
  requestId: string;
  accountId: string;
  tokenSerial: string;
  /** Certificate of the working pair whose key vouches for opening keys. */
  signSerialHex: string;
  startedAtMs: number;
  completedAtMs: number | null;
}

export interface RecoveryRecords {
  insertDelivery(row: RestoredKeyRow): Promise<void>;
  /** How often a key was given out for a request. */
  deliveries(requestId: string, serialHex: string): Promise<number>;
  insertRecovery(row: KeyRecoveryRow): Promise<void>;
  recovery(requestId: string): Promise<KeyRecoveryRow | null>;
  completeRecovery(requestId: string, atMs: number): Promise<void>;
}
