/** Time stamps of other people's authorities: OpenSSL (RSA) behind HTTP, Bouncy Castle (SM2). What is not exactly a stamp over this signature is refused. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { timeStampFrom } from '../../src-main/sealing/request-time-stamp.ts';
import { rewrapBid } from '../../src-main/sealing/rewrap-bid.ts';
import { sealBid } from '../../src-main/sealing/seal-bid.ts';
import { createSealingMeans } from '../../src-main/sealing/sealing-means.ts';
import { trustIn } from '../../src-main/sealing/trust.ts';
import { requireTrustedSigners, verifyBid } from '../../src-main/sealing/verify-bid.ts';
import { writeSm2PrivateKeyInfo } from '../../src-shared/pkcs/sm2-private-key-info.ts';
import { signOne } from '../../src-shared/seal/one-signature.ts';
import { verifyTimeStamp, writeTimeStampRequest, readTimeStampResponse } from '../../src-shared/seal/time-stamp.ts';
import { sm2Signer } from '../../src-shared/sm/sm-provider.ts';
import { generateSm2KeyPair } from '../../src-shared/sm/sm2-key.ts';
import { OIDS } from '../../src-shared/asn1/oids.ts';
import { makeExtension } from '../../src-shared/x509/extension.ts';
import { EXT_KEY_USAGE } from '../../src-shared/x509/extensions/ext-key-usage.ts';
import { fromPem } from '../../src-shared/x509/pem.ts';
import { buildEcPublicKeyInfo } from '../../src-shared/x509/public-key-info.ts';
import { createScratch, type Scratch } from '../interop/tools.ts';
import { bouncyCastleMissing, compileBouncyCastle } from '../interop-java/bouncy-castle.ts';
import { createSealAuthority } from './support/seal-authority.ts';
import { bidOf, codeOf, engine, makeFolder, makePeople, patterned, random, type People, type SealFolder } from './support/seal-world.ts';

const CONFIGURATION = `
[ tsa ]
default_tsa = tsa1
[ tsa1 ]
serial = serial
crypto_device = builtin
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512, sm3
accuracy = secs:1, millisecs:500, microsecs:100
ordering = no
tsa_name = no
ess_cert_id_chain = no
[ ext ]
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
`;

const means = createSealingMeans(engine);
let scratch: Scratch;
let folder: SealFolder;
let people: People;
let server: Server;
let address: string;
let refusing = false;
let rootDer: Uint8Array;

let asked = 0;
/** What `openssl ts` makes of a request. */
async function answer(request: Buffer): Promise<Buffer> {
  const name = `asked-${asked++}`;
  await scratch.write(`${name}.tsq`, request);
  await scratch.run('openssl', ['ts', '-reply', '-config', 'tsa.cnf', '-queryfile', `${name}.tsq`, '-out', `${name}.tsr`]);
  return readFile(scratch.path(`${name}.tsr`));
}

/** The list of the root, which names the time-stamp authority. */
async function listOfRoot(): Promise<Uint8Array> {
  await scratch.write('ca.cnf', '[ca]\ndefault_ca = d\n[d]\ndatabase = index.txt\ncrlnumber = number\ndefault_md = sha256\ndefault_crl_days = 5\n');
  await scratch.write('index.txt', '');
  await scratch.write('number', '01\n');
  const openssl = async (...words: string[]) => expect(await scratch.run('openssl', ['ca', '-config', 'ca.cnf', '-keyfile', 'root.key', '-cert', 'root.pem', ...words])).toMatchObject({ exitCode: 0 });
  await openssl('-revoke', 'tsa.pem');
  await openssl('-gencrl', '-out', 'list.pem');
  return fromPem(await readFile(scratch.path('list.pem'), 'utf8'))[0]?.der ?? expect.unreachable();
}

