/** 换加开标人 on software UKeys: another opener for a bid that is sealed already, by the bidder's key alone with its ticket, or by the keys of every group. */
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SealedOutput } from '#shared/contract/desktop/bids.ts';
import { generateSm2KeyPair } from '#shared/sm/sm2-key.ts';
import { buildEcPublicKeyInfo } from '#shared/x509/public-key-info.ts';
import { toPem } from '#shared/x509/pem.ts';
import { sha256Hex } from '../../src-main/bids/certificate-facts.ts';
import { openCrlCache } from '../../src-main/sealing/crl-cache.ts';
import { createSealingMeans } from '../../src-main/sealing/sealing-means.ts';
import { verifyBid } from '../../src-main/sealing/verify-bid.ts';
import { createSealAuthority } from '../seal/support/seal-authority.ts';
import { engine as smEngine } from '../seal/support/seal-world.ts';
import { softUkeyMissing } from '../support/soft-ukey.ts';
import { random } from '../token/sm2-fixtures.ts';
import { BIDDER, createBidWorld, inDays, readyProject, TENDERER, type BidWorld } from './support/bid-world.ts';
import { writeOnKey, type NamedKey } from './support/named-keys.ts';

const missing = softUkeyMissing();
const means = createSealingMeans(smEngine);
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const DEPUTY = '杭州标钥科技有限公司 副锁';

