/**
 * Which addresses of a CA service are allowed. Rule: passwords, codes and tokens travel encrypted, so `https:` everywhere; `http:` only
 * to this very machine (embedded CA, development). There is no setting that loosens it: a private CA root is brought by the system's
 * trust store or NODE_EXTRA_CA_CERTS instead.
 */
import { isIP } from 'node:net';
import { AppError } from '#shared/errors/app-error.ts';

/** @returns the address with a trailing slash. @throws CA_ADDRESS_INVALID, CA_ADDRESS_INSECURE */
export function readCaBaseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') throw new AppError('CA_ADDRESS_INVALID', { reason: 'form' });
  // A password in the address would end up in logs and on the settings page.
  if (url.username !== '' || url.password !== '') throw new AppError('CA_ADDRESS_INVALID', { reason: 'credentials' });
  if (url.protocol === 'http:' && !isThisMachine(url.hostname)) throw new AppError('CA_ADDRESS_INSECURE', { host: url.hostname });
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

function isThisMachine(hostname: string): boolean {
  if (hostname === 'localhost' || hostname === '[::1]') return true;
  return isIP(hostname) === 4 && hostname.startsWith('127.');
}
