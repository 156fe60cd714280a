/** Checks of the demo's results with our own code: requests, certificates, paths with revocation, and both keys in use once more. Other people's tools check the same files in the test suite. */
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { parseCertificate, type Certificate } from '#shared/x509/certificate.ts';
import { validatePath } from '#shared/x509/validate-path.ts';
import type { DemoKey } from '../../../demo/demo-key.ts';
import { createDesktopCrypto } from '../../../sm-engine/desktop-crypto.ts';
import { openSmEngine } from '../../../sm-engine/open-engine.ts';
import type { TokenPort } from '../../../token/token-port.ts';
import { createCertificateTools } from '../../../writing/certificate-tools.ts';
import { pinBytes } from '../../../writing/pin-gate.ts';
import { proveDecryption, proveSigning } from '../../../writing/prove-keys.ts';
import type { DemoResults, KeyResults, WrittenKey } from './export-results.ts';

export interface CheckInput {
  readonly results: DemoResults;
  readonly written: readonly WrittenKey[];
  readonly demoKey: DemoKey;
  readonly algorithm: KeyAlgorithm;
  readonly tokens: TokenPort;
  readonly passed: (what: string) => void;
}

/** @throws on the first check that fails */
export async function checkResults(input: CheckInput): Promise<void> {
  const { results, passed } = input;
  const crypto = createDesktopCrypto(openSmEngine().engine);
  for (const [index, key] of results.keys.entries()) {
    const name = input.written[index]?.label ?? '';
    await checkKeyFiles(key, results, crypto);
    passed(`${name}: 申请、证书、证书链、吊销列表 · request, certificates, paths, revocation`);
    await checkKeyInUse(input, index, key, crypto);
    passed(`${name}: UKey 签名、解密可用 · the key signs and decrypts`);
  }
  if (new Set(results.keys.map((key) => parseCertificate(key.signDer).serialHex)).size !== results.keys.length) fail('serial numbers repeat');
  passed('每个 UKey 的证书各不相同 · every key has certificates of its own');
}

async function checkKeyFiles(key: KeyResults, results: DemoResults, crypto: CryptoPort): Promise<void> {
  const [sign, encrypt] = [parseCertificate(key.signDer), parseCertificate(key.encryptDer)];
  const request = await createCertificateTools(crypto).verifyRequest(key.csrDer);
  if (!equalBytes(request.publicKeySpkiDer, sign.publicKeySpkiDer)) fail('the signing certificate is not of the requested key');
  if (!equalBytes(sign.subject.der, encrypt.subject.der)) fail('the subjects differ');
  await checkPath(sign, 'digitalSignature', results, crypto);
  await checkPath(encrypt, 'keyEncipherment', results, crypto);
}

async function checkPath(leaf: Certificate, usage: 'digitalSignature' | 'keyEncipherment', results: DemoResults, crypto: CryptoPort): Promise<void> {
  const at = new Date();
  const verdict = await validatePath({
    leafDer: leaf.der, intermediatesDer: results.chainDer.slice(0, -1), trustAnchorsDer: results.chainDer.slice(-1), at, keyUsage: [usage], revocation: { kind: 'crls', crlsDer: results.crlsDer },
  }, crypto);
  if (!verdict.valid) fail(`${usage}: ${verdict.reason}`);
}

async function checkKeyInUse(input: CheckInput, index: number, key: KeyResults, crypto: CryptoPort): Promise<void> {
  const deed = input.written[index]?.deed;
  if (!deed) return fail('a key is missing');
  await input.tokens.list();
  const session = await input.tokens.logIn(deed.token, pinBytes(input.demoKey.pin));
  try {
    const containers = (await session.listContainers()).filter((one) => one.sign.certificateDer !== null && equalBytes(one.sign.certificateDer, key.signDer));
    const [container, another] = containers;
    if (!container || another) return fail('the certificate is not in exactly one container');
    const keys = { session, containerId: container.containerId, algorithm: input.algorithm };
    await proveSigning(keys, parseCertificate(key.signDer).publicKeySpkiDer, crypto);
    await proveDecryption(keys, parseCertificate(key.encryptDer).publicKeySpkiDer, crypto);
  } finally {
    await session.close();
  }
}

function fail(reason: string): never {
  throw new AppError('KEY_PROOF_FAILED', { reason });
}
