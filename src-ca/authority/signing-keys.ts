/** Where the CA's keys come from: a port of `open-or-create-authority`, with its two implementations chosen by configuration. */
import { join } from 'node:path';
import { wipeBytes } from '#shared/bytes/byte-strings.ts';
import type { SmEngine } from '#shared/sm/sm-engine.ts';
import { fileExists } from '../secrets/file-exists.ts';
import { openPkcs11Keys, type Pkcs11KeySource } from '../signers/pkcs11/pkcs11-keys.ts';
import { createSoftwareKeystore, openSoftwareKeystore, type SoftwareKeystore } from '../signers/software-keystore.ts';
import { generateSigningKey } from '../signers/software-signer.ts';
import type { Signer } from './authority-port.ts';

export type SignerSource =
  | { readonly kind: 'software'; readonly passphrase: Uint8Array; /** Cost of a guess at the passphrase, of new files. */ readonly scryptLog2N?: number }
  | ({ readonly kind: 'pkcs11' } & Pkcs11KeySource);

export interface SigningKeys {
  generate(keyId: string, algorithm: Signer['signAlgorithm'], bits: number): Promise<Signer>;
  /** @returns null when the key is not here, as a root key that is kept apart */
  find(keyId: string): Promise<Signer | null>;
  close(): Promise<void>;
}

/**
 * @param folder where software key stores lie, one file per key, so that the root's can be taken away
 * @param engine signs with SM2 keys of software key stores, and digests for those in a token
 */
export async function openSigningKeys(source: SignerSource, folder: string, engine: SmEngine): Promise<SigningKeys> {
  return source.kind === 'software' ? softwareKeys(source, folder, engine) : openPkcs11Keys(source, engine);
}

function softwareKeys(source: Extract<SignerSource, { kind: 'software' }>, folder: string, engine: SmEngine): SigningKeys {
  const open: SoftwareKeystore[] = [];
  const fileOf = (keyId: string) => join(folder, `${keyId}.keystore`);
  return {
    async generate(keyId, algorithm, bits) {
      const store = await createSoftwareKeystore(fileOf(keyId), source.passphrase, source.scryptLog2N === undefined ? { engine } : { scryptLog2N: source.scryptLog2N, engine });
      open.push(store);
      const pkcs8Der = await generateSigningKey(algorithm, bits, engine);
      await store.add(keyId, algorithm, pkcs8Der);
      wipeBytes(pkcs8Der);
      return store.signer(keyId);
    },
    async find(keyId) {
      if (!(await fileExists(fileOf(keyId)))) return null;
      const store = await openSoftwareKeystore(fileOf(keyId), source.passphrase, { engine });
      open.push(store);
      return store.signer(keyId);
    },
    async close() {
      for (const store of open.splice(0)) store.close();
    },
  };
}