beforeAll(async () => {
  [scratch, folder, people] = [await createScratch(), await makeFolder(), await makePeople()];
  await scratch.write('tsa.cnf', CONFIGURATION);
  await scratch.write('serial', '01\n');
  const run = async (...words: string[]) => expect(await scratch.run('openssl', words)).toMatchObject({ exitCode: 0 });
  await run('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'root.key', '-out', 'root.pem', '-subj', '/C=CN/CN=TSA root', '-days', '300');
  await run('req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'tsa.key', '-out', 'tsa.csr', '-subj', '/C=CN/CN=TSA');
  await run('x509', '-req', '-in', 'tsa.csr', '-CA', 'root.pem', '-CAkey', 'root.key', '-days', '200', '-extfile', 'tsa.cnf', '-extensions', 'ext', '-out', 'tsa.pem');
  rootDer = fromPem(await readFile(scratch.path('root.pem'), 'utf8'))[0]?.der ?? new Uint8Array(0);
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => void parts.push(part));
    request.on('end', () => {
      if (refusing || request.headers['content-type'] !== 'application/timestamp-query') return void response.writeHead(503).end();
      void answer(Buffer.concat(parts)).then((reply) => response.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(reply));
    });
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tsa`;
});
afterAll(async () => {
  await new Promise<void>((closed) => void server.close(() => closed()));
  await scratch.dispose();
  await folder.dispose();
});

const opensAt = new Date(Date.now() + 10 * 86_400_000);
async function sealStamped(name: string, timeStamp: (signature: Uint8Array) => Promise<Uint8Array | null>): Promise<string> {
  const outPath = folder.path(name);
  await sealBid({ ...bidOf(people, { documents: [await folder.document('a.pdf', patterned(100))], outPath, timeStamp }), identity: { bidId: 'B', tenderId: 'T', lot: '', opensAt } }, means);
  return outPath;
}

describe('by OpenSSL over HTTP', () => {
  for (const digest of ['sha-256', 'sm3'] as const) {
    test(`ok: asked for while sealing (${digest}), verified with the file, its time counts for the signer`, async () => {
      const path = await sealStamped(`stamped-${digest}`, timeStampFrom(address, digest, means));
      const { signers, file } = await verifyBid(path, means, { trust: trustIn([rootDer]) });
      expect(file.hasTimeStamp).toBe(true);
      expect(signers[0]?.timeStamp).toMatchObject({ digest, policyOid: '1.2.3.4.1', accuracySeconds: 1.5001, trust: { status: 'trusted' } });
      expect((await verifyBid(path, means)).signers[0]?.timeStamp?.trust).toEqual({ status: 'not-checked' });
      expect((await verifyBid(path, means, { trust: trustIn([people.bidderSm2.certificateDer]) })).signers[0]?.timeStamp?.trust).toMatchObject({ status: 'untrusted', reason: 'ISSUER_NOT_FOUND' });
    });
  }

  test('ok: a stamp from before its revocation saves a signer; refuses: one of an authority that is revoked itself', async () => {
    const authority = await createSealAuthority('签名人');
    const pair = generateSm2KeyPair(random);
    const certificateDer = await authority.issue({ name: '投标人', usages: ['digitalSignature'], serialHex: '61', publicKeySpkiDer: buildEcPublicKeyInfo('sm2', pair.publicKey), notAfter: new Date('2040-01-01T00:00:00Z') });
    const path = folder.path('saved');
    await sealBid({ ...bidOf(people, { documents: [await folder.document('a.pdf', patterned(100))], outPath: path, timeStamp: timeStampFrom(address, 'sha-256', means) }), signer: { certificateDer, sign: sm2Signer(engine, pair.privateKey, random) }, identity: { bidId: 'B', tenderId: 'T', lot: '', opensAt } }, means);
    // Long after the stamp, whenever this runs.
    const lists = await authority.crls(['61'], { from: 4700, to: 4800 }, { revokedAt: new Date('2039-01-01T00:00:00Z') });
    const verified = (crls: readonly Uint8Array[]) => verifyBid(path, means, { trust: trustIn([rootDer, authority.rootDer, authority.issuingDer], crls) });
    const saved = await verified(lists);
    expect(saved.signers).toMatchObject([{ trust: { status: 'trusted', revocation: { state: 'revoked' } }, timeStamp: { trust: { status: 'trusted' } } }]);
    requireTrustedSigners(saved);
    const alone = await verified([...lists, await listOfRoot()]);
    expect(alone.signers).toMatchObject([{ trust: { status: 'trusted', revocation: { state: 'revoked' } }, timeStamp: { trust: { status: 'untrusted', reason: 'CERT_REVOKED' } } }]);
    expect(() => requireTrustedSigners(alone)).toThrow(expect.objectContaining({ code: 'SEAL_SIGNER_UNTRUSTED' }));
  });

  test('ok: a re-wrap keeps the stamp before in the history, with one of its own', async () => {
    const stamp = timeStampFrom(address, 'sha-256', means);
    const path = await sealStamped('before', stamp);
    await rewrapBid({ path, outPath: folder.path('after'), opening: { recipients: [people.openerSm2.recipient] }, changes: [{ group: 'bidder', add: [people.openerRsa.opener], remove: [] }], signer: people.bidderRsa.signer, timeStamp: stamp }, means);
    expect((await verifyBid(folder.path('after'), means, { trust: trustIn([rootDer]) })).signers.map(({ timeStamp }) => timeStamp?.trust.status)).toEqual(['trusted', 'trusted']);
  });

  test('refuses: a stamp over something else, and bits of it flipped', async () => {
    const stamp = timeStampFrom(address, 'sha-256', means);
    const path = await sealStamped('swapped', () => stamp(random(300)));
    expect(await codeOf(verifyBid(path, means))).toBe('SEAL_TIME_STAMP_INVALID');
    const stamped = random(50);
    const token = await stamp(stamped);
    await verifyTimeStamp(token, stamped, means.crypto);
    const passed: number[] = [];
    for (let bit = 0; bit < token.length * 8; bit += 61) {
      const damaged = token.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      if ((await codeOf(verifyTimeStamp(damaged, stamped, means.crypto))) !== 'SEAL_TIME_STAMP_INVALID') passed.push(bit);
    }
    expect(passed).toEqual([]);
  });

  test('refuses: a certificate that is not for time stamps', async () => {
    const plain = await signOne(people.bidderRsa.signer, { kind: 'attached', bytes: patterned(20) }, new Date(), means.crypto);
    expect(await codeOf(verifyTimeStamp(plain, patterned(20), means.crypto))).toBe('SEAL_TIME_STAMP_INVALID');
  });

  test('refuses: an authority that does not answer or refuses; nothing is made', async () => {
    refusing = true;
    const names = await folder.names();
    expect(await codeOf(sealStamped('none', timeStampFrom(address, 'sha-256', means)))).toBe('SEAL_TIME_STAMP_FAILED');
    expect(await codeOf(timeStampFrom('http://127.0.0.1:1/', 'sha-256', means)(random(10)))).toBe('SEAL_TIME_STAMP_FAILED');
    refusing = false;
    expect(await codeOf(timeStampFrom(address, 'sha-384', means)(random(10)))).toBe('SEAL_TIME_STAMP_FAILED');
    expect((await folder.names()).filter((name) => !names.includes(name) && !name.startsWith('source'))).toEqual([]);
  });
});

const missing = bouncyCastleMissing();
test.skipIf(missing !== null)('ok: by Bouncy Castle with an SM2 key', async () => {
  const java = compileBouncyCastle();
  try {
    const pair = generateSm2KeyPair(random);
    // The authority of tests lives in 2026; so does this machine's clock or it is later: its certificates last years.
    const authority = await createSealAuthority('时间戳');
    const certificateDer = await authority.issue({
      name: '时间戳服务', usages: ['digitalSignature'], serialHex: '71', publicKeySpkiDer: buildEcPublicKeyInfo('sm2', pair.publicKey), notAfter: new Date('2040-01-01T00:00:00Z'),
      extensions: [makeExtension(EXT_KEY_USAGE, [OIDS.timeStamping], { critical: true })],
    });
    await scratch.write('sm2.key', writeSm2PrivateKeyInfo(pair));
    await scratch.write('sm2.cer', certificateDer);
    const stamp = async (signature: Uint8Array) => {
      await scratch.write('sm2.tsq', writeTimeStampRequest(signature, 'sm3', random(16), means.crypto));
      expect(java.check('time-stamp', scratch.path('sm2.key'), scratch.path('sm2.cer'), scratch.path('sm2.tsq'), scratch.path('sm2.tsr'))).toBe('answered');
      return readTimeStampResponse(new Uint8Array(await readFile(scratch.path('sm2.tsr'))));
    };
    const path = await sealStamped('sm2-stamped', stamp);
    const { signers } = await verifyBid(path, means, { trust: trustIn([authority.rootDer, authority.issuingDer]) });
    expect(signers[0]?.timeStamp).toMatchObject({ digest: 'sm3', policyOid: '1.2.3.4.1', trust: { status: 'trusted' } });
  } finally {
    java.remove();
  }
});
