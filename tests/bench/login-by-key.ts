/** Logins by certificate over HTTP – challenge, check of the certificate, signature, session, audit, database – beside the bare verification of as many signatures by the same code. */
import { createSign, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import { KEY_ALGORITHMS } from '#shared/crypto/algorithms.ts';
import { generateSm2KeyPair } from '#shared/sm/sm2-key.ts';
import { sm2Signer } from '#shared/sm/sm-provider.ts';
import { buildEcPublicKeyInfo } from '#shared/x509/public-key-info.ts';
import { openSmEngine } from '../../src-ca/signers/open-sm-engine.ts';
import { heldKey, heldSm2Key } from '../ca/support/key-holders.ts';
import { testCa, type TestCa } from '../ca/support/test-ca.ts';
import { benchRow, percentile, type Bench, type BenchRow } from './bench-row.ts';

const LOGINS = 300;
const VERIFICATIONS = 2000;

interface Holder {
  readonly certificateDer: string;
  sign(message: Uint8Array): Promise<Uint8Array>;
}

async function holders(ca: TestCa): Promise<readonly (readonly [string, KeyAlgorithm, Holder])[]> {
  const [rsa, sm2] = [await heldKey(ca), await heldSm2Key(ca)];
  const { engine } = openSmEngine();
  return [
    ['RSA-2048', 'rsa-2048', { certificateDer: rsa.certificateDer, sign: async (message) => new Uint8Array(rsa.key.sign(message)) }],
    ['SM2', 'sm2', { certificateDer: sm2.certificateDer, sign: sm2Signer(engine, sm2.key.pair.privateKey, (length) => new Uint8Array(randomBytes(length))) }],
  ];
}

/** Signing is the key's work and not counted. @returns milliseconds in the service, each login */
async function measureLogins(ca: TestCa, { certificateDer, sign }: Holder): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < LOGINS; n += 1) {
    const began = performance.now();
    const challenge = await ca.call('createLoginChallenge', { body: { certificateDer } });
    const asked = performance.now();
    const signature = Buffer.from(await sign(Buffer.from(challenge.message, 'base64'))).toString('base64');
    const signed = performance.now();
    await ca.call('createCertificateSession', { body: { challengeId: challenge.challengeId, signature } });
    times.push(performance.now() - signed + (asked - began));
  }
  return times;
}

async function verificationsPerSecond(ca: TestCa, algorithm: KeyAlgorithm): Promise<number> {
  const message = randomBytes(150);
  const { publicKeySpkiDer, signature } = algorithm === 'sm2' ? await signedBySm2(message) : signedByRsa(message);
  const began = performance.now();
  for (let n = 0; n < VERIFICATIONS; n += 1) {
    if (!(await ca.ports.crypto.verify(KEY_ALGORITHMS[algorithm].sign, publicKeySpkiDer, message, signature))) throw new Error('a good signature was refused');
  }
  return (VERIFICATIONS * 1000) / (performance.now() - began);
}

function signedByRsa(message: Uint8Array): { publicKeySpkiDer: Uint8Array; signature: Uint8Array } {
  const { publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { publicKeySpkiDer: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })), signature: new Uint8Array(createSign('sha256').update(message).sign(privateKey)) };
}

async function signedBySm2(message: Uint8Array): Promise<{ publicKeySpkiDer: Uint8Array; signature: Uint8Array }> {
  const random = (length: number) => new Uint8Array(randomBytes(length));
  const pair = generateSm2KeyPair(random);
  return { publicKeySpkiDer: buildEcPublicKeyInfo('sm2', pair.publicKey), signature: await sm2Signer(openSmEngine().engine, pair.privateKey, random)(message) };
}

async function measure(): Promise<readonly BenchRow[]> {
  const ca = await testCa({ ratePolicies: { general: { quota: 1_000_000, windowMs: 60_000 }, 'certificate-log-in': { quota: 1_000_000, windowMs: 60_000 } } });
  try {
    const rows: BenchRow[] = [];
    for (const [name, algorithm, holder] of await holders(ca)) {
      const times = await measureLogins(ca, holder);
      const perSecond = (times.length * 1000) / times.reduce((sum, one) => sum + one, 0);
      rows.push(
        benchRow(`CA: logins by certificate, ${name}, one after the other`, 'per second', perSecond, { name: 'signature verifications alone', value: await verificationsPerSecond(ca, algorithm) }),
        benchRow(`CA: login by certificate, ${name}, p99`, 'ms', percentile(times, 0.99)),
      );
    }
    return rows;
  } finally {
    await ca.stop();
  }
}

export const loginByKey: Bench = { name: 'login-by-key', run: measure };
