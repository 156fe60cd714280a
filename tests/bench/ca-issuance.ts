/** Dual RSA issuances of the service over HTTP – code, request, encryption key, two lints, two signatures, database – beside `openssl x509 -req` making the same two signatures and nothing else. */
import { execFile } from 'node:child_process';
import { createSign, generateKeyPair, randomBytes, type KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { fromBase64, toBase64 } from '#shared/bytes/base64.ts';
import { signCertificationRequest } from '#shared/x509/certification-request.ts';
import { createCustomer, type Customer } from '../faults/fault-world.ts';
import { startCa } from '../support/start-ca.ts';
import { benchRow, percentile, type Bench, type BenchRow } from './bench-row.ts';

const run = promisify(execFile);
const ISSUANCES = 60;
const AT_ONCE = 2;

interface KeyPair {
  readonly publicKeySpkiDer: Uint8Array;
  readonly privateKey: KeyObject;
}

async function newKeyPair(): Promise<KeyPair> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return { publicKeySpkiDer: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })), privateKey };
}

const signWith = (key: KeyObject) => async (message: Uint8Array) => new Uint8Array(createSign('sha256').update(message).sign(key));

/** @returns milliseconds from the code to the certificates */
async function issueOne(customer: Customer, order: { requestId: string; code: string }, keys: KeyPair): Promise<number> {
  const began = performance.now();
  const started = await customer.session.ca.startIssuance({
    idempotencyKey: crypto.randomUUID(), body: { requestId: order.requestId, authorizationCode: order.code, tokenSerial: `BENCH${randomBytes(6).toString('hex')}`, tokenModelId: 'softhsm2' },
  });
  const csr = await signCertificationRequest({ subjectDer: fromBase64(started.csrSubjectDer), publicKeySpkiDer: keys.publicKeySpkiDer, signAlgorithm: 'rsa-sha256' }, signWith(keys.privateKey));
  await customer.session.ca.submitCsr({ params: { issuanceId: started.id }, body: { csrDer: toBase64(csr) } });
  return performance.now() - began;
}

async function measureOurs(): Promise<{ perSecond: number; p99Ms: number; medianMs: number }> {
  const ca = await startCa();
  try {
    const customer = await createCustomer(ca.url);
    const order = await customer.order(ISSUANCES);
    const keys: KeyPair[] = [];
    while (keys.length < ISSUANCES) keys.push(await newKeyPair());
    const times: number[] = [];
    const began = performance.now();
    const worker = async () => {
      for (let next = keys.pop(); next !== undefined; next = keys.pop()) times.push(await issueOne(customer, order, next));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return { perSecond: (ISSUANCES * 1000) / (performance.now() - began), p99Ms: percentile(times, 0.99), medianMs: percentile(times, 0.5) };
  } finally {
    await ca.stop();
  }
}

/** Two `openssl x509 -req` per issuance with an RSA-3072 CA key, the length of our issuing CA; and, apart, the same with the encryption key made first. */
async function measureOpenssl(withKeyGeneration: boolean): Promise<{ perSecond: number; p99Ms: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'bidkey-bench-'));
  const at = (name: string) => join(folder, name);
  try {
    await run('openssl', ['req', '-x509', '-newkey', 'rsa:3072', '-nodes', '-keyout', at('ca.key'), '-out', at('ca.pem'), '-subj', '/CN=bench', '-days', '30']);
    await run('openssl', ['req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', at('leaf.key'), '-out', at('leaf.csr'), '-subj', '/CN=leaf']);
    await writeFile(at('ext'), 'keyUsage=critical,digitalSignature,nonRepudiation\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n');
    const times: number[] = [];
    let left = 30;
    const began = performance.now();
    const worker = async () => {
      while ((left -= 1) >= 0) {
        const start = performance.now();
        if (withKeyGeneration) await run('openssl', ['genrsa', '2048']);
        for (let n = 0; n < 2; n += 1) await run('openssl', ['x509', '-req', '-in', at('leaf.csr'), '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-days', '30', '-extfile', at('ext'), '-set_serial', String(Date.now())]);
        times.push(performance.now() - start);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return { perSecond: (times.length * 1000) / (performance.now() - began), p99Ms: percentile(times, 0.99) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(): Promise<readonly BenchRow[]> {
  const ours = await measureOurs();
  const signaturesOnly = await measureOpenssl(false);
  const withKey = await measureOpenssl(true);
  return [
    benchRow('CA: dual RSA issuances', 'per second', ours.perSecond, { name: '2 × openssl x509 -req (signatures only)', value: signaturesOnly.perSecond }),
    benchRow('CA: dual RSA issuances', 'per second', ours.perSecond, { name: 'openssl genrsa + 2 × openssl x509 -req', value: withKey.perSecond }),
    benchRow('CA: dual RSA issuance, median', 'ms', ours.medianMs),
    benchRow('CA: dual RSA issuance, p99', 'ms', ours.p99Ms, { name: 'openssl genrsa + 2 × openssl x509 -req', value: withKey.p99Ms }),
  ];
}

export const caIssuance: Bench = { name: 'ca-issuance', run: measure };
