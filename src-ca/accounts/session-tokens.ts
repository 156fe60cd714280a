/** Access and refresh tokens: 256 random bits each; the store keeps only their hashes. */
import { randomBytes } from 'node:crypto';
import type { Session } from '#shared/contract/rest/accounts.ts';
import { DAY_MS, MINUTE_MS, utcText } from '../clock.ts';
import type { AccountRow, SessionRecords, TokenDigests } from './account-port.ts';
import { accountView } from './account-view.ts';

export const ACCESS_TOKEN_LIFE_MS = 15 * MINUTE_MS;
export const REFRESH_TOKEN_LIFE_MS = 14 * DAY_MS;

/** Gives a session new tokens and returns them; this is the only moment at which they are known here. */
export async function grantTokens(sessions: SessionRecords, digests: TokenDigests, sessionId: string, account: AccountRow, nowMs: number): Promise<Session> {
  const accessToken = `bka_${randomBytes(32).toString('base64url')}`;
  const refreshToken = `bkr_${randomBytes(32).toString('base64url')}`;
  const accessExpiresAtMs = nowMs + ACCESS_TOKEN_LIFE_MS;
  const refreshExpiresAtMs = nowMs + REFRESH_TOKEN_LIFE_MS;
  await sessions.insertToken({ tokenHash: digests.ofToken(accessToken), sessionId, kind: 'access', expiresAtMs: accessExpiresAtMs, usedAtMs: null });
  await sessions.insertToken({ tokenHash: digests.ofToken(refreshToken), sessionId, kind: 'refresh', expiresAtMs: refreshExpiresAtMs, usedAtMs: null });
  return {
    accessToken,
    accessTokenExpiresAtUtc: utcText(accessExpiresAtMs),
    refreshToken,
    refreshTokenExpiresAtUtc: utcText(refreshExpiresAtMs),
    account: accountView(account),
  };
}
