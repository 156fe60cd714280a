/** Keys with certificates in the names of companies, for bids: SM2 or RSA, as many holders as a test wants. */
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import { toBase64 } from '#shared/bytes/base64.ts';
import { portableEngine } from '#shared/sm/portable-engine.ts';
import { writeCsrResponse } from '#shared/sm/csr-response.ts';
import { sealSm2EnvelopedKey } from '#shared/sm/sm2-enveloped-key.ts';
import { generateSm2KeyPair } from '#shared/sm/sm2-key.ts';
import { sm2PointOf } from '#shared/sm/sm-provider.ts';
import { buildEcPublicKeyInfo } from '#shared/x509/public-key-info.ts';
import type { TokenPort, TokenSession } from '../../../src-main/token/token-port.ts';
import { TEST_DRIVER_ID } from '../../support/key-kinds.ts';
import { random } from '../../token/sm2-fixtures.ts';
import { bytes, makeEnvelope } from '../../token/token-fixtures.ts';

export interface NamedKey {
  readonly serial: string;
  readonly holder: string;
  readonly signCertificateDer: Uint8Array;
  readonly encryptCertificateDer: Uint8Array;
}

/** By openssl, of either algorithm. */
export interface KeyCa {
  readonly caPem: string;
  issue(publicKeySpkiDer: Uint8Array, subject: string, keyUsage: string): Promise<Uint8Array>;
  dispose(): Promise<void>;
}

const CONTAINER = '00112233445566778899aabbccddeeff';

/** What a new issue writes, by a CA of tests: a signing key born on the key, an encryption key in its envelope, both certificates. */
export async function writeNamedCertificates(session: TokenSession, ca: KeyCa, serial: string, holder: string, options: { readonly algorithm?: KeyAlgorithm; readonly containerId?: string } = {}): Promise<NamedKey> {
  const { algorithm = 'sm2', containerId = CONTAINER } = options;
  const subject = `/C=CN/O=${holder}/CN=${holder}`;
  const { publicKeySpkiDer: signSpki } = await session.generateSigningKeyPair(containerId, algorithm);
  const signCertificateDer = await ca.issue(signSpki, subject, 'digitalSignature, nonRepudiation');
  const issue = (spki: Uint8Array) => ca.issue(spki, subject, 'keyEncipherment, dataEncipherment');
  const made = algorithm === 'sm2' ? await sm2EncryptionKey(signSpki, signCertificateDer, issue) : await rsaEncryptionKey(signSpki, issue);
  const { encryptCertificateDer } = made;
  await session.importEncryptionKey(containerId, made.envelope, made.publicKeySpkiDer);
  await session.importCertificate(containerId, 'sign', signCertificateDer);
  await session.importCertificate(containerId, 'encrypt', encryptCertificateDer);
  return { serial, holder, signCertificateDer, encryptCertificateDer };
}

async function rsaEncryptionKey(signSpki: Uint8Array, issue: (spki: Uint8Array) => Promise<Uint8Array>) {
  const made = makeEnvelope(signSpki);
  return { ...made, encryptCertificateDer: await issue(made.publicKeySpkiDer) };
}

async function sm2EncryptionKey(signSpki: Uint8Array, signCertificateDer: Uint8Array, issue: (spki: Uint8Array) => Promise<Uint8Array>) {
  const pair = generateSm2KeyPair(random);
  const publicKeySpkiDer = buildEcPublicKeyInfo('sm2', pair.publicKey);
  const encryptCertificateDer = await issue(publicKeySpkiDer);
  const envelopedKey = await sealSm2EnvelopedKey(portableEngine, sm2PointOf(signSpki), pair, random);
  const csrResponse = writeCsrResponse({ signCertificates: [signCertificateDer], envelopedKey, encryptCertificates: [encryptCertificateDer] });
  return { envelope: { format: 'gmt0092-csr-response' as const, csrResponse: toBase64(csrResponse) }, publicKeySpkiDer, encryptCertificateDer };
}

export async function writeOnKey(tokens: TokenPort, ca: KeyCa, serial: string, pin: string, holder: string, driverId = TEST_DRIVER_ID, options: { readonly algorithm?: KeyAlgorithm; readonly containerId?: string } = {}): Promise<NamedKey> {
  const session = await tokens.logIn({ driverId, serial }, bytes(pin));
  try {
    return await writeNamedCertificates(session, ca, serial, holder, options);
  } finally {
    await session.close();
  }
}
