/** RSA rows of the crypto port on WebCrypto. The engine is an argument: `globalThis.crypto` of Node or Electron. */
import { AppError } from '../errors/app-error.ts';
import { SIGN_ALGORITHMS, type SignAlgorithmId } from './algorithms.ts';
import type { CryptoProvider } from './crypto-port.ts';

const VERIFIES = ['rsa-sha256', 'rsa-sha384', 'rsa-sha512'] as const satisfies readonly SignAlgorithmId[];
/** WebCrypto wants octets that nobody shares with another thread. */
const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

export function webCryptoProvider(crypto: Crypto): CryptoProvider {
  async function importKey(publicKeySpkiDer: Uint8Array, name: string, hash: string, usage: KeyUsage): Promise<CryptoKey> {
    try {
      return await crypto.subtle.importKey('spki', own(publicKeySpkiDer), { name, hash }, false, [usage]);
    } catch (thrown) {
      throw new AppError('KEY_INVALID', { reason: 'public key cannot be imported' }, thrown);
    }
  }
  return {
    name: 'webcrypto',
    verifies: VERIFIES,
    encrypts: ['rsa-oaep-sha1'],
    async verify(algorithm, publicKeySpkiDer, message, signature) {
      const key = await importKey(publicKeySpkiDer, 'RSASSA-PKCS1-v1_5', SIGN_ALGORITHMS[algorithm].digest.toUpperCase(), 'verify');
      return crypto.subtle.verify('RSASSA-PKCS1-v1_5', key, own(signature), own(message));
    },
    async encrypt(_algorithm, publicKeySpkiDer, plaintext) {
      const key = await importKey(publicKeySpkiDer, 'RSA-OAEP', 'SHA-1', 'encrypt');
      try {
        return new Uint8Array(await crypto.subtle.encrypt('RSA-OAEP', key, own(plaintext)));
      } catch (thrown) {
        throw new AppError('KEY_INVALID', { reason: 'public key cannot encrypt this' }, thrown);
      }
    },
  };
}
