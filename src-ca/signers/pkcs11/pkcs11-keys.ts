/**
 * The CA's keys in a PKCS#11 token: made there, never outside. RSA in any module; SM2 in one whose mechanism numbers are configured. What an SM2 mechanism is
 * given is computed here – e = SM3(Z ‖ M) with the default user id, as GM/T 0015 certificates and lists are signed – and what comes back is written as strict DER.
 */
import { concatBytes } from '#shared/bytes/byte-strings.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { portableEngine } from '#shared/sm/portable-engine.ts';
import { sm2MessageDigestWith } from '#shared/sm/sm-provider.ts';
import { readSm2Signature, writeSm2Signature } from '#shared/sm/sm2-der.ts';
import { sm2UserDigest } from '#shared/sm/sm2-key.ts';
import type { SmEngine } from '#shared/sm/sm-engine.ts';
import { parsePublicKeyInfo } from '#shared/x509/public-key-info.ts';
import type { Signer } from '../../authority/authority-port.ts';
import { startSignerProcess, type SignerProcess, type SignerProcessOptions } from './signer-process.ts';
import type { NewKey } from './signer-protocol.ts';
import type { Sm2Mechanisms, Sm2SignInput } from './sm2-mechanisms.ts';

export type Pkcs11KeySource = SignerProcessOptions;

export interface Pkcs11Keys {
  generate(keyId: string, algorithm: Signer['signAlgorithm'], bits: number): Promise<Signer>;
  find(keyId: string): Promise<Signer | null>;
  close(): Promise<void>;
}

interface Module {
  readonly signerProcess: SignerProcess;
  readonly sm2: Sm2Mechanisms | null;
  readonly engine: SmEngine;
}

const NEW_KEYS: Readonly<Record<Signer['signAlgorithm'], (bits: number) => NewKey>> = { 'rsa-sha256': (modulusBits) => ({ kind: 'rsa', modulusBits }), 'sm2-sm3': () => ({ kind: 'sm2' }) };

/** @param engine digests what SM2 keys sign */
export async function openPkcs11Keys(source: Pkcs11KeySource, engine: SmEngine = portableEngine): Promise<Pkcs11Keys> {
  const signerProcess = startSignerProcess(source);
  const module: Module = { signerProcess, sm2: source.sm2 ?? null, engine };
  return {
    async generate(keyId, algorithm, bits) {
      const publicKeySpkiDer = await signerProcess.call({ call: 'generate', keyId, key: NEW_KEYS[algorithm](bits) });
      return signerOf(module, keyId, publicKeySpkiDer ?? failed('key'));
    },
    async find(keyId) {
      const publicKeySpkiDer = await signerProcess.call({ call: 'find', keyId });
      return publicKeySpkiDer && signerOf(module, keyId, publicKeySpkiDer);
    },
    close: () => signerProcess.close(),
  };
}

function signerOf(module: Module, keyId: string, publicKeySpkiDer: Uint8Array): Signer {
  const sign = async (input: Uint8Array) => (await module.signerProcess.call({ call: 'sign', keyId, input })) ?? failed('sign');
  const info = parsePublicKeyInfo(publicKeySpkiDer);
  if (info.kind === 'rsa') return { keyId, signAlgorithm: 'rsa-sha256', publicKeySpkiDer, sign };
  const sm2 = module.sm2 ?? refuse('ALGORITHM_UNSUPPORTED', { algorithm: info.kind });
  return {
    keyId,
    signAlgorithm: 'sm2-sm3',
    publicKeySpkiDer,
    async sign(message) {
      const input = await SM2_INPUTS[sm2.signInput](module.engine, 'point' in info ? info.point : failed('key'), message);
      return signatureDer(sm2, await sign(input));
    },
  };
}

const SM2_INPUTS: Readonly<Record<Sm2SignInput, (engine: SmEngine, publicKey: Uint8Array, message: Uint8Array) => Promise<Uint8Array>>> = {
  digest: (engine, publicKey, message) => sm2MessageDigestWith(engine, publicKey, message),
  message: async (_engine, _publicKey, message) => message,
  'z-and-message': async (_engine, publicKey, message) => concatBytes(sm2UserDigest(publicKey), message),
};

/** Strict DER, whatever the form that the module gives. That the signature is right is checked by whoever gives it out (sign-checked.ts). */
function signatureDer({ signatureForm }: Sm2Mechanisms, signature: Uint8Array): Uint8Array {
  if (signatureForm === 'raw') return signature.length === 64 ? writeSm2Signature(signature) : failed('signature form');
  try {
    return writeSm2Signature(readSm2Signature(signature));
  } catch (thrown) {
    throw new AppError('SIGNER_FAILED', { reason: 'signature form' }, thrown);
  }
}

function failed(reason: string): never {
  throw new AppError('SIGNER_FAILED', { reason });
}
