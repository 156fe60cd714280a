/** What may not get as far as a sealed bid: a tender of a signer that is not trusted now, keys that can never open, names without room for a signature; and the ticket, which is made on wish. */
import { access, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BidCheck, BidProject } from '#shared/contract/desktop/bids.ts';
import { toPem } from '#shared/x509/pem.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';
import { openCrlCache } from '../../src-main/sealing/crl-cache.ts';
import { createSealingMeans } from '../../src-main/sealing/sealing-means.ts';
import { makeTender } from '../../src-main/sealing/tender-package.ts';
import { signing, sm2Person } from '../../tools/generators/sealed-bid-vectors/seal-people.ts';
import { createSealAuthority, type SealAuthority } from '../seal/support/seal-authority.ts';
import { engine as smEngine } from '../seal/support/seal-world.ts';
import { softUkeyMissing } from '../support/soft-ukey.ts';
import { random } from '../token/sm2-fixtures.ts';
import { bytes, createOpensslCa, makeEnvelope, startClient } from '../token/token-fixtures.ts';
import { BIDDER, createBidWorld, inDays, kindOf, readyProject, TENDERER, type BidWorld } from './support/bid-world.ts';

const missing = softUkeyMissing();
const means = createSealingMeans(smEngine);
const base64 = (der: Uint8Array) => Buffer.from(der).toString('base64');
const CONTAINER = 'aabbccddeeff00112233445566778899';

