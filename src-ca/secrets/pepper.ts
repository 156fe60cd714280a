/** The service's pepper: 32 random bytes outside the database. Every keyed hash and seal of the service has a key of its own, derived from it by HKDF (RFC 5869). */
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { TokenDigests } from '../accounts/account-port.ts';
import type { AuditSeal } from '../audit/audit-port.ts';
import type { CodeHasher } from '../codes/code-port.ts';
import type { TextSeal } from '../messages/message-port.ts';
import type { ByteSeal } from '../requests/material-port.ts';

const PEPPER_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export type Mac = (text: string) => string;

export interface PepperedSecrets {
  readonly codeHasher: CodeHasher;
  readonly auditSeal: AuditSeal;
  readonly textSeal: TextSeal;
  readonly materialSeal: ByteSeal;
  readonly tokenDigests: TokenDigests;
  readonly cursorMac: Mac;
  readonly requestMac: Mac;
}

export function newPepper(): Uint8Array {
  return randomBytes(PEPPER_BYTES);
}

export function equalHex(aHex: string, bHex: string): boolean {
  const a = Buffer.from(aHex, 'hex');
  const b = Buffer.from(bHex, 'hex');
  return a.length === b.length && a.length > 0 && timingSafeEqual(a, b);
}

export function pepperedSecrets(pepper: Uint8Array): PepperedSecrets {
  if (pepper.length !== PEPPER_BYTES) throw new Error('the pepper file is damaged: it must hold 32 bytes');
  const keyFor = (use: string) => Buffer.from(hkdfSync('sha256', pepper, new Uint8Array(0), `BidKey CA ${use} v1`, 32));
  const macWith = (key: Buffer): Mac => (text) => createHmac('sha256', key).update(text, 'utf8').digest('hex');
  const codeMac = macWith(keyFor('authorization code'));
  const auditMac = macWith(keyFor('audit head'));
  const loginNameMac = macWith(keyFor('login name'));
  return {
    codeHasher: { mac: (code, saltHex) => codeMac(`${saltHex}:${code}`), equals: equalHex },
    auditSeal: { mac: (sequence, hashHex) => auditMac(`${sequence}:${hashHex}`), equals: equalHex },
    textSeal: textSeal(byteSeal(keyFor('message text'))),
    materialSeal: byteSeal(keyFor('request material')),
    // Tokens carry 256 random bits, so a plain digest cannot be searched; login names can be guessed, so theirs is keyed.
    tokenDigests: { ofToken: (token) => createHash('sha256').update(token, 'utf8').digest('hex'), ofLoginName: loginNameMac },
    cursorMac: macWith(keyFor('page cursor')),
    requestMac: macWith(keyFor('idempotent request')),
  };
}

/** AES-256-GCM: nonce ‖ ciphertext ‖ tag. */
function byteSeal(key: Buffer): ByteSeal {
  return {
    seal(bytes) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
    },
    open(sealed) {
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES));
      decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
      return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES)), decipher.final()]);
    },
  };
}

function textSeal({ seal, open }: ByteSeal): TextSeal {
  return { seal: (text) => seal(Buffer.from(text, 'utf8')), open: (sealed) => open(sealed).toString('utf8') };
}
