/**
 * The key-management centre over its key store: `kmc-1`, `kmc-2`, … wrap the escrowed keys; the newest wraps new ones, the older ones open what they wrapped
 * until it is wrapped anew. Stores no subscriber's key: the caller keeps the wrapped form.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { wipeBytes } from '#shared/bytes/byte-strings.ts';
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { portableEngine } from '#shared/sm/portable-engine.ts';
import type { SmEngine } from '#shared/sm/sm-engine.ts';
import type { EscrowedKey, KeyManagementCentre } from '../authority/authority-port.ts';
import { fileExists } from '../secrets/file-exists.ts';
import { createSoftwareKeystore, openSoftwareKeystore, type SoftwareKeystore } from '../signers/software-keystore.ts';
import { ENVELOPE_FORMATS, OPENING_KEY_FORMATS } from './envelope-formats.ts';
import { unwrapPrivateKey, wrapPrivateKey } from './escrow-wrap.ts';
import { unwrapSecret, wrapSecret } from './secret-wrap.ts';
import { createKeyPool, type KeyPool } from './key-pool.ts';
import { SUBSCRIBER_KEYS } from './subscriber-keys.ts';

export interface CentreOptions {
  /** Key store of the centre; its folder must exist. */
  readonly file: string;
  readonly passphrase: Uint8Array;
  readonly crypto: CryptoPort;
  /** For SM2 keys; portable arithmetic when none is given. */
  readonly engine?: SmEngine;
  /** Key pairs made ahead, per algorithm named here. */
  readonly pool?: { readonly algorithms: readonly KeyAlgorithm[]; readonly size: number };
  /** Hears of faults in the background. */
  readonly onFault: (thrown: unknown) => void;
  readonly scryptLog2N?: number;
}

export interface OpenCentre {
  readonly centre: KeyManagementCentre;
  readonly created: boolean;
  /** A new wrapping key from now on. @returns its id */
  rotate(): Promise<string>;
  /** The same key under the newest wrapping key; unchanged when it is there already. @throws DECRYPT_FAILED, NOT_FOUND */
  rewrap(escrowed: EscrowedKey): EscrowedKey;
  /** Resolves when the pools are full. */
  poolsSettled(): Promise<void>;
  close(): Promise<void>;
}

const KEY_ID = /^kmc-(\d{1,6})$/;

/** @throws KEYSTORE_UNREADABLE */
export async function openOrCreateKeyManagementCentre(options: CentreOptions): Promise<OpenCentre> {
  const created = !(await fileExists(options.file));
  const keystore = created ? await createSoftwareKeystore(options.file, options.passphrase, options.scryptLog2N === undefined ? {} : { scryptLog2N: options.scryptLog2N }) : await openSoftwareKeystore(options.file, options.passphrase);
  // Also after a power cut between making the file and the first key.
  if (newestNumber(keystore) === 0) await addWrappingKey(keystore);
  const engine = options.engine ?? portableEngine;
  const generate = (algorithm: KeyAlgorithm) => generateEscrowed(algorithm, keystore, engine);
  const pools = new Map<KeyAlgorithm, KeyPool>((options.pool?.algorithms ?? []).map((algorithm) => [algorithm, createKeyPool(options.pool?.size ?? 0, () => generate(algorithm), options.onFault)]));
  const rewrap = (escrowed: EscrowedKey) => rewrapUnderNewest(escrowed, keystore);
  return {
    created,
    centre: {
      async generate(algorithm) {
        const escrowed = await (pools.get(algorithm)?.take() ?? generate(algorithm));
        // The pool may hold keys from before a rotation.
        return rewrap(escrowed);
      },
      async envelope(escrowed, recipient, keyInterface = 'pkcs11') {
        const pkcs8Der = unwrapChecked(escrowed, keystore);
        try {
          return await ENVELOPE_FORMATS[keyInterface][escrowed.algorithm](pkcs8Der, recipient, { crypto: options.crypto, engine });
        } finally {
          wipeBytes(pkcs8Der);
        }
      },
      async envelopeForOpeningKey(escrowed, openingPublicKeySpkiDer, keyInterface = 'pkcs11') {
        const pkcs8Der = unwrapChecked(escrowed, keystore);
        try {
          return await OPENING_KEY_FORMATS[keyInterface][escrowed.algorithm](pkcs8Der, { signPublicKeySpkiDer: openingPublicKeySpkiDer }, { crypto: options.crypto, engine });
        } finally {
          wipeBytes(pkcs8Der);
        }
      },
      wrapSecret: (secret, purpose) => wrapSecret(secret, purpose, newestKeyId(keystore), keystore.secretKey(newestKeyId(keystore))),
      unwrapSecret: (wrapped, purpose) => unwrapSecret(wrapped, purpose, (wrappingKeyId) => keystore.secretKey(wrappingKeyId)),
    },
    rotate: () => addWrappingKey(keystore),
    rewrap,
    async poolsSettled() {
      await Promise.all([...pools.values()].map((pool) => pool.settled()));
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.close()));
      keystore.close();
    },
  };
}

