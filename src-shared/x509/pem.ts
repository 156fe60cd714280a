/** PEM (RFC 7468): textual form of DER. Writing is strict form; reading takes what stands around the blocks as explanation and skips it. Pure. */
import { fromBase64, toBase64 } from '../bytes/base64.ts';
import { AppError } from '../errors/app-error.ts';

export type PemLabel = 'CERTIFICATE' | 'CERTIFICATE REQUEST' | 'X509 CRL' | 'PUBLIC KEY' | 'PRIVATE KEY' | 'ENCRYPTED PRIVATE KEY';

export interface PemBlock {
  readonly label: string;
  readonly der: Uint8Array;
}

export function toPem(label: PemLabel, der: Uint8Array): string {
  const lines = toBase64(der).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

const MAX_PEM_CHARACTERS = 64 * 1024 * 1024;
const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,40})-----\r?\n([A-Za-z0-9+/=\r\n \t]*)-----END ([A-Z0-9 ]{1,40})-----/g;

/** All blocks, in order. @throws CERTIFICATE_MALFORMED when a block is damaged */
export function fromPem(text: string): PemBlock[] {
  if (text.length > MAX_PEM_CHARACTERS) throw new AppError('CERTIFICATE_MALFORMED', { reason: 'PEM too large' });
  const blocks: PemBlock[] = [];
  for (const [, label = '', body = '', endLabel] of text.matchAll(BLOCK)) {
    if (label !== endLabel) throw new AppError('CERTIFICATE_MALFORMED', { reason: 'PEM labels differ' });
    try {
      blocks.push({ label, der: fromBase64(body.replace(/[\s]/g, '')) });
    } catch (thrown) {
      throw new AppError('CERTIFICATE_MALFORMED', { reason: 'PEM body is not base64' }, thrown);
    }
  }
  if (blocks.length !== (text.match(/-----BEGIN /g) ?? []).length) throw new AppError('CERTIFICATE_MALFORMED', { reason: 'PEM block is damaged' });
  return blocks;
}

/** The only block of that label. @throws CERTIFICATE_MALFORMED when there is none, or more than one */
export function onlyFromPem(label: PemLabel, text: string): Uint8Array {
  const [found, ...more] = fromPem(text).filter((block) => block.label === label);
  if (!found || more.length > 0) throw new AppError('CERTIFICATE_MALFORMED', { reason: found ? 'more than one PEM block' : 'no PEM block', label });
  return found.der;
}
