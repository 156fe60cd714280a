/**
 * Suites of a sealed bid: which AEAD, which digest. Spec §2. Pure: the arithmetic comes in, from the engine of national cryptography or WebCrypto.
 * Buffers handed in must not be changed before the promise settles.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { expand } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '../bytes/byte-strings.ts';
import { AppError, refuse } from '../errors/app-error.ts';
import { hkdfExpandSm3, hmacSm3 } from '../sm/hmac-sm3.ts';
import type { SmEngine, WideAes } from '../sm/sm-engine.ts';

export const SUITES = {
  sm: { number: 1, keyBytes: 16, digest: 'sm3' },
  aes: { number: 2, keyBytes: 32, digest: 'sha-256' },
} as const;
export type SuiteId = keyof typeof SUITES;

/** One suite with its arithmetic. */
export interface Suite {
  readonly id: SuiteId;
  readonly keyBytes: number;
  /** For small inputs, on the calling thread. */
  digest(...pieces: readonly Uint8Array[]): Uint8Array;
  /** Digests of many long messages at once. */
  digestMany(messages: readonly Uint8Array[]): Promise<Uint8Array[]>;
  hmac(key: Uint8Array, ...pieces: readonly Uint8Array[]): Uint8Array;
  /** HKDF-Expand of RFC 5869 §2.3. */
  hkdfExpand(pseudoRandomKey: Uint8Array, info: Uint8Array, length: number): Uint8Array;
  /** @returns ciphertext ‖ tag */
  encrypt(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plain: Uint8Array, out?: Uint8Array): Promise<Uint8Array>;
  /** @throws DECRYPT_FAILED */
  decrypt(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array, out?: Uint8Array): Promise<Uint8Array>;
}

export type SuiteSource = (id: SuiteId) => Suite;

export function createSuites(engine: SmEngine, webCrypto: Crypto): SuiteSource {
  const suites = { sm: smSuite(engine), aes: engine.wideAes ? wideAesSuite(aesSuite(webCrypto), engine.wideAes) : aesSuite(webCrypto) };
  return (id) => suites[id];
}

/** @throws SEAL_SUITE */
export function suiteOfNumber(number: number): SuiteId {
  return (Object.keys(SUITES) as SuiteId[]).find((id) => SUITES[id].number === number) ?? refuse('SEAL_SUITE', { number });
}

function smSuite(engine: SmEngine): Suite {
  return {
    id: 'sm',
    keyBytes: SUITES.sm.keyBytes,
    digest: (...pieces) => engine.sm3Sync(pieces.length === 1 && pieces[0] ? pieces[0] : concatBytes(...pieces)),
    digestMany: (messages) => engine.sm3Many(messages),
    hmac: hmacSm3,
    hkdfExpand: hkdfExpandSm3,
    encrypt: (key, nonce, aad, plain, out) => engine.sm4GcmEncrypt(key, nonce, aad, plain, out),
    decrypt: (key, nonce, aad, sealed, out) => engine.sm4GcmDecrypt(key, nonce, aad, sealed, out),
  };
}

/** WebCrypto wants octets that nobody shares with another thread; ours never are. */
const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => (bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes));

/** WebCrypto copies what it is given: all chunks of a batch at once would cost several times its memory. */
const MAX_AT_ONCE = 4;

function takeTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let free = MAX_AT_ONCE;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => void waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}

function aesSuite(webCrypto: Crypto): Suite {
  const inTurn = takeTurns();
  const importKey = (key: Uint8Array, usage: KeyUsage) => webCrypto.subtle.importKey('raw', own(key), 'AES-GCM', false, [usage]);
  const algorithm = (nonce: Uint8Array, aad: Uint8Array) => ({ name: 'AES-GCM', iv: own(nonce), additionalData: own(aad), tagLength: 128 });
  return {
    id: 'aes',
    keyBytes: SUITES.aes.keyBytes,
    digest: (...pieces) => sha256(concatBytes(...pieces)),
    digestMany: (messages) => Promise.all(messages.map((message) => inTurn(async () => new Uint8Array(await webCrypto.subtle.digest('SHA-256', own(message)))))),
    hmac: (key, ...pieces) => hmac(sha256, key, concatBytes(...pieces)),
    hkdfExpand: (key, info, length) => expand(sha256, key, info, length),
    encrypt: (key, nonce, aad, plain, out) => inTurn(async () => {
      const sealed = await webCrypto.subtle.encrypt(algorithm(nonce, aad), await importKey(key, 'encrypt'), own(plain));
      return into(out, new Uint8Array(sealed));
    }),
    decrypt: (key, nonce, aad, sealed, out) => inTurn(async () => {
      const imported = await importKey(key, 'decrypt');
      try {
        return into(out, new Uint8Array(await webCrypto.subtle.decrypt(algorithm(nonce, aad), imported, own(sealed))));
      } catch (thrown) {
        throw new AppError('DECRYPT_FAILED', {}, thrown);
      }
    }),
  };
}

/** Lanes of the engine. From so many messages of equal length on, they are faster than WebCrypto with one after the other. */
const MOST_LANES = 16;
const FEWEST_LANES = 4;

/** The same suite where the engine has wide AES: in place, without WebCrypto's copies. */
function wideAesSuite(suite: Suite, wide: WideAes): Suite {
  return {
    ...suite,
    digestMany: async (messages) => (await Promise.all(runsOfEqualLength(messages).map((run) => (run.length < FEWEST_LANES ? suite.digestMany(run) : wide.sha256Many(run))))).flat(),
    encrypt: (key, nonce, aad, plain, out) => wide.aes256GcmEncrypt(key, nonce, aad, plain, out),
    decrypt: (key, nonce, aad, sealed, out) => wide.aes256GcmDecrypt(key, nonce, aad, sealed, out),
  };
}

function runsOfEqualLength(messages: readonly Uint8Array[]): Uint8Array[][] {
  const runs: Uint8Array[][] = [];
  for (const message of messages) {
    const run = runs[runs.length - 1];
    if (run && run.length < MOST_LANES && run[0]?.length === message.length) run.push(message);
    else runs.push([message]);
  }
  return runs;
}

function into(out: Uint8Array | undefined, result: Uint8Array): Uint8Array {
  if (!out) return result;
  out.set(result);
  return out;
}
