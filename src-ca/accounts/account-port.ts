/** Records of accounts, log-in failures and sessions, as the account services need them. Times are milliseconds since 1970. Tokens and passwords appear only as hashes. */
export interface AccountRow {
  id: string;
  loginName: string;
  /** Lower case; unique. */
  loginNameKey: string;
  passwordHash: string;
  kind: 'person' | 'organisation';
  role: 'subscriber' | 'staff';
  displayName: string;
  organisationName: string | null;
  unifiedSocialCreditCode: string | null;
  phone: string;
  createdAtMs: number;
}

/** Kept by login name whether or not such an account exists, so that a lock tells nothing about who is registered. */
export interface LoginFailureRow {
  loginNameHash: string;
  failures: number;
  lastFailureAtMs: number;
  lockedUntilMs: number;
}

export interface SessionRow {
  id: string;
  accountId: string;
  createdAtMs: number;
  endedAtMs: number | null;
  /** Certificate of this service that it began with; null: a password, or the certificate of a foreign CA. */
  certificateSerialHex: string | null;
  /** SHA-256 of the certificate that it began with, of whatever CA; null: a password. */
  certificateSha256: string | null;
}

export interface SessionTokenRow {
  /** SHA-256 of the token, hexadecimal. */
  tokenHash: string;
  sessionId: string;
  kind: 'access' | 'refresh';
  expiresAtMs: number;
  usedAtMs: number | null;
}

export interface AccountRecords {
  /** False when the login name is taken. */
  insert(row: AccountRow): Promise<boolean>;
  byId(id: string): Promise<AccountRow | null>;
  byLoginNameKey(loginNameKey: string): Promise<AccountRow | null>;
  /** Changes the password only if it is still `before`. False when it is not. */
  changePassword(id: string, before: string, passwordHash: string): Promise<boolean>;
  /** Whether there is any account. */
  any(): Promise<boolean>;
}

export interface LoginFailureRecords {
  find(loginNameHash: string): Promise<LoginFailureRow | null>;
  save(row: LoginFailureRow): Promise<void>;
  clear(loginNameHash: string): Promise<void>;
  removeOlderThan(atMs: number): Promise<void>;
}

export interface SessionRecords {
  insert(session: SessionRow): Promise<void>;
  insertToken(token: SessionTokenRow): Promise<void>;
  byToken(tokenHash: string, kind: SessionTokenRow['kind']): Promise<{ token: SessionTokenRow; session: SessionRow } | null>;
  /** False when another caller used it first. */
  useToken(tokenHash: string, atMs: number): Promise<boolean>;
  end(sessionId: string, atMs: number): Promise<void>;
  /** Ends what these certificates opened. @returns the sessions that were still open */
  endOfCertificates(certificateSha256s: readonly string[], atMs: number, accountId?: string): Promise<SessionRow[]>;
  /** Ends all of an account but one. @returns how many were still open */
  endOthers(accountId: string, keptSessionId: string, atMs: number): Promise<number>;
  removeExpired(beforeMs: number): Promise<void>;
}

/** Argon2id behind a port, so that nothing else knows its parameters. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  verify(passwordHash: string, password: string): Promise<boolean>;
  /** Hash of no password: verifying against it takes as long as against a real one. */
  readonly decoyHash: string;
}

/** Keyed or plain digests of tokens and login names. */
export interface TokenDigests {
  ofToken(token: string): string;
  ofLoginName(loginNameKey: string): string;
}
