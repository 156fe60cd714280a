/**
 * Is this request from our own screens? Pure: headers in, refusal out. Against DNS rebinding (Host), pages of other origins (Origin,
 * Sec-Fetch-Site, SameSite cookie) and other users of the machine (session). Rule: absent data refuses, except headers that not every browser sends.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '#shared/errors/app-error.ts';

/** What a route asks of its caller, from weak to strong. */
export type Door =
  /** The page behind a link: holds nothing, may be opened from anywhere. */
  | 'link-page'
  /** Needs our own page, not yet a session. */
  | 'own-page'
  /** A page or file of the screens, opened by the person or by our own page, with a session. */
  | 'screens'
  /** A call to the engine: our own page and a session. */
  | 'engine';

export interface CallerChecks {
  /** `127.0.0.1:43210` */
  readonly host: string;
  readonly cookieName: string;
  readonly isSession: (secret: string) => boolean;
}

/** @throws SHELL_CALLER_REFUSED for a foreign caller, SHELL_TOKEN_INVALID for our own without a session */
export function checkCaller(door: Door, method: string, headers: IncomingHttpHeaders, checks: CallerChecks): void {
  // A name that was pointed at 127.0.0.1 (DNS rebinding) stands in Host; so only the address itself is ours.
  if (headers.host !== checks.host) refuse('host');
  checkOrigin(method, headers, checks);
  checkFetchMetadata(door, headers);
  if ((door === 'screens' || door === 'engine') && !hasSession(headers, checks)) throw new AppError('SHELL_TOKEN_INVALID');
}

function checkOrigin(method: string, headers: IncomingHttpHeaders, checks: CallerChecks): void {
  const { origin } = headers;
  // Browsers send Origin with every POST; what sends none is no page of ours.
  if (origin === undefined ? method === 'POST' : origin !== `http://${checks.host}`) refuse('origin');
}

/** `same-site` is foreign here: another port of 127.0.0.1 is another program, and SameSite cookies do go along from there. */
function checkFetchMetadata(door: Door, headers: IncomingHttpHeaders): void {
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin') return;
  const isOpenedPage = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  if (door === 'link-page' && isOpenedPage) return;
  // `none`: typed or bookmarked by the person.
  if (door === 'screens' && isOpenedPage && site === 'none') return;
  refuse('fetch-site');
}

function hasSession(headers: IncomingHttpHeaders, checks: CallerChecks): boolean {
  const wanted = `${checks.cookieName}=`;
  return (headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .some((pair) => pair.startsWith(wanted) && checks.isSession(pair.slice(wanted.length)));
}

function refuse(reason: string): never {
  throw new AppError('SHELL_CALLER_REFUSED', { reason });
}