async function generateEscrowed(algorithm: KeyAlgorithm, keystore: SoftwareKeystore, engine: SmEngine): Promise<EscrowedKey> {
  const { publicKeySpkiDer, pkcs8Der } = await SUBSCRIBER_KEYS[algorithm].generate(engine);
  const wrappingKeyId = newestKeyId(keystore);
  try {
    return wrapPrivateKey(pkcs8Der, { algorithm, publicKeySpkiDer, wrappingKeyId }, keystore.secretKey(wrappingKeyId));
  } finally {
    wipeBytes(pkcs8Der);
  }
}

function rewrapUnderNewest(escrowed: EscrowedKey, keystore: SoftwareKeystore): EscrowedKey {
  const wrappingKeyId = newestKeyId(keystore);
  if (escrowed.wrappingKeyId === wrappingKeyId) return escrowed;
  const pkcs8Der = unwrapChecked(escrowed, keystore);
  try {
    return wrapPrivateKey(pkcs8Der, { algorithm: escrowed.algorithm, publicKeySpkiDer: escrowed.publicKeySpkiDer, wrappingKeyId }, keystore.secretKey(wrappingKeyId));
  } finally {
    wipeBytes(pkcs8Der);
  }
}

/** The private key, after making sure that it is the one of the public key that stands beside it. */
function unwrapChecked(escrowed: EscrowedKey, keystore: SoftwareKeystore): Buffer {
  const pkcs8Der = unwrapPrivateKey(escrowed, keystore.secretKey(escrowed.wrappingKeyId));
  const publicKeySpkiDer = SUBSCRIBER_KEYS[escrowed.algorithm].publicKeyOf(pkcs8Der);
  if (publicKeySpkiDer.length === escrowed.publicKeySpkiDer.length && timingSafeEqual(publicKeySpkiDer, escrowed.publicKeySpkiDer)) return pkcs8Der;
  wipeBytes(pkcs8Der);
  throw new AppError('KEY_INVALID', { reason: 'escrowed key is not the one of its public key' });
}

async function addWrappingKey(keystore: SoftwareKeystore): Promise<string> {
  const wrappingKeyId = `kmc-${newestNumber(keystore) + 1}`;
  const key = randomBytes(32);
  await keystore.add(wrappingKeyId, 'aes-256', key);
  wipeBytes(key);
  return wrappingKeyId;
}

const newestKeyId = (keystore: SoftwareKeystore): string => `kmc-${newestNumber(keystore)}`;

function newestNumber(keystore: SoftwareKeystore): number {
  return Math.max(0, ...keystore.keyIds().map((keyId) => Number(KEY_ID.exec(keyId)?.[1] ?? 0)));
}
