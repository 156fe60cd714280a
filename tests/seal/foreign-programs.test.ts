/** What other people's programs make of a sealed bid: OpenSSL opens the envelopes of RSA openers, verifies RSA signatures inside and outside, and decrypts what an SM2 opener is sent. */
import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sealBid } from '../../src-main/sealing/seal-bid.ts';
import { withSealedFile } from '../../src-main/sealing/sealed-file.ts';
import { readManifestOf, unlockBid } from '../../src-main/sealing/unlock-bid.ts';
import { readEnvelopedData } from '../../src-shared/cms/enveloped-data.ts';
import { writeSm2PrivateKeyInfo } from '../../src-shared/pkcs/sm2-private-key-info.ts';
import { collectShares, findOpener } from '../../src-shared/seal/collect-shares.ts';
import { writeManifest } from '../../src-shared/seal/manifest.ts';
import { writeCore } from '../../src-shared/seal/seal-header.ts';
import { writeStatement } from '../../src-shared/seal/seal-trailer.ts';
import { sm2PublicKeyOf } from '../../src-shared/sm/sm2-key.ts';
import { toPem } from '../../src-shared/x509/pem.ts';
import { createScratch, type Scratch } from '../interop/tools.ts';
import { bouncyCastleMissing, compileBouncyCastle } from '../interop-java/bouncy-castle.ts';
import { bidOf, makeFolder, makePeople, means, patterned, type People, type SealFolder } from './support/seal-world.ts';

let people: People;
let folder: SealFolder;
let scratch: Scratch;
beforeAll(async () => {
  people = await makePeople();
  [folder, scratch] = [await makeFolder(), await createScratch()];
  const groups = [{ name: 'bidder', openers: [people.openerRsa.opener, people.openerSm2.opener] }];
  await sealBid(bidOf(people, { signer: people.bidderRsa.signer, documents: [await folder.document('a.pdf', patterned(5000))], outPath: folder.path('a.bid'), groups }), means);
});
afterAll(async () => {
  await folder.dispose();
  await scratch.dispose();
});

const inFile = <T>(deed: Parameters<typeof withSealedFile<T>>[2]): Promise<T> => withSealedFile(folder.path('a.bid'), means, deed);
const shareOf = () => inFile(async ({ header, means: bound }) => (await collectShares(header, [people.openerSm2.recipient], [], bound.suite, bound.engine))[0]);
const envelopeOf = (certificateDer: Uint8Array) => inFile(async ({ header, means: bound }) => findOpener(header, certificateDer, bound.suite)?.opener.envelopeDer ?? new Uint8Array(0));

test('ok: openssl cms -decrypt opens the envelope of an RSA opener; its content is the share', async () => {
  await scratch.write('envelope.der', await envelopeOf(people.openerRsa.certificateDer));
  await scratch.write('key.pem', (people.openerRsa.privateKey as KeyObject).export({ type: 'pkcs8', format: 'pem' }));
  await scratch.write('certificate.pem', toPem('CERTIFICATE', people.openerRsa.certificateDer));
  const answer = await scratch.run('openssl', ['cms', '-decrypt', '-inform', 'DER', '-in', 'envelope.der', '-inkey', 'key.pem', '-recip', 'certificate.pem', '-binary', '-out', 'share.bin']);
  expect(answer).toMatchObject({ exitCode: 0 });
  expect(new Uint8Array(await readFile(scratch.path('share.bin')))).toEqual(await shareOf());
});

test('ok: openssl cms -verify accepts the outer signature over the statement, and no other statement', async () => {
  const { signature, statement } = await inFile(async ({ header, trailer, headerDigest, means: { suite } }) => ({ signature: trailer.signature, statement: writeStatement(suite, writeCore(header.core), headerDigest, trailer.payloadLength, trailer.root) }));
  await scratch.write('outer.der', signature);
  await scratch.write('statement.der', statement);
  await scratch.write('other.der', Uint8Array.from([...statement.slice(0, -1), 0]));
  const verify = (content: string) => scratch.run('openssl', ['cms', '-verify', '-inform', 'DER', '-in', 'outer.der', '-content', content, '-binary', '-noverify', '-out', 'ignored']);
  expect(await verify('statement.der')).toMatchObject({ exitCode: 0 });
  expect((await verify('other.der')).exitCode).not.toBe(0);
});

