/** The outside opinion: OpenSSL's command line makes SM2 keys, signs, verifies and encrypts, independently of the library under test. */
import { execFileSync } from 'node:child_process';
import { createCipheriv, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const DEFAULT_ID = '1234567812345678';

export interface Sm2Key {
  /** PKCS#8 in DER, as OpenSSL writes it. */
  readonly der: Buffer;
  /** 32 bytes. */
  readonly d: Buffer;
  /** 04 ‖ X ‖ Y. */
  readonly point: Buffer;
}

/** One DER element around its parts. */
export function tlv(tag: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const length = body.length < 0x80 ? [body.length] : body.length < 0x100 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const CURVE = Buffer.from('06082a811ccf5501822d', 'hex');
const EC_PUBLIC_KEY = Buffer.from('06072a8648ce3d0201', 'hex');

/** SubjectPublicKeyInfo of a point on the SM2 curve. */
export const sm2Spki = (point: Uint8Array): Buffer => tlv(0x30, tlv(0x30, EC_PUBLIC_KEY, CURVE), tlv(0x03, Buffer.from([0]), point));

function openssl(args: string[], files: Record<string, Uint8Array> = {}, output?: string): { readonly ok: boolean; readonly output: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'bidkey-openssl-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    try {
      const stdout = execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
      return { ok: true, output: output === undefined ? stdout : readFileSync(join(folder, output)) };
    } catch (refused) {
      if (refused instanceof Error && 'status' in refused) return { ok: false, output: Buffer.alloc(0) };
      throw refused;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function makeSm2Key(): Sm2Key {
  const der = openssl(['ecparam', '-genkey', '-name', 'SM2', '-noout', '-outform', 'DER']).output;
  return { der, d: der.subarray(36, 68), point: der.subarray(-65) };
}

export function opensslVerifies(point: Uint8Array, message: Uint8Array, signatureDer: Uint8Array, id = DEFAULT_ID): boolean {
  const args = ['pkeyutl', '-verify', '-pubin', '-keyform', 'DER', '-inkey', 'pub.der', '-rawin', '-digest', 'sm3', '-pkeyopt', `distid:${id}`, '-sigfile', 'sig', '-in', 'message'];
  return openssl(args, { 'pub.der': sm2Spki(point), sig: signatureDer, message }).ok;
}

export function opensslSigns(key: Sm2Key, message: Uint8Array, id = DEFAULT_ID): Buffer {
  const args = ['pkeyutl', '-sign', '-keyform', 'DER', '-inkey', 'key.der', '-rawin', '-digest', 'sm3', '-pkeyopt', `distid:${id}`, '-in', 'message', '-out', 'sig'];
  return openssl(args, { 'key.der': key.der, message }, 'sig').output;
}

/** SM2Cipher in DER. */
export function opensslEncrypts(point: Uint8Array, plain: Uint8Array): Buffer {
  return openssl(['pkeyutl', '-encrypt', '-pubin', '-keyform', 'DER', '-inkey', 'pub.der', '-in', 'plain', '-out', 'cipher'], { 'pub.der': sm2Spki(point), plain }, 'cipher').output;
}

export function opensslDecrypts(key: Sm2Key, cipherDer: Uint8Array): Buffer {
  return openssl(['pkeyutl', '-decrypt', '-keyform', 'DER', '-inkey', 'key.der', '-in', 'cipher', '-out', 'plain'], { 'key.der': key.der, cipher: cipherDer }, 'plain').output;
}

export interface EnvelopeParts { readonly symEncryptedKey: Buffer; readonly encryptedPrivateKey: Buffer; readonly point: Buffer }

/** What a key-management centre makes: the key pair's private key under a fresh SM4 key, that key under the recipient's signing key. */
export function makeEnvelope(recipientPoint: Uint8Array, inner: Sm2Key, privateKeyBytes: Uint8Array = inner.d): EnvelopeParts {
  const sessionKey = randomBytes(16);
  const cipher = createCipheriv('sm4-ecb', sessionKey, null).setAutoPadding(false);
  return { symEncryptedKey: opensslEncrypts(recipientPoint, sessionKey), encryptedPrivateKey: Buffer.concat([cipher.update(privateKeyBytes), cipher.final()]), point: inner.point };
}

/** SM2EnvelopedKey (GM/T 0009) in DER. */
export function envelopedKeyDer(parts: EnvelopeParts): Buffer {
  const sm4Ecb = Buffer.from('06082a811ccf55016801', 'hex');
  const bits = (content: Uint8Array) => tlv(0x03, Buffer.from([0]), content);
  return tlv(0x30, tlv(0x30, sm4Ecb), parts.symEncryptedKey, bits(parts.point), bits(parts.encryptedPrivateKey));
}

/** A self-signed certificate on an own SM2 key: enough for what a token looks at. */
export function makeSm2Certificate(key: Sm2Key, name: string): Buffer {
  const args = ['req', '-x509', '-new', '-key', 'key.der', '-keyform', 'DER', '-subj', `/C=CN/CN=${name}`, '-sm3', '-sigopt', `distid:${DEFAULT_ID}`, '-days', '30', '-outform', 'DER', '-out', 'cert.der'];
  return openssl(args, { 'key.der': key.der }, 'cert.der').output;
}
