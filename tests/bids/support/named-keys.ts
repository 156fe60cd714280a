/** Software UKeys with SM2 certificates in the names of companies, for bids: one folder of keys, one driver, as many holders as a test wants. */
import { toBase64 } from '#shared/bytes/base64.ts';
import { portableEngine } from '#shared/sm/portable-engine.ts';
import { writeCsrResponse } from '#shared/sm/csr-response.ts';
import { sealSm2EnvelopedKey } from '#shared/sm/sm2-enveloped-key.ts';
import { generateSm2KeyPair } from '#shared/sm/sm2-key.ts';
import { sm2PointOf } from '#shared/sm/sm-provider.ts';
import { buildEcPublicKeyInfo } from '#shared/x509/public-key-info.ts';
import type { TokenPort, TokenSession } from '../../../src-main/token/token-port.ts';
import { TEST_DRIVER_ID } from '../../support/key-kinds.ts';
import { random, type Sm2Ca } from '../../token/sm2-fixtures.ts';
import { bytes } from '../../token/token-fixtures.ts';

export interface NamedKey {
  readonly serial: string;
  readonly holder: string;
  readonly signCertificateDer: Uint8Array;
  readonly encryptCertificateDer: Uint8Array;
}

const CONTAINER = '00112233445566778899aabbccddeeff';

/** What a new issue writes, by a CA of tests: a signing key born on the key, an encryption key in its envelope, both certificates. */
export async function writeNamedCertificates(session: TokenSession, ca: Sm2Ca, serial: string, holder: string, containerId = CONTAINER): Promise<NamedKey> {
  const subject = `/C=CN/O=${holder}/CN=${holder}`;
  const { publicKeySpkiDer: signSpki } = await session.generateSigningKeyPair(containerId, 'sm2');
  const pair = generateSm2KeyPair(random);
  const encryptSpki = buildEcPublicKeyInfo('sm2', pair.publicKey);
  const signCertificateDer = await ca.issue(signSpki, subject, 'digitalSignature, nonRepudiation');
  const encryptCertificateDer = await ca.issue(encryptSpki, subject, 'keyEncipherment, dataEncipherment');
  const envelopedKey = await sealSm2EnvelopedKey(portableEngine, sm2PointOf(signSpki), pair, random);
  const csrResponse = writeCsrResponse({ signCertificates: [signCertificateDer], envelopedKey, encryptCertificates: [encryptCertificateDer] });
  await session.importEncryptionKey(containerId, { format: 'gmt0092-csr-response', csrResponse: toBase64(csrResponse) }, encryptSpki);
  await session.importCertificate(containerId, 'sign', signCertificateDer);
  await session.importCertificate(containerId, 'encrypt', encryptCertificateDer);
  return { serial, holder, signCertificateDer, encryptCertificateDer };
}

export async function writeOnKey(tokens: TokenPort, ca: Sm2Ca, serial: string, pin: string, holder: string, driverId = TEST_DRIVER_ID): Promise<NamedKey> {
  const session = await tokens.logIn({ driverId, serial }, bytes(pin));
  try {
    return await writeNamedCertificates(session, ca, serial, holder);
  } finally {
    await session.close();
  }
}
