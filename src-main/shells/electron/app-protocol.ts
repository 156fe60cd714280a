/**
 * `app://bidkey/`: the screens over a protocol of our own instead of file:, whose pages may read every file (checklist point 18).
 * Rule: one host, GET only, plain paths below dist/renderer, security headers on every answer.
 */
import type * as Electron from 'electron';
import { findScreenFile } from '../screens/find-screen-file.ts';
import { SECURITY_HEADERS } from '../screens/security-headers.ts';

export const APP_SCHEME = 'app';
export const APP_HOST = 'bidkey';
export const APP_ORIGIN = `${APP_SCHEME}://${APP_HOST}`;

/** Must run before the app is ready. `standard` gives it an origin; `secure` makes it a secure context. No service workers, no CORS, no CSP bypass. */
export function registerAppScheme(protocol: Electron.Protocol): void {
  protocol.registerSchemesAsPrivileged([{ scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
}

export function serveAppProtocol(protocol: Electron.Protocol, screensFolder: string): void {
  protocol.handle(APP_SCHEME, (request) => answerScreenRequest(screensFolder, request));
}

export async function answerScreenRequest(screensFolder: string, request: Pick<Request, 'url' | 'method'>): Promise<Response> {
  const path = rawPath(request.url);
  const file = path === null || request.method !== 'GET' ? null : await findScreenFile(screensFolder, path);
  if (file === null) return new Response('Not found', { status: 404, headers: { ...SECURITY_HEADERS, 'content-type': 'text/plain; charset=utf-8' } });
  return new Response(Uint8Array.from(file.bytes), { status: 200, headers: { ...SECURITY_HEADERS, 'content-type': file.mediaType } });
}

/** The path as it stands in the address, before any parser has tidied it up: what was not plain when sent is not served. */
function rawPath(url: string): string | null {
  if (!url.startsWith(`${APP_ORIGIN}/`)) return null;
  return url.slice(APP_ORIGIN.length).split(/[?#]/, 1)[0] ?? null;
}