describe.skipIf(missing !== null)(`before a bid is sealed${missing ? ` (${missing})` : ''}`, () => {
  let world: BidWorld;
  beforeAll(async () => {
    world = await createBidWorld(kindOf('soft UKey SKF, SM2'));
  });
  afterAll(() => world?.dispose());

  const call: BidWorld['engine']['call'] = (method, input) => world.engine.call(method, input);
  const rows = (project: BidProject) => call('bids.check', { projectId: project.id, outFolder: world.folder, token: null });
  const rowOf = async (project: BidProject, wanted: BidCheck['id']) => (await rows(project)).find(({ id }) => id === wanted);
  const seal = (project: BidProject, folder: string, more: { readonly ticket?: boolean } = {}) => call('bids.seal', { projectId: project.id, ...world.with(world.bidder), outFolder: world.path(folder), backup: false, ...more });

  describe('a tender package', () => {
    let authority: SealAuthority;
    let project: BidProject;
    const authorities = () => join(world.folder, 'data', 'bids', 'authorities');
    const trusted = () => writeFile(join(authorities(), 'tenders.pem'), toPem('CERTIFICATE', authority.rootDer) + toPem('CERTIFICATE', authority.issuingDer));
    beforeAll(async () => {
      authority = await createSealAuthority('招标机构');
      const person = await sm2Person(signing(TENDERER, '77'), smEngine, random);
      const certificateDer = await authority.issue({ name: TENDERER, usages: ['digitalSignature', 'nonRepudiation'], serialHex: '77', publicKeySpkiDer: parseCertificate(person.certificateDer).publicKeySpkiDer, notAfter: new Date(inDays(100)) });
      await makeTender({
        suite: 'sm', signer: { ...person.signer, certificateDer }, outPath: world.path('t.tender'), documents: [{ path: await world.pdf('公告.pdf'), name: '公告.pdf', mediaType: 'application/pdf' }],
        description: { tenderId: 'T', title: '道路工程', tenderer: TENDERER, lots: [], opensAtUtc: inDays(7).replace('.000', ''), parts: [{ id: 'x', title: '投标函', required: true, mediaTypes: [], maxBytes: null, maxFiles: null, mustBeSigned: false, form: null }] },
        groups: [{ name: 'tenderer', certificates: [world.tenderer.encryptCertificateDer] }],
      }, means);
      project = await call('bids.create', { name: '签名人', tender: { path: world.path('t.tender') }, bidderName: BIDDER });
      await call('bids.addDocument', { projectId: project.id, partId: 'x', source: { path: await world.pdf('x.pdf') } });
    });

    it('ok: its signer is judged anew at every look: not known without authorities, trusted by one, as far as its revocation is known', async () => {
      expect(await rowOf(project, 'tender')).toEqual({ id: 'tender', verdict: 'unknown', reason: 'signer-not-checked', facts: [TENDERER] });
      await trusted();
      expect(await rowOf(project, 'tender')).toMatchObject({ verdict: 'unknown', reason: 'signer-revocation' });
      const lists = openCrlCache(join(authorities(), 'lists'), null, means);
      const days = Math.ceil((Date.now() - Date.parse('2026-08-01T09:30:00Z')) / 86_400_000);
      for (const list of await authority.crls([], { from: days - 2, to: days + 5 })) for (const issuer of [authority.issuingDer, authority.rootDer]) await lists.add(list, issuer);
      expect(await rowOf(project, 'tender')).toEqual({ id: 'tender', verdict: 'ok', reason: null, facts: [TENDERER] });
    });

    it('refuses: one whose signer was revoked since it was taken over, and one of an authority that is not trusted', async () => {
      const stranger = await createSealAuthority('旁人');
      await writeFile(join(authorities(), 'tenders.pem'), toPem('CERTIFICATE', stranger.rootDer));
      expect(await rowOf(project, 'tender')).toMatchObject({ verdict: 'blocked', reason: 'signer-untrusted', facts: [TENDERER] });
      await trusted();
      const lists = openCrlCache(join(authorities(), 'lists'), null, means);
      const days = Math.ceil((Date.now() - Date.parse('2026-08-01T09:30:00Z')) / 86_400_000);
      const [ofIssuing = new Uint8Array()] = await authority.crls(['77'], { from: days - 1, to: days + 5 });
      expect(await lists.add(ofIssuing, authority.issuingDer)).toBe(true);
      expect(await rowOf(project, 'tender')).toMatchObject({ verdict: 'blocked', reason: 'signer-revoked', facts: [TENDERER] });
      await expect(seal(project, 'revoked')).rejects.toMatchObject({ code: 'BID_NOT_READY', details: { checks: expect.arrayContaining(['tender']) as string[] } });
      await rm(join(authorities(), 'tenders.pem'));
    });
  });

  it('refuses: an RSA opener whose key is known over SKF only, which never opens it, also after the key was pulled; ok: once another driver has shown that it does', async () => {
    const third = await world.key.addKey('rsa');
    const soft = world.key.soft ?? expect.unreachable('no soft UKey');
    const over = async () => startClient([{ driverId: 'pkcs11', modelId: 'bidkey-soft-ukey', libraryPath: soft.libraryPath, interface: 'pkcs11', environment: soft.env }]);
    const ca = await createOpensslCa();
    const client = await over();
    const session = await client.logIn({ driverId: 'pkcs11', serial: third.serial }, bytes(third.pin));
    const { publicKeySpkiDer } = await session.generateSigningKeyPair(CONTAINER, 'rsa-2048');
    const made = makeEnvelope(publicKeySpkiDer);
    await session.importEncryptionKey(CONTAINER, made.envelope, made.publicKeySpkiDer);
    const encryptCertificateDer = await ca.issue(made.publicKeySpkiDer, `/C=CN/O=${BIDDER}/CN=${BIDDER} RSA`, 'keyEncipherment,dataEncipherment');
    await session.importCertificate(CONTAINER, 'sign', await ca.issue(publicKeySpkiDer, `/C=CN/O=${BIDDER}/CN=${BIDDER} RSA`, 'digitalSignature'));
    await session.importCertificate(CONTAINER, 'encrypt', encryptCertificateDer);
    await session.close();
    await client.close();
    await ca.dispose();
    await world.composed.tokens.rescan();

    const project = await readyProject(world, { name: 'RSA' });
    const candidates = await call('bids.openerCandidates', { projectId: project.id });
    expect(candidates.map(({ facts, shut }) => [facts.subjectCommonName, shut ?? null])).toEqual(expect.arrayContaining([[BIDDER, null], [`${BIDDER} RSA`, 'rsa-over-skf']]));
    const own = (certificateDer: Uint8Array) => ({ group: 'bidder', certificateDer: base64(certificateDer), source: 'key' as const });
    await call('bids.setOpeners', { projectId: project.id, openers: [own(encryptCertificateDer)] });
    const blocked = { verdict: 'blocked', reason: 'rsa-over-skf', facts: [`${BIDDER} RSA`] };
    expect(await rowOf(project, 'openers')).toMatchObject(blocked);
    await expect(seal(project, 'rsa')).rejects.toMatchObject({ code: 'BID_NOT_READY' });
    // Nor is it added to a bid that is sealed already.
    const sealed = await readyProject(world, { name: 'SM2' }).then((other) => seal(other, 'sm2')).then((work) => world.ended(work));
    const openers = [own(encryptCertificateDer), own(world.bidder.encryptCertificateDer)];
    expect((await call('rewraps.checkOpeners', { path: sealed.output?.path ?? '', openers })).map(({ refusal }) => refusal)).toEqual(['rsa over skf', 'already an opener']);
    await third.remove();
    await world.composed.tokens.rescan();
    expect(await rowOf(project, 'openers')).toMatchObject(blocked);
    await call('bids.setOpeners', { projectId: project.id, openers: [own(world.bidder.encryptCertificateDer)] });
    expect(await rowOf(project, 'openers')).toMatchObject({ verdict: 'ok' });

    // What a test by PKCS#11 leaves behind, on a machine that has both drivers.
    const memory = join(world.folder, 'data', 'bids', 'known-certificates.json');
    await writeFile(memory, JSON.stringify({ version: 1, certificates: [{ certificateDer: base64(encryptCertificateDer), group: 'bidder', lastUsedUtc: inDays(-1), testedAtUtc: inDays(-1), shut: 'rsa-over-skf' }] }));
    await call('bids.setOpeners', { projectId: project.id, openers: [own(encryptCertificateDer)] });
    expect(await rowOf(project, 'openers')).toMatchObject({ verdict: 'ok' });
  });

  it('refuses: a document whose signature would have no room for its name; ok: the longest one, signed and sealed', async () => {
    const longest = `${'投'.repeat(82)}ab.pdf`;
    expect(Buffer.byteLength(`${longest}.p7s`)).toBe(256);
    const project = await readyProject(world, { name: '长名' });
    const { id: projectId, parts } = project;
    const partId = parts[1]?.id ?? '';
    const source = { path: await world.pdf('short.pdf') };
    await expect(call('bids.addDocument', { projectId, partId, source, name: longest })).rejects.toMatchObject({ code: 'SEAL_NAME_REFUSED', details: { reason: 'too long' } });
    const fits = `${'投'.repeat(82)}a.pdf`;
    const added = await call('bids.addDocument', { projectId, partId, source, name: fits });
    const document = added.documents.find(({ name }) => name === fits) ?? expect.unreachable();
    await expect(call('bids.renameDocument', { projectId, documentId: document.id, name: longest })).rejects.toMatchObject({ code: 'SEAL_NAME_REFUSED' });
    expect((await world.ended(await call('bids.sign', { projectId, ...world.with(world.bidder), documentIds: [document.id] }))).error).toBeNull();
    const work = await world.ended(await seal(project, 'long'));
    expect(work.error).toBeNull();
  });

  it('refuses: a longer name that an earlier version took, by the check list, before anything is sealed', async () => {
    const project = await readyProject(world, { name: '旧长名' });
    const path = join(world.folder, 'data', 'bids', 'projects', project.id, 'project.json');
    const record = JSON.parse(await readFile(path, 'utf8')) as { documents: { name: string }[] };
    const long = `${'投'.repeat(83)}.pdf`;
    await writeFile(path, JSON.stringify({ ...record, documents: record.documents.map((one, index) => (index === 0 ? { ...one, name: long } : one)) }));
    expect(await rowOf(project, 'documents')).toMatchObject({ verdict: 'blocked', reason: 'name-too-long', facts: [expect.stringContaining(long)] });
  });

  it('refuses: the name that a signature of another document has or will have, whichever comes first', async () => {
    const project = await call('bids.create', { name: '重名', tender: null, bidderName: BIDDER });
    const add = async (name: string) => call('bids.addDocument', { projectId: project.id, partId: 'other', source: { path: await world.file('any.bin', 'x') }, name });
    await add('a.txt');
    await expect(add('A.txt.p7s')).rejects.toMatchObject({ code: 'SEAL_NAME_DUPLICATE' });
    await add('b.txt.p7s');
    await expect(add('B.txt')).rejects.toMatchObject({ code: 'SEAL_NAME_DUPLICATE' });
    await add('b.txt.p7s.p7s').then(() => expect.unreachable(), (thrown: unknown) => expect(thrown).toMatchObject({ code: 'SEAL_NAME_DUPLICATE' }));
  });

  it('ok: the rehearsal ticket is made unless the person does without; none is beside a bid that was sealed so', async () => {
    const openers = [{ group: 'bidder', certificate: world.bidder.encryptCertificateDer }, { group: 'tenderer', certificate: world.tenderer.encryptCertificateDer }];
    const project = await readyProject(world, { name: '凭据', openers });
    const outputs = [];
    for (const ticket of [undefined, true, false]) outputs.push((await world.ended(await seal(project, `ticket-${String(ticket)}`, ticket === undefined ? {} : { ticket }))).output);
    const there = await Promise.all(outputs.map((output) => access(`${output?.path ?? ''}.ticket`).then(() => true, () => false)));
    expect([outputs.map((output) => output?.ticketPath === `${output?.path ?? ''}.ticket`), there]).toEqual([[true, true, false], [true, true, false]]);
    expect(outputs[2]?.ticketPath).toBeNull();
  });
});