test('ok: openssl cms -verify accepts the manifest message and takes the manifest out', async () => {
  const { message, manifest } = await inFile(async (file) => {
    const { keys } = await unlockBid(file, { recipients: [people.openerSm2.recipient] });
    return readManifestOf(file, keys);
  });
  await scratch.write('manifest.p7m', message);
  expect(await scratch.run('openssl', ['cms', '-verify', '-inform', 'DER', '-in', 'manifest.p7m', '-binary', '-noverify', '-out', 'manifest.der'])).toMatchObject({ exitCode: 0 });
  expect(new Uint8Array(await readFile(scratch.path('manifest.der')))).toEqual(writeManifest(manifest));
});

test.skipIf(bouncyCastleMissing() !== null)('ok: Bouncy Castle accepts SM2 signatures, outside over the statement and inside over the manifest, and opens an SM2 envelope; of other contents it does not', async () => {
  await sealBid(bidOf(people, { documents: [await folder.document('b.pdf', patterned(5000))], outPath: folder.path('sm2.bid') }), means);
  const parts = await withSealedFile(folder.path('sm2.bid'), means, async (file) => {
    const { header, trailer, headerDigest, means: { suite } } = file;
    const { keys } = await unlockBid(file, { recipients: [people.openerSm2.recipient] });
    return {
      outer: trailer.signature, statement: writeStatement(suite, writeCore(header.core), headerDigest, trailer.payloadLength, trailer.root), ...(await readManifestOf(file, keys)),
      envelope: findOpener(header, people.openerSm2.certificateDer, suite)?.opener.envelopeDer ?? new Uint8Array(0), share: (await collectShares(header, [people.openerSm2.recipient], [], suite, file.means.engine))[0],
    };
  });
  const privateKey = people.openerSm2.privateKey as Uint8Array;
  const files = { 'outer.p7s': parts.outer, statement: parts.statement, other: Uint8Array.from([...parts.statement.slice(0, -1), 0]), 'manifest.p7m': parts.message, envelope: parts.envelope, key: writeSm2PrivateKeyInfo({ privateKey, publicKey: sm2PublicKeyOf(privateKey) }) };
  for (const [name, bytes] of Object.entries(files)) await scratch.write(name, bytes);
  const java = compileBouncyCastle();
  try {
    expect(java.check('cms-verify', scratch.path('outer.p7s'), scratch.path('statement'))).toBe('valid');
    expect(() => java.check('cms-verify', scratch.path('outer.p7s'), scratch.path('other'))).toThrow('message-digest attribute value does not match');
    expect(java.check('cms-verify', scratch.path('manifest.p7m'))).toBe('valid');
    expect(java.check('cms-open', scratch.path('envelope'), scratch.path('key'), scratch.path('share-by-java'))).toBe('opened');
    expect(new Uint8Array(await readFile(scratch.path('share-by-java')))).toEqual(parts.share);
  } finally {
    java.remove();
  }
});

test('ok: openssl pkeyutl decrypts what an SM2 opener is sent, openssl enc the share under it', async () => {
  const data = readEnvelopedData(await envelopeOf(people.openerSm2.certificateDer));
  const privateKey = people.openerSm2.privateKey as Uint8Array;
  await scratch.write('sm2.pem', toPem('PRIVATE KEY', writeSm2PrivateKeyInfo({ privateKey, publicKey: sm2PublicKeyOf(privateKey) })));
  await scratch.write('wrapped.der', data.recipients[0]?.encryptedKey ?? new Uint8Array(0));
  expect(await scratch.run('openssl', ['pkeyutl', '-decrypt', '-inkey', 'sm2.pem', '-in', 'wrapped.der', '-out', 'session.bin'])).toMatchObject({ exitCode: 0 });
  const key = await readFile(scratch.path('session.bin'));
  await scratch.write('sealed.bin', data.encryptedContent);
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  expect(await scratch.run('openssl', ['enc', '-d', '-sm4-cbc', '-K', hex(key), '-iv', hex(data.iv), '-in', 'sealed.bin', '-out', 'share2.bin'])).toMatchObject({ exitCode: 0 });
  expect(new Uint8Array(await readFile(scratch.path('share2.bin')))).toEqual(await shareOf());
});
