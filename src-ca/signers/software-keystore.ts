/**
 * Key store of the CA in one encrypted file: private keys (PKCS#8) and secret keys by id. The whole content is one AES-256-GCM ciphertext under a key made
 * from the passphrase by scrypt (RFC 7914), so a single key can be neither swapped nor dropped. Mode 0600, written whole or not at all.
 * Layout: `BKKS` ‖ version (1) ‖ log2 N (1) ‖ salt (16) ‖ nonce (12) ‖ ciphertext ‖ tag (16); the first 34 octets are authenticated with it.
 * Content: `SEQUENCE OF SEQUENCE { keyId UTF8String, kind UTF8String, key OCTET STRING }`.
 */
import { createCipheriv, createDecipheriv, randomBytes, scrypt, type KeyObject, createSecretKey } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DerReader } from '#shared/asn1/der-reader.ts';
import { derOctetString, derSequence, derUtf8String } from '#shared/asn1/der-writer.ts';
import { concatBytes, wipeBytes } from '#shared/bytes/byte-strings.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { portableEngine } from '#shared/sm/portable-engine.ts';
import type { SmEngine } from '#shared/sm/sm-engine.ts';
import type { Signer } from '../authority/authority-port.ts';
import { makeSoftwareSigner } from './software-signer.ts';

export type StoredKeyKind = Signer['signAlgorithm'] | 'aes-256';

interface StoredKey {
  readonly keyId: string;
  readonly kind: StoredKeyKind;
  readonly key: Uint8Array;
}

const MAGIC = Buffer.from('BKKS');
const VERSION = 1;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = MAGIC.length + 2 + SALT_BYTES + NONCE_BYTES;
const MAX_FILE_BYTES = 1 << 20;
/** N = 2^17, r = 8, p = 1: 128 MB and about half a second for one guess at the passphrase. */
export const DEFAULT_SCRYPT_LOG2_N = 17;
const MIN_SCRYPT_LOG2_N = 14;
const MAX_SCRYPT_LOG2_N = 20;
const KINDS: readonly StoredKeyKind[] = ['rsa-sha256', 'sm2-sm3', 'aes-256'];

export interface SoftwareKeystore {
  readonly file: string;
  keyIds(): string[];
  /** @throws KEYSTORE_EXISTS */
  add(keyId: string, kind: StoredKeyKind, key: Uint8Array): Promise<void>;
  /** @throws NOT_FOUND, KEY_INVALID */
  signer(keyId: string): Signer;
  /** @throws NOT_FOUND */
  secretKey(keyId: string): KeyObject;
  /** Wipes what is held in memory. */
  close(): void;
}

export interface KeystoreOptions {
  /** Cost of one guess at the passphrase; written into the file. */
  readonly scryptLog2N?: number;
  /** Signs with SM2 keys. */
  readonly engine?: SmEngine;
}

/** An empty key store. @throws KEYSTORE_EXISTS */
export async function createSoftwareKeystore(file: string, passphrase: Uint8Array, options: KeystoreOptions = {}): Promise<SoftwareKeystore> {
  const log2N = options.scryptLog2N ?? DEFAULT_SCRYPT_LOG2_N;
  const salt = randomBytes(SALT_BYTES);
  const fileKey = await deriveFileKey(passphrase, salt, log2N);
  await writeKeystore(file, fileKey, { log2N, salt }, [], 'new');
  return keystoreOf(file, fileKey, { log2N, salt }, [], options.engine);
}

/** @throws KEYSTORE_UNREADABLE */
export async function openSoftwareKeystore(file: string, passphrase: Uint8Array, options: Pick<KeystoreOptions, 'engine'> = {}): Promise<SoftwareKeystore> {
  const bytes = await readFile(file).catch((thrown: unknown) => unreadable(thrown));
  if (bytes.length < HEADER_BYTES + TAG_BYTES || bytes.length > MAX_FILE_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC) || bytes[MAGIC.length] !== VERSION) unreadable();
  const log2N = bytes[MAGIC.length + 1] ?? 0;
  // A forged cost must neither exhaust memory nor make guessing cheap.
  if (log2N < MIN_SCRYPT_LOG2_N || log2N > MAX_SCRYPT_LOG2_N) unreadable();
  const salt = bytes.subarray(MAGIC.length + 2, MAGIC.length + 2 + SALT_BYTES);
  const fileKey = await deriveFileKey(passphrase, salt, log2N);
  return keystoreOf(file, fileKey, { log2N, salt }, decryptContent(bytes, fileKey), options.engine);
}