describe.skipIf(missing !== null)(`openers added to a sealed bid${missing ? ` (${missing})` : ''}`, () => {
  let world: BidWorld;
  let deputy: NamedKey;
  let sealed: SealedOutput;
  let projectId: string;
  beforeAll(async () => {
    world = await createBidWorld();
    const third = await world.key.addKey('deputy');
    await world.composed.tokens.rescan();
    deputy = await writeOnKey(world.composed.tokens, world.ca, third.serial, world.pin, DEPUTY);
    await world.composed.tokens.rescan();
    const project = await readyProject(world, { openers: [{ group: 'bidder', certificate: world.bidder.encryptCertificateDer }, { group: 'tenderer', certificate: world.tenderer.encryptCertificateDer }] });
    const work = await world.ended(await call('bids.seal', { projectId: project.id, ...world.with(world.bidder), outFolder: world.path('sealed'), backup: false }));
    projectId = project.id;
    sealed = work.output ?? expect.unreachable(JSON.stringify(work.error));
  });
  afterAll(() => world?.dispose());

  const call: BidWorld['engine']['call'] = (method, input) => world.engine.call(method, input);
  const opener = (group: string, certificateDer: Uint8Array) => ({ group, certificateDer: base64(certificateDer), source: 'file' as const });
  const names = (facts: { groups: readonly { name: string; openers: readonly { label: string }[] }[] }) => facts.groups.map(({ name, openers }) => [name, openers.map(({ label }) => label)]);
  let count = 0;
  const fresh = () => world.path(`sealed/neu-${++count}.bid`);
  const begin = (more: Partial<Parameters<typeof world.engine.call<'rewraps.begin'>>[1]> = {}) =>
    call('rewraps.begin', { path: sealed.path, outPath: fresh(), add: [opener('bidder', deputy.encryptCertificateDer)], remove: [], keys: [world.with(world.bidder)], ...more });

  it('ok: by the bidder’s key alone; the ledger names the new opener, its key rehearses and opens, the file before stays as it is', async () => {
    const before = await readFile(sealed.path);
    const base = await call('rewraps.prepare', { path: sealed.path });
    expect(base).toMatchObject({ ticketGroup: 'bidder', ticketInvalid: false, rewrapsLeft: 16, outPath: sealed.path.replace(/\.bid$/, '.rewrapped.bid') });
    expect(names(base.facts)).toEqual([['bidder', [BIDDER]], ['tenderer', [TENDERER]]]);
    // Those that open it already are not offered.
    expect(base.candidates.map(({ facts, source }) => [facts.subjectCommonName, source])).toEqual([[DEPUTY, 'key']]);
    const add = [opener('bidder', deputy.encryptCertificateDer)];
    expect(await call('rewraps.checkOpeners', { path: sealed.path, openers: add })).toMatchObject([{ group: 'bidder', refusal: null, revocation: 'unknown', warnings: ['chain-not-checked', 'revocation-unknown'] }]);

    const work = await world.ended(await begin({ outPath: base.outPath, add }));
    expect([work.error, work.madePath]).toEqual([null, base.outPath]);
    expect((await readFile(sealed.path)).equals(before)).toBe(true);
    const after = await call('sealed.inspect', { path: base.outPath });
    expect([after.sealIdHex, after.rewraps, names(after)]).toEqual([sealed.sealIdHex, 1, [['bidder', [BIDDER, DEPUTY]], ['tenderer', [TENDERER]]]]);
    expect((await verifyBid(base.outPath, means)).signatures.history).toHaveLength(1);
    const kept = await call('ledger.get', { sealId: sealed.sealIdHex });
    expect([kept.file, kept.tenderName, kept.bidderName, kept.openers.map(({ label }) => label)]).toEqual([base.outPath, '某某道路工程', BIDDER, [BIDDER, DEPUTY, TENDERER]]);
    expect(kept.openingTimeUtc).toBe(after.opensAtUtc);
    // The platform may hold either file: the keys of both are guarded until somebody says which was uploaded.
    expect(kept.generations?.map(({ rewraps, file, openers }) => [rewraps, file, openers.map(({ label }) => label)])).toEqual([[0, sealed.path, [BIDDER, TENDERER]], [1, base.outPath, [BIDDER, DEPUTY, TENDERER]]]);
    const lost = async () => (await call('ledger.assess', { deed: 'revocation', token: world.with(world.bidder).token, removesContents: true })).bids[0]?.groups.map(({ generation, keptBy }) => [generation?.rewraps, keptBy.length > 0]);
    expect(await lost()).toEqual([[0, false], [1, true]]);
    await call('ledger.addUpload', { sealId: sealed.sealIdHex, platform: '交易平台', receipt: null, headerHex: kept.generations?.[1]?.headerHex ?? null });
    expect(await lost()).toEqual([[1, true]]);
    // The project names the file that is to be uploaded now.
    const output = (await call('bids.get', { projectId })).outputs[0];
    expect([output?.path, output?.ticketPath, output?.sha256Hex, output?.openers.map(({ facts }) => facts.subjectCommonName)]).toEqual([base.outPath, `${base.outPath}.ticket`, sha256Hex(await readFile(base.outPath)), [BIDDER, TENDERER, DEPUTY]]);
    expect(work.output).toEqual(output);

    // The ticket lies beside the new file too, and serves the new key.
    expect(await call('sealed.rehearse', { path: base.outPath, keys: [world.with(deputy)] })).toMatchObject({ opened: true, keys: [{ group: 'bidder', errorCode: null }] });
    expect((await call('rewraps.prepare', { path: base.outPath })).outPath).toBe(sealed.path.replace(/\.bid$/, '.rewrapped-2.bid'));
    const folder = world.path('opening');
    await mkdir(folder);
    await copyFile(base.outPath, join(folder, 'a.bid'));
    const opening = await call('openings.create', { name: '开标', folder, outFolder: world.path('opened') });
    for (const key of [deputy, world.tenderer]) {
      await call('openings.useKey', { openingId: opening.id, ...world.with(key), beforeTimeConfirmed: true });
      await world.openingEnded(opening.id);
    }
    expect(await call('openings.get', { openingId: opening.id })).toMatchObject({ opened: 1, total: 1 });
  });

  it('ok: with the keys of both groups either is changed; who is taken off opens the new file no more, the file before still', async () => {
    const outPath = fresh();
    const fingerprint = (await call('sealed.inspect', { path: sealed.path })).groups[1]?.openers[0]?.fingerprintHex ?? '';
    const work = await world.ended(await begin({ outPath, add: [opener('tenderer', deputy.encryptCertificateDer)], remove: [fingerprint], keys: [world.with(world.bidder), world.with(world.tenderer)] }));
    expect(work.error).toBeNull();
    expect(names(await call('sealed.inspect', { path: outPath }))).toEqual([['bidder', [BIDDER]], ['tenderer', [DEPUTY]]]);
    expect((await call('sealed.rehearse', { path: outPath, keys: [world.with(world.tenderer)] })).keys).toMatchObject([{ errorCode: 'SEAL_NOT_AN_OPENER' }]);
    expect((await call('sealed.rehearse', { path: sealed.path, keys: [world.with(world.tenderer)] })).keys).toMatchObject([{ group: 'tenderer', errorCode: null }]);
  });

  it('refuses: another group by the ticket; any group without ticket and the other key; a ticket of another bid', async () => {
    const byTicket = await world.ended(await begin({ add: [opener('tenderer', deputy.encryptCertificateDer)] }));
    expect(byTicket.error).toMatchObject({ code: 'SEAL_SHARE_MISSING', details: { group: 'tenderer' } });
    const ticket = `${sealed.path}.ticket`;
    const bytes = await readFile(ticket);
    await rename(ticket, `${ticket}.away`);
    expect(await call('rewraps.prepare', { path: sealed.path })).toMatchObject({ ticketGroup: null, ticketInvalid: false });
    expect((await world.ended(await begin())).error).toMatchObject({ code: 'SEAL_SHARE_MISSING', details: { group: 'tenderer' } });
    await writeFile(ticket, bytes.subarray(0, bytes.length - 1));
    expect(await call('rewraps.prepare', { path: sealed.path })).toMatchObject({ ticketGroup: null, ticketInvalid: true });
    await rm(ticket);
    await rename(`${ticket}.away`, ticket);
  });

  it('refuses: without a PIN being asked: what is there already, who opens already, groups that are not there, nothing to change, an empty group, a backup', async () => {
    const nobody = { token: world.with(world.bidder).token, pin: '000000', confirmedFewTries: true };
    const tries = async () => (await call('tokens.list', undefined)).tokens.find(({ ref }) => ref.serial === world.bidder.serial)?.pin.triesLeft;
    const before = await tries();
    const code = (more: Parameters<typeof begin>[0]) => begin({ keys: [nobody], ...more }).then(() => 'OK', (thrown: { code: string }) => thrown.code);
    expect(await code({ outPath: sealed.path })).toBe('SEAL_OUTPUT_EXISTS');
    expect(await code({ outPath: 'relative.bid' })).toBe('FILE_PLACE_REFUSED');
    expect(await code({ add: [opener('bidder', world.tenderer.encryptCertificateDer)] })).toBe('SEAL_OPENER_DUPLICATE');
    expect(await code({ add: [opener('third', deputy.encryptCertificateDer)] })).toBe('SEAL_GROUPS');
    expect(await code({ add: [] })).toBe('INPUT_INVALID');
    expect(await code({ add: [], remove: ['00'.repeat(32)] })).toBe('SEAL_NOT_AN_OPENER');
    expect(await code({ add: [], remove: [(await call('sealed.inspect', { path: sealed.path })).groups[0]?.openers[0]?.fingerprintHex ?? ''] })).toBe('SEAL_GROUPS');
    expect(await code({ path: await world.pdf('no.pdf') })).toBe('SEAL_NOT_OURS');
    expect(await tries()).toBe(before);
  });

  it('refuses: certificates for signing, over before the opening, revoked; before a key is used', async () => {
    const authority = await createSealAuthority('吊销测试');
    const folder = join(world.folder, 'data', 'bids', 'authorities');
    await writeFile(join(folder, 'revocation-test.pem'), toPem('CERTIFICATE', authority.rootDer) + toPem('CERTIFICATE', authority.issuingDer));
    const lists = openCrlCache(join(folder, 'lists'), null, means);
    const [ofIssuing = new Uint8Array()] = await authority.crls(['5a']);
    expect(await lists.add(ofIssuing, authority.issuingDer)).toBe(true);
    const publicKeySpkiDer = buildEcPublicKeyInfo('sm2', generateSm2KeyPair(random).publicKey);
    const leaf = (serialHex: string, days: number, usages: readonly ('digitalSignature' | 'keyEncipherment')[] = ['keyEncipherment']) => authority.issue({ name: '待加证书', serialHex, usages, publicKeySpkiDer, notAfter: new Date(inDays(days)) });
    for (const [der, reason] of [[await leaf('5b', 60, ['digitalSignature']), 'not for encryption'], [await leaf('5c', 3), 'expires before the opening'], [await leaf('5d', -1), 'expires before the opening'], [await leaf('5a', 60), 'revoked']] as const) {
      const add = [opener('bidder', der)];
      expect(await call('rewraps.checkOpeners', { path: sealed.path, openers: add })).toMatchObject([{ refusal: reason }]);
      await expect(begin({ add })).rejects.toMatchObject({ code: 'SEAL_OPENER_REFUSED', details: { reason } });
    }
    expect(await call('rewraps.checkOpeners', { path: sealed.path, openers: [opener('bidder', world.bidder.encryptCertificateDer)] })).toMatchObject([{ refusal: 'already an opener' }]);
    await rm(join(folder, 'revocation-test.pem'));
  });

  it('ok: cancelled, it leaves nothing, and the next one works', async () => {
    const outPath = fresh();
    const work = await begin({ outPath });
    await call('work.cancel', { workId: work.id });
    expect((await world.ended(work)).state).toBe('cancelled');
    expect((await readdir(world.path('sealed'))).filter((name) => name.startsWith(basename(outPath)) || name.endsWith('.part'))).toEqual([]);
    expect((await world.ended(await begin({ outPath }))).state).toBe('done');
  });

  it('refuses: a wrong PIN, a key that opens nothing here; neither leaves a file, and the key is free again', async () => {
    const outPath = fresh();
    await expect(begin({ outPath, keys: [{ ...world.with(world.bidder), pin: '000000' }] })).rejects.toMatchObject({ code: 'PIN_INCORRECT', details: { serial: world.bidder.serial } });
    await expect(begin({ outPath, keys: [world.with(world.bidder), { ...world.with(world.tenderer), pin: '000000' }] })).rejects.toMatchObject({ code: 'PIN_INCORRECT', details: { serial: world.tenderer.serial } });
    await expect(begin({ outPath, keys: [world.with(deputy)] })).rejects.toMatchObject({ code: 'SEAL_NOT_AN_OPENER', details: { serial: deputy.serial } });
    await expect(begin({ outPath, keys: [world.with(world.bidder), world.with(deputy)] })).rejects.toMatchObject({ code: 'SEAL_NOT_AN_OPENER' });
    await expect(readFile(outPath)).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await world.ended(await begin({ outPath }))).state).toBe('done');
  });
});
