/**
 * Who may use the local shell: whoever opens a link of it first. A link holds a token of 256 random bits that works once and gives a session;
 * the session lives in a cookie until the shell ends. Rule: only digests are kept, so nothing in memory or in a dump opens the shell.
 */
import { createHash, randomBytes } from 'node:crypto';

const LINK_LIFETIME_MS = 60 * 60 * 1000;
/** A person opens a few windows; a program that opens more is not one of ours. The oldest gives way. */
const MAX_SESSIONS = 16;
const MAX_OPEN_LINKS = 16;

export interface OneTimeLinks {
  /** @returns a new token, base64url */
  issue(): string;
  /** @returns the secret of a new session, or null when the token is unknown, used or too old */
  redeem(token: string): string | null;
  isSession(secret: string): boolean;
}

export function createOneTimeLinks(nowMs: () => number): OneTimeLinks {
  const openLinks = new Map<string, number>();
  const sessions = new Set<string>();

  return {
    issue() {
      const token = randomBytes(32).toString('base64url');
      openLinks.set(digest(token), nowMs() + LINK_LIFETIME_MS);
      dropOldest(openLinks, MAX_OPEN_LINKS);
      return token;
    },
    redeem(token) {
      // Found by digest: the time that a lookup takes says nothing about the token.
      const key = digest(token);
      const endsMs = openLinks.get(key);
      openLinks.delete(key);
      if (endsMs === undefined || nowMs() >= endsMs) return null;
      const secret = randomBytes(32).toString('base64url');
      sessions.add(digest(secret));
      dropOldest(sessions, MAX_SESSIONS);
      return secret;
    },
    isSession: (secret) => sessions.has(digest(secret)),
  };
}

const digest = (secret: string) => createHash('sha256').update(secret).digest('base64url');

function dropOldest(kept: { size: number; keys(): Iterator<string>; delete(key: string): unknown }, most: number): void {
  if (kept.size <= most) return;
  const oldest = kept.keys().next();
  if (!oldest.done) kept.delete(oldest.value);
}