interface Cost {
  readonly log2N: number;
  readonly salt: Uint8Array;
}

function keystoreOf(file: string, fileKey: Buffer, cost: Cost, first: readonly StoredKey[], engine: SmEngine = portableEngine): SoftwareKeystore {
  let keys = [...first];
  let writing = Promise.resolve();
  const find = (keyId: string) => keys.find((one) => one.keyId === keyId) ?? notFound(keyId);
  return {
    file,
    keyIds: () => keys.map((one) => one.keyId),
    add(keyId, kind, key) {
      // One after the other: two writers would lose one of the keys.
      const added = writing.then(async () => {
        if (keys.some((one) => one.keyId === keyId)) throw new AppError('KEYSTORE_EXISTS', { keyId });
        const more = [...keys, { keyId, kind, key: Uint8Array.from(key) }];
        await writeKeystore(file, fileKey, cost, more, 'replace');
        keys = more;
      });
      writing = added.then(() => undefined, () => undefined);
      return added;
    },
    signer(keyId) {
      const { kind, key } = find(keyId);
      return kind === 'aes-256' ? notFound(keyId) : makeSoftwareSigner(keyId, kind, key, engine);
    },
    secretKey(keyId) {
      const { kind, key } = find(keyId);
      return kind === 'aes-256' ? createSecretKey(key) : notFound(keyId);
    },
    close() {
      wipeBytes(fileKey, ...keys.map((one) => one.key));
      keys = [];
    },
  };
}

function deriveFileKey(passphrase: Uint8Array, salt: Uint8Array, log2N: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase, salt, 32, { N: 2 ** log2N, r: 8, p: 1, maxmem: 2 ** log2N * 1024 + (1 << 20) }, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

async function writeKeystore(file: string, fileKey: Buffer, cost: Cost, keys: readonly StoredKey[], mode: 'new' | 'replace'): Promise<void> {
  const nonce = randomBytes(NONCE_BYTES);
  const header = concatBytes(MAGIC, Uint8Array.of(VERSION, cost.log2N), cost.salt, nonce);
  const content = derSequence(...keys.map(({ keyId, kind, key }) => derSequence(derUtf8String(keyId), derUtf8String(kind), derOctetString(key))));
  const cipher = createCipheriv('aes-256-gcm', fileKey, nonce).setAAD(header);
  const ciphertext = Buffer.concat([cipher.update(content), cipher.final()]);
  wipeBytes(content);
  await writeWhole(file, concatBytes(header, ciphertext, cipher.getAuthTag()), mode);
}

/** A reader sees the old file or the new one, also after a power cut: written beside, synced, renamed, folder synced. */
async function writeWhole(file: string, bytes: Uint8Array, mode: 'new' | 'replace'): Promise<void> {
  if (mode === 'new') await refuseExisting(file);
  const beside = `${file}.new`;
  await rm(beside, { force: true });
  const handle = await open(beside, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, file);
  const folder = await open(dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function refuseExisting(file: string): Promise<void> {
  try {
    const handle = await open(file, 'r');
    await handle.close();
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw thrown;
  }
  throw new AppError('KEYSTORE_EXISTS', { reason: 'file exists' });
}

function decryptContent(bytes: Buffer, fileKey: Buffer): StoredKey[] {
  const header = bytes.subarray(0, HEADER_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', fileKey, header.subarray(HEADER_BYTES - NONCE_BYTES)).setAAD(header).setAuthTag(bytes.subarray(-TAG_BYTES));
  let content: Buffer;
  try {
    content = Buffer.concat([decipher.update(bytes.subarray(HEADER_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch (thrown) {
    return unreadable(thrown);
  }
  const keys = parseContent(content);
  wipeBytes(content);
  return keys;
}

function parseContent(content: Uint8Array): StoredKey[] {
  const list = DerReader.open(content).readSequence('keys');
  const keys: StoredKey[] = [];
  while (!list.atEnd) {
    const one = list.readSequence('key');
    const keyId = one.readString('key id').text;
    const kind = one.readString('kind').text;
    // Copied, because the content is wiped.
    const key = Uint8Array.from(one.readOctetString('key'));
    one.end('key');
    keys.push({ keyId, kind: KINDS.find((known) => known === kind) ?? unreadable(), key });
  }
  return keys;
}

function unreadable(cause?: unknown): never {
  throw new AppError('KEYSTORE_UNREADABLE', {}, cause);
}

function notFound(keyId: string): never {
  throw new AppError('NOT_FOUND', { keyId });
}
