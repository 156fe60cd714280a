/** What every deed of sealing needs from outside: cryptography and the clock. */
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { createSuites, type SuiteId, type SuiteSource } from '#shared/seal/suites.ts';
import type { Means } from '#shared/seal/prepare-file.ts';
import type { SmEngine } from '#shared/sm/sm-engine.ts';
import { createDesktopCrypto } from '../sm-engine/desktop-crypto.ts';
import type { BatchBuffers } from './batch-buffers.ts';

export interface SealingMeans {
  readonly suites: SuiteSource;
  readonly crypto: CryptoPort;
  readonly engine: SmEngine;
  readonly clock: () => Date;
  /** Told of every octet that is read from a bid. */
  readonly onRead?: (octets: number) => void;
  /** Where openings of one session take their buffers from; each its own when absent. */
  readonly buffers?: BatchBuffers;
}

export interface WorkOptions {
  /** Octets of payload done so far, of how many; the total grows by the manifest at the end of a sealing. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
  readonly signal?: AbortSignal;
}

export function createSealingMeans(engine: SmEngine, clock: () => Date = () => new Date()): SealingMeans {
  return { suites: createSuites(engine, globalThis.crypto), crypto: createDesktopCrypto(engine), engine, clock };
}

export const meansFor = (means: SealingMeans, suite: SuiteId): Means => ({ suite: means.suites(suite), crypto: means.crypto, engine: means.engine });
