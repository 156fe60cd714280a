/** Real keys with certificates for signing and opening: SoftHSM2 (RSA), software UKey (SM2) over PKCS#11 and SKF, each behind a token host of its own. */
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import type { TokenHostClient } from '../../../src-main/token/create-token-host-client.ts';
import type { TokenSession } from '../../../src-main/token/token-port.ts';
import { KEY_KINDS, refOf, type KeyKind, type TestKey } from '../../support/key-kinds.ts';
import { createSm2Ca, makeSm2Envelope, type Sm2Ca } from '../../token/sm2-fixtures.ts';
import { bytes, createOpensslCa, makeEnvelope, startClient, type OpensslCa } from '../../token/token-fixtures.ts';

export interface TestAuthorities {
  readonly rsa: OpensslCa;
  readonly sm2: Sm2Ca;
  dispose(): Promise<void>;
}

export async function createTestAuthorities(): Promise<TestAuthorities> {
  const [rsa, sm2] = await Promise.all([createOpensslCa(), createSm2Ca()]);
  return { rsa, sm2, dispose: async () => void (await Promise.all([rsa.dispose(), sm2.dispose()])) };
}

export interface CertificatePair {
  readonly signCertificateDer: Uint8Array;
  readonly encryptCertificateDer: Uint8Array;
}

/** What a new issue puts into a container: signing key made inside, encryption key by envelope, both certificates. */
export async function equipContainer(session: TokenSession, algorithm: KeyAlgorithm, authorities: TestAuthorities, containerId: string): Promise<CertificatePair> {
  const { publicKeySpkiDer } = await session.generateSigningKeyPair(containerId, algorithm);
  const made = algorithm === 'sm2' ? await makeSm2Envelope(authorities.sm2, publicKeySpkiDer) : await rsaPair(authorities.rsa, publicKeySpkiDer);
  await session.importEncryptionKey(containerId, made.envelope, made.publicKeySpkiDer);
  await session.importCertificate(containerId, 'sign', made.signCertificateDer);
  await session.importCertificate(containerId, 'encrypt', made.encryptCertificateDer);
  return made;
}

async function rsaPair(ca: OpensslCa, signSpkiDer: Uint8Array) {
  const made = makeEnvelope(signSpkiDer);
  const signCertificateDer = await ca.issue(signSpkiDer, '/C=CN/CN=投标单位', 'digitalSignature, nonRepudiation');
  return { ...made, signCertificateDer, encryptCertificateDer: await ca.issue(made.publicKeySpkiDer, '/C=CN/CN=投标单位', 'keyEncipherment, dataEncipherment') };
}

export interface EquippedKey extends CertificatePair {
  readonly kind: KeyKind;
  readonly key: TestKey;
  readonly client: TokenHostClient;
  logIn(): Promise<TokenSession>;
  dispose(): Promise<void>;
}

export const FIRST_CONTAINER = '00112233445566778899aabbccddeeff';

export async function equipKey(kind: KeyKind, authorities: TestAuthorities): Promise<EquippedKey> {
  const key = await kind.create();
  const client = await startClient([key.driver]);
  const logIn = () => client.logIn(refOf(key), bytes(key.pin));
  const session = await logIn();
  try {
    const pair = await equipContainer(session, kind.algorithm, authorities, FIRST_CONTAINER);
    return { ...pair, kind, key, client, logIn, dispose: async () => { await client.close(); await key.dispose(); } };
  } finally {
    await session.close();
  }
}

export function kindNamed(name: string): KeyKind {
  const found = KEY_KINDS.find((kind) => kind.name === name);
  if (!found) throw new Error(name);
  return found;
}
