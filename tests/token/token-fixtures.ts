/** What token tests need around the key: a client over real host processes, certificates made by openssl, envelopes as the key-management centre makes them. */
import { execFile } from 'node:child_process';
import { constants, createCipheriv, createPublicKey, generateKeyPairSync, publicEncrypt, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TokenList } from '#shared/contract/desktop/tokens.ts';
import type { EnvelopedEncryptionKey } from '#shared/contract/rest/issuances.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { createTokenHostClient, type TokenHostClient, type TokenHostOptions } from '../../src-main/token/create-token-host-client.ts';
import type { DriverConfig } from '../../src-main/token/driver-watch.ts';
import type { SoftHsm2Token } from '../support/softhsm2.ts';
import { builtHostSpawner } from '../support/token-host-program.ts';

export const run = promisify(execFile);
export const MODELS_FOLDER = fileURLToPath(new URL('../../resources/ukey-models', import.meta.url));
export const CONTAINER = '00112233445566778899aabbccddeeff';

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const softHsm2Driver = (key: SoftHsm2Token, driverId = 'softhsm2'): DriverConfig => ({ driverId, modelId: 'softhsm2', libraryPath: key.modulePath, interface: 'pkcs11', environment: key.env });

export async function startClient(drivers: readonly DriverConfig[], more: Partial<TokenHostOptions> = {}): Promise<TokenHostClient> {
  return createTokenHostClient({ drivers, modelsFolder: MODELS_FOLDER, spawner: await builtHostSpawner(), ...more });
}

/** The error that a promise ends with. */
export async function errorOf(promise: Promise<unknown>): Promise<AppError> {
  try {
    await promise;
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown;
    throw thrown;
  }
  throw new Error('expected a refusal, got a value');
}

/** Resolves when a list fits; driven by the client's own events, so nothing depends on how fast this machine is. */
export function listThat(client: TokenHostClient, fits: (list: TokenList) => boolean): Promise<TokenList> {
  return new Promise((resolve, reject) => {
    const stop = client.onChange((list) => {
      if (!fits(list)) return;
      stop();
      resolve(list);
    });
    client.list().then((list) => {
      if (fits(list)) {
        stop();
        resolve(list);
      }
    }, reject);
  });
}

/** A throw-away CA by openssl, in a folder of its own. */
export async function createOpensslCa(): Promise<OpensslCa> {
  const folder = await mkdtemp(join(tmpdir(), 'bidkey-openssl-'));
  const at = (name: string) => join(folder, name);
  await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', at('ca.key'), '-out', at('ca.pem'), '-subj', '/C=CN/O=BidKey test/CN=Test CA', '-days', '30']);
  return {
    folder,
    caPem: at('ca.pem'),
    async issue(publicKeySpkiDer, subject, keyUsage) {
      await writeFile(at('pub.pem'), createPublicKey({ key: Buffer.from(publicKeySpkiDer), format: 'der', type: 'spki' }).export({ type: 'spki', format: 'pem' }));
      await writeFile(at('ext.cnf'), `keyUsage = critical, ${keyUsage}\n`);
      // The request only carries the subject; the key of the certificate is the one on the token.
      await run('openssl', ['req', '-new', '-key', at('ca.key'), '-utf8', '-subj', subject, '-out', at('subject.csr')]);
      await run('openssl', ['x509', '-req', '-in', at('subject.csr'), '-force_pubkey', at('pub.pem'), '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-days', '30', '-extfile', at('ext.cnf'), '-outform', 'DER', '-out', at('cert.der')]);
      return new Uint8Array(await readFile(at('cert.der')));
    },
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}
export interface OpensslCa {
  readonly folder: string;
  readonly caPem: string;
  issue(publicKeySpkiDer: Uint8Array, subject: string, keyUsage: string): Promise<Uint8Array>;
  dispose(): Promise<void>;
}

/** An encryption key pair under the token's signing public key: RSA-OAEP (SHA-1) of an AES-256 key, AES-KWP of the PKCS#8 key. */
export function makeEnvelope(signingSpkiDer: Uint8Array): { readonly envelope: EnvelopedEncryptionKey; readonly publicKeySpkiDer: Uint8Array } {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'der' }, privateKeyEncoding: { type: 'pkcs8', format: 'der' } });
  const keyEncryptionKey = randomBytes(32);
  const wrap = createCipheriv('id-aes256-wrap-pad', keyEncryptionKey, Buffer.from('a65959a6', 'hex'));
  const wrappedPrivateKey = Buffer.concat([wrap.update(pair.privateKey), wrap.final()]);
  const wrappedKeyEncryptionKey = oaepEncrypt(signingSpkiDer, keyEncryptionKey);
  return {
    envelope: { format: 'rsa-oaep+aes-kwp', wrappedKeyEncryptionKey: wrappedKeyEncryptionKey.toString('base64'), wrappedPrivateKey: wrappedPrivateKey.toString('base64') },
    publicKeySpkiDer: new Uint8Array(pair.publicKey),
  };
}

export function oaepEncrypt(spkiDer: Uint8Array, plaintext: Uint8Array): Buffer {
  const key = createPublicKey({ key: Buffer.from(spkiDer), format: 'der', type: 'spki' });
  return publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, plaintext);
}
