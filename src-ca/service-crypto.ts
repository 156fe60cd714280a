/** The crypto port of the service: RSA on WebCrypto, national cryptography on the engine that could be opened. */
import { randomBytes } from 'node:crypto';
import { createCryptoPort, type CryptoPort } from '#shared/crypto/crypto-port.ts';
import { webCryptoProvider } from '#shared/crypto/webcrypto-provider.ts';
import { smProvider } from '#shared/sm/sm-provider.ts';
import type { EngineChoice } from '#shared/sm/choose-engine.ts';
import { openSmEngine } from './signers/open-sm-engine.ts';

export interface ServiceCrypto extends EngineChoice {
  readonly crypto: CryptoPort;
}

export function openServiceCrypto(): ServiceCrypto {
  const choice = openSmEngine();
  const crypto = createCryptoPort([webCryptoProvider(globalThis.crypto), smProvider(choice.engine, (length) => new Uint8Array(randomBytes(length)))], globalThis.crypto);
  return { ...choice, crypto };
}
