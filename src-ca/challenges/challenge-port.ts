/** Records of challenges, and of the clock by which they are judged. */
import type { ChallengePurpose } from '#shared/crypto/signed-challenge.ts';

export interface KeyChallengeRow {
  id: string;
  purpose: ChallengePurpose;
  /** Account that asked for it; null before a login. */
  accountId: string | null;
  requestId: string | null;
  projectId: string | null;
  certificateDer: Buffer;
  certificateSha256: string;
  message: Buffer;
  /** Of the clock: what was made before the clock went back counts no more. */
  epoch: number;
  createdAtMs: number;
  expiresAtMs: number;
  usedAtMs: number | null;
}

/** The latest time that any challenge saw. */
export interface ChallengeClockRow {
  id: 1;
  latestMs: number;
  epoch: number;
}

export interface ChallengeRecords {
  insert(row: KeyChallengeRow): Promise<void>;
  byId(id: string): Promise<KeyChallengeRow | null>;
  /** False when it was used before. */
  use(id: string, atMs: number): Promise<boolean>;
  clock(): Promise<ChallengeClockRow | null>;
  setClock(row: ChallengeClockRow): Promise<void>;
  removeExpired(beforeMs: number): Promise<void>;
}
