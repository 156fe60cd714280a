/** The crypto port: verification, encryption, digests and randomness, put together from providers. A provider lists the rows it knows; the first that knows a row carries it out. */
import { AppError } from '../errors/app-error.ts';
import type { EncryptAlgorithmId, SignAlgorithmId } from './algorithms.ts';
import { DIGESTS, type DigestFunction, type DigestId } from './digests.ts';

export interface CryptoProvider {
  readonly name: string;
  readonly verifies: readonly SignAlgorithmId[];
  readonly encrypts: readonly EncryptAlgorithmId[];
  readonly digests?: Readonly<Partial<Record<DigestId, DigestFunction>>>;
  /** @returns false for a wrong or malformed signature. @throws KEY_INVALID when the key cannot be used */
  verify(algorithm: SignAlgorithmId, publicKeySpkiDer: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
  /** @throws KEY_INVALID */
  encrypt(algorithm: EncryptAlgorithmId, publicKeySpkiDer: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array>;
}

export interface CryptoPort {
  /** @throws ALGORITHM_UNSUPPORTED, KEY_INVALID */
  verify(algorithm: SignAlgorithmId, publicKeySpkiDer: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
  /** @throws ALGORITHM_UNSUPPORTED, KEY_INVALID */
  encrypt(algorithm: EncryptAlgorithmId, publicKeySpkiDer: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array>;
  /** @throws ALGORITHM_UNSUPPORTED */
  digest(algorithm: DigestId, message: Uint8Array): Uint8Array;
  randomBytes(length: number): Uint8Array;
}

export interface RandomSource {
  getRandomValues(bytes: Uint8Array<ArrayBuffer>): unknown;
}

/** @param random usually `globalThis.crypto` */
export function createCryptoPort(providers: readonly CryptoProvider[], random: RandomSource): CryptoPort {
  const unsupported = (algorithm: string): never => {
    throw new AppError('ALGORITHM_UNSUPPORTED', { algorithm });
  };
  return {
    async verify(algorithm, publicKeySpkiDer, message, signature) {
      const provider = providers.find((one) => one.verifies.includes(algorithm)) ?? unsupported(algorithm);
      return provider.verify(algorithm, publicKeySpkiDer, message, signature);
    },
    async encrypt(algorithm, publicKeySpkiDer, plaintext) {
      const provider = providers.find((one) => one.encrypts.includes(algorithm)) ?? unsupported(algorithm);
      return provider.encrypt(algorithm, publicKeySpkiDer, plaintext);
    },
    digest(algorithm, message) {
      const digest = providers.find((one) => one.digests?.[algorithm])?.digests?.[algorithm] ?? DIGESTS[algorithm] ?? unsupported(algorithm);
      return digest(message);
    },
    randomBytes(length) {
      const bytes = new Uint8Array(length);
      // getRandomValues gives at most 65,536 octets per call.
      for (let at = 0; at < length; at += 65_536) random.getRandomValues(bytes.subarray(at, at + 65_536));
      return bytes;
    },
  };
}
