/** 受信任的CA: who is trusted and from where, one more after its fingerprint was confirmed, removing what was added here. */
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src-main/bids/certificate-facts.ts';
import { parseCertificate } from '../../src-shared/x509/certificate.ts';
import { toPem } from '../../src-shared/x509/pem.ts';
import { createSealAuthority, type SealAuthority } from '../seal/support/seal-authority.ts';
import { softUkeyMissing } from '../support/soft-ukey.ts';
import { createBidWorld, type BidWorld } from './support/bid-world.ts';

const missing = softUkeyMissing();

describe.skipIf(missing !== null)(`trusted authorities${missing ? ` (${missing})` : ''}`, () => {
  let world: BidWorld;
  let authority: SealAuthority;
  let folder: string;
  beforeAll(async () => {
    [world, authority] = await Promise.all([createBidWorld(), createSealAuthority('信任测试')]);
    folder = join(world.folder, 'data', 'bids', 'authorities');
  });
  afterAll(() => world?.dispose());

  const call: BidWorld['engine']['call'] = (method, input) => world.engine.call(method, input);
  const inspect = async (name: string, bytes: Uint8Array | string) => call('authorities.inspect', { source: { path: await world.file(name, bytes) } });
  const add = (certificateDer: string, confirmedSha256: string) => call('authorities.add', { certificateDer, confirmedSha256 });
  const candidate = () => call('bids.readCertificate', { source: { path: world.path('leaf.cer') } });

  it('ok: nobody at first; one is added after its fingerprints were read, and judges tenders from then on', async () => {
    expect(await call('authorities.list', undefined)).toEqual({ folder, caBaseUrl: null, authorities: [] });
    const read = await inspect('root.cer', authority.rootDer);
    expect(read).toMatchObject({ known: false, certificate: { role: 'anchor', selfSigned: true, facts: { subjectCommonName: '信任测试 根', sha256Hex: sha256Hex(authority.rootDer) } } });
    expect(read.certificate.sm3Hex).toMatch(/^[0-9a-f]{64}$/);
    expect(read.certificate.sm3Hex).not.toBe(read.certificate.facts.sha256Hex);
    const { authorities } = await add(read.certificateDer, read.certificate.facts.sha256Hex);
    expect(authorities.map(({ id, source, certificates }) => [id, source, certificates.map(({ facts }) => facts.subjectCommonName)])).toEqual([[`added-${sha256Hex(authority.rootDer)}.pem`, 'added', ['信任测试 根']]]);
    expect((await inspect('root.pem', toPem('CERTIFICATE', authority.rootDer))).known).toBe(true);
    // Twice is once.
    expect((await add(read.certificateDer, read.certificate.facts.sha256Hex)).authorities).toHaveLength(1);
    // An issuing CA beside a root only joins others to it.
    const between = await inspect('issuing.cer', authority.issuingDer);
    expect(between.certificate).toMatchObject({ role: 'between', selfSigned: false });
    expect((await add(between.certificateDer, between.certificate.facts.sha256Hex)).authorities).toHaveLength(2);
    await world.restart();
    expect((await call('authorities.list', undefined)).authorities.flatMap(({ certificates }) => certificates.map(({ role }) => role)).sort()).toEqual(['anchor', 'between']);
  });

  it('refuses: certificates that are no authority’s, roots that did not sign themselves, files that are none, another fingerprint than the one confirmed', async () => {
    const leaf = await authority.issue({ name: '某公司', usages: ['digitalSignature'], serialHex: '41', publicKeySpkiDer: parseCertificate(authority.issuingDer).publicKeySpkiDer });
    await expect(inspect('leaf.cer', leaf)).rejects.toMatchObject({ code: 'AUTHORITY_NOT_A_CA', details: { reason: 'not a CA' } });
    expect((await candidate()).facts.subjectCommonName).toBe('某公司');
    await expect(add(Buffer.from(leaf).toString('base64'), sha256Hex(leaf))).rejects.toMatchObject({ code: 'AUTHORITY_NOT_A_CA' });
    // The last octet is the end of an INTEGER inside the signature.
    const forged = authority.rootDer.map((byte, i, all) => (i === all.length - 3 ? byte ^ 1 : byte));
    await expect(inspect('forged.cer', forged)).rejects.toMatchObject({ code: 'AUTHORITY_NOT_A_CA', details: { reason: 'its own signature is wrong' } });
    await expect(inspect('text.cer', 'nothing')).rejects.toMatchObject({ code: 'CERTIFICATE_FILE_REFUSED' });
    await expect(inspect('two.pem', toPem('CERTIFICATE', authority.rootDer).repeat(2))).rejects.toMatchObject({ code: 'CERTIFICATE_FILE_REFUSED' });
    const stranger = await createSealAuthority('另一家');
    await expect(add(Buffer.from(stranger.rootDer).toString('base64'), sha256Hex(authority.rootDer))).rejects.toMatchObject({ code: 'AUTHORITY_FINGERPRINT' });
    expect((await call('authorities.list', undefined)).authorities).toHaveLength(2);
  });

  it('ok: what was added here is removed here; refuses: what the CA service or somebody in the folder put there, and names that lead elsewhere', async () => {
    await writeFile(join(folder, 'ca-service.pem'), toPem('CERTIFICATE', (await createSealAuthority('服务')).rootDer));
    await writeFile(join(folder, 'by-hand.cer'), (await createSealAuthority('手工')).rootDer);
    await writeFile(join(folder, 'broken.pem'), 'nothing');
    const { authorities } = await call('authorities.list', undefined);
    expect(authorities.map(({ source, certificates }) => [source, certificates.length])).toEqual([['added', 1], ['added', 1], ['folder', 0], ['folder', 1], ['ca-service', 1]]);
    for (const id of ['ca-service.pem', 'by-hand.cer', 'broken.pem', '../../../outside.pem', `added-${'0'.repeat(64)}.pem`]) await expect(call('authorities.remove', { id })).rejects.toMatchObject({ code: 'AUTHORITY_NOT_REMOVABLE' });
    for (const { id } of authorities.filter(({ source }) => source === 'added')) await call('authorities.remove', { id });
    expect((await readdir(folder)).filter((name) => /\.(pem|cer)$/.test(name)).sort()).toEqual(['broken.pem', 'by-hand.cer', 'ca-service.pem']);
    for (const name of ['broken.pem', 'by-hand.cer', 'ca-service.pem']) await rm(join(folder, name));
    expect((await call('authorities.list', undefined)).authorities).toEqual([]);
  });
});
