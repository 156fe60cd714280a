/** The crypto port of every desktop process: WebCrypto for RSA, the engine of national cryptography for SM2 and SM3. */
import { createCryptoPort, type CryptoPort } from '#shared/crypto/crypto-port.ts';
import { webCryptoProvider } from '#shared/crypto/webcrypto-provider.ts';
import type { SmEngine } from '#shared/sm/sm-engine.ts';
import { smProvider } from '#shared/sm/sm-provider.ts';

export function createDesktopCrypto(engine: SmEngine): CryptoPort {
  const randomBytes = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));
  return createCryptoPort([webCryptoProvider(globalThis.crypto), smProvider(engine, randomBytes)], globalThis.crypto);
}
