/** The CA's keys in a PKCS#11 token: made there, never outside. RSA only; a module with SM2 needs vendor mechanisms. */
import { AppError } from '#shared/errors/app-error.ts';
import type { Signer } from '../../authority/authority-port.ts';
import { startSignerProcess, type SignerProcess, type SignerProcessOptions } from './signer-process.ts';

export type Pkcs11KeySource = SignerProcessOptions;

export interface Pkcs11Keys {
  generate(keyId: string, algorithm: Signer['signAlgorithm'], bits: number): Promise<Signer>;
  find(keyId: string): Promise<Signer | null>;
  close(): Promise<void>;
}

export async function openPkcs11Keys(source: Pkcs11KeySource): Promise<Pkcs11Keys> {
  const signerProcess = startSignerProcess(source);
  return {
    async generate(keyId, algorithm, bits) {
      if (algorithm !== 'rsa-sha256') throw new AppError('ALGORITHM_UNSUPPORTED', { algorithm });
      const publicKeySpkiDer = await signerProcess.call({ call: 'generate', keyId, modulusBits: bits });
      if (!publicKeySpkiDer) throw new AppError('SIGNER_FAILED', { reason: 'key' });
      return signerOf(signerProcess, keyId, publicKeySpkiDer);
    },
    async find(keyId) {
      const publicKeySpkiDer = await signerProcess.call({ call: 'find', keyId });
      return publicKeySpkiDer && signerOf(signerProcess, keyId, publicKeySpkiDer);
    },
    close: () => signerProcess.close(),
  };
}

function signerOf(signerProcess: SignerProcess, keyId: string, publicKeySpkiDer: Uint8Array): Signer {
  return {
    keyId,
    signAlgorithm: 'rsa-sha256',
    publicKeySpkiDer,
    async sign(message) {
      return (await signerProcess.call({ call: 'sign', keyId, message })) ?? missing();
    },
  };
}

function missing(): never {
  throw new AppError('SIGNER_FAILED', { reason: 'sign' });
}
