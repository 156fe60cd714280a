/** What SM2 tests need around the key: certificates of an SM2 CA by openssl, envelopes as the key-management centre makes them, and openssl as second opinion. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EnvelopedEncryptionKey } from '#shared/contract/rest/issuances.ts';
import { toBase64 } from '#shared/bytes/base64.ts';
import { portableEngine } from '#shared/sm/portable-engine.ts';
import { writeCsrResponse } from '#shared/sm/csr-response.ts';
import { sealSm2EnvelopedKey, type Sm2EnvelopedKey } from '#shared/sm/sm2-enveloped-key.ts';
import { generateSm2KeyPair, type Sm2KeyPair } from '#shared/sm/sm2-key.ts';
import { writeSm2Ciphertext } from '#shared/sm/sm2-der.ts';
import { sm2Encrypt } from '#shared/sm/sm2-encrypt.ts';
import { sm2PointOf } from '#shared/sm/sm-provider.ts';
import { buildEcPublicKeyInfo } from '#shared/x509/public-key-info.ts';
import { run } from './token-fixtures.ts';

export const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const DISTID = 'distid:1234567812345678';

export interface Sm2Ca {
  readonly folder: string;
  readonly caPem: string;
  issue(publicKeySpkiDer: Uint8Array, subject: string, keyUsage: string): Promise<Uint8Array>;
  /** Whether openssl verifies an SM2 signature over the message, with the id given. */
  verifies(publicKeySpkiDer: Uint8Array, message: Uint8Array, signature: Uint8Array, id?: string): Promise<boolean>;
  /** SM2Cipher by openssl. */
  encrypt(publicKeySpkiDer: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array>;
  dispose(): Promise<void>;
}

export async function createSm2Ca(): Promise<Sm2Ca> {
  const folder = await mkdtemp(join(tmpdir(), 'bidkey-openssl-sm2-'));
  const at = (name: string) => join(folder, name);
  // Made by -newkey, the key would count as one of ECDSA and take no id.
  await run('openssl', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:SM2', '-out', at('ca.key')]);
  await run('openssl', ['req', '-x509', '-key', at('ca.key'), '-sm3', '-sigopt', DISTID, '-out', at('ca.pem'), '-subj', '/C=CN/O=BidKey test/CN=Test SM2 CA', '-days', '30']);
  const writePublicKey = (spkiDer: Uint8Array) => writeFile(at('pub.pem'), `-----BEGIN PUBLIC KEY-----\n${toBase64(spkiDer)}\n-----END PUBLIC KEY-----\n`);
  return {
    folder,
    caPem: at('ca.pem'),
    async issue(publicKeySpkiDer, subject, keyUsage) {
      await writePublicKey(publicKeySpkiDer);
      await writeFile(at('ext.cnf'), `keyUsage = critical, ${keyUsage}\n`);
      await run('openssl', ['req', '-new', '-key', at('ca.key'), '-sm3', '-sigopt', DISTID, '-utf8', '-subj', subject, '-out', at('subject.csr')]);
      await run('openssl', ['x509', '-req', '-sm3', '-sigopt', DISTID, '-vfyopt', DISTID, '-in', at('subject.csr'), '-force_pubkey', at('pub.pem'), '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-days', '30', '-extfile', at('ext.cnf'), '-outform', 'DER', '-out', at('cert.der')]);
      return new Uint8Array(await readFile(at('cert.der')));
    },
    async verifies(publicKeySpkiDer, message, signature, id = '1234567812345678') {
      await writePublicKey(publicKeySpkiDer);
      await writeFile(at('message'), message);
      await writeFile(at('signature'), signature);
      const words = ['pkeyutl', '-verify', '-pubin', '-inkey', at('pub.pem'), '-in', at('message'), '-sigfile', at('signature'), '-rawin', '-digest', 'sm3', '-pkeyopt', `distid:${id}`];
      return run('openssl', words).then(({ stdout }) => stdout.includes('Verified Successfully'), (failed: { stdout?: string }) => {
        if (failed.stdout?.includes('Signature Verification Failure')) return false;
        throw failed;
      });
    },
    async encrypt(publicKeySpkiDer, plaintext) {
      await writePublicKey(publicKeySpkiDer);
      await writeFile(at('plain'), plaintext);
      await run('openssl', ['pkeyutl', '-encrypt', '-pubin', '-inkey', at('pub.pem'), '-in', at('plain'), '-out', at('cipher')]);
      return new Uint8Array(await readFile(at('cipher')));
    },
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}

export interface MadeSm2Envelope {
  readonly envelope: EnvelopedEncryptionKey;
  readonly publicKeySpkiDer: Uint8Array;
  readonly signCertificateDer: Uint8Array;
  readonly encryptCertificateDer: Uint8Array;
  readonly pair: Sm2KeyPair;
}

/** Changes of one part, for envelopes that must be refused. */
export interface EnvelopeChanges {
  /** Sealed for this key instead of the token's. */
  readonly recipientPoint?: Uint8Array;
  readonly change?: (envelope: Sm2EnvelopedKey, pair: Sm2KeyPair) => Sm2EnvelopedKey;
}

/** An SM2 encryption key pair under the token's signing public key, in a CSRResponse with both certificates. */
export async function makeSm2Envelope(ca: Sm2Ca, signSpkiDer: Uint8Array, changes: EnvelopeChanges = {}): Promise<MadeSm2Envelope> {
  const pair = generateSm2KeyPair(random);
  const publicKeySpkiDer = buildEcPublicKeyInfo('sm2', pair.publicKey);
  const signCertificateDer = await ca.issue(signSpkiDer, '/C=CN/CN=投标单位', 'digitalSignature, nonRepudiation');
  const encryptCertificateDer = await ca.issue(publicKeySpkiDer, '/C=CN/CN=投标单位', 'keyEncipherment, dataEncipherment');
  const sealed = await sealSm2EnvelopedKey(portableEngine, changes.recipientPoint ?? sm2PointOf(signSpkiDer), pair, random);
  const envelopedKey = changes.change?.(sealed, pair) ?? sealed;
  const csrResponse = writeCsrResponse({ signCertificates: [signCertificateDer], envelopedKey, encryptCertificates: [encryptCertificateDer] });
  return { envelope: { format: 'gmt0092-csr-response', csrResponse: toBase64(csrResponse) }, publicKeySpkiDer, signCertificateDer, encryptCertificateDer, pair };
}

/** SM2Cipher by BidKey's own arithmetic. */
export function sm2Seal(publicKeySpkiDer: Uint8Array, plaintext: Uint8Array): Uint8Array {
  return writeSm2Ciphertext(sm2Encrypt(sm2PointOf(publicKeySpkiDer), plaintext, { randomBytes: random }));
}
