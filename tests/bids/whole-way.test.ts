/** The whole way on a key of every kind: project, parts, signatures, check list, sealing, rehearsal, opening with transcript. */
import { readFile, readdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectBid } from '../../src-main/sealing/sealed-file.ts';
import { engine as smEngine } from '../seal/support/seal-world.ts';
import { createSealingMeans } from '../../src-main/sealing/sealing-means.ts';
import { verifyCms } from '../../src-shared/cms/verify-cms.ts';
import { BIDDER, createBidWorld, kindOf, readyProject, TENDERER, type BidWorld } from './support/bid-world.ts';

const means = createSealingMeans(smEngine);

const KINDS = ['soft UKey PKCS#11, SM2', 'soft UKey SKF, SM2', 'SoftHSM2, RSA', 'soft UKey PKCS#11, RSA'].map(kindOf);

for (const kind of KINDS) describe.skipIf(kind.missing !== null)(`a bid from its first document to its transcript, ${kind.name}${kind.missing ? ` (${kind.missing})` : ''}`, () => {
  const suite = kind.algorithm === 'sm2' ? 'sm' : 'aes';

  let world: BidWorld;
  beforeAll(async () => {
    world = await createBidWorld(kind);
  });
  afterAll(() => world?.dispose());

  it('ok: sealed for both groups, rehearsed by the bidder alone, opened by both keys one after the other', async () => {
    const { engine } = world;
    const project = await readyProject(world, { suite, openers: [{ group: 'bidder', certificate: world.bidder.encryptCertificateDer }, { group: 'tenderer', certificate: world.tenderer.encryptCertificateDer }] });
    const tested = await engine.call('bids.testKey', { projectId: project.id, ...world.with(world.bidder) });
    expect(tested.openers.map(({ group, testedAtUtc }) => [group, testedAtUtc !== null])).toEqual([['bidder', true], ['tenderer', false]]);

    const outFolder = world.path('sealed');
    const checks = await engine.call('bids.check', { projectId: project.id, outFolder, token: world.with(world.bidder).token });
    expect(checks.filter(({ verdict }) => verdict === 'blocked')).toEqual([]);
    const work = await world.ended(await engine.call('bids.seal', { projectId: project.id, ...world.with(world.bidder), outFolder, backup: true }));
    expect(work.error).toBeNull();
    const output = work.output;
    if (!output) throw new Error('no output');
    expect(output.path).toContain(output.sealIdHex.slice(0, 8));
    expect(await inspectBid(output.path, means)).toMatchObject({ kind: 'sealed', suite, sealIdHex: output.sealIdHex, lot: '一标段', tenderId: 'T-2026-88' });
    expect((await inspectBid(output.backupPath ?? '', means)).sealIdHex).toBe(output.sealIdHex);
    const [kept] = (await engine.call('ledger.list', {})).items;
    expect(kept).toMatchObject({ sealId: output.sealIdHex, tenderName: '某某道路工程', bidderName: BIDDER, state: 'to-open', file: output.path });

    const rehearsal = await engine.call('sealed.rehearse', { path: output.path, keys: [world.with(world.bidder)] });
    expect(rehearsal).toMatchObject({ opened: true, missingGroups: ['tenderer'], keys: [{ group: 'bidder', errorCode: null }] });
    expect(rehearsal.resultPath).not.toBeNull();
    expect((await engine.call('ledger.get', { sealId: output.sealIdHex })).rehearsals).toHaveLength(1);
    expect(output.ticketPath).toBe(`${output.path}.ticket`);
    // As earlier versions named it.
    await rename(`${output.path}.ticket`, output.path.replace(/\.bid$/, '.ticket'));
    expect((await engine.call('sealed.rehearse', { path: output.path, keys: [world.with(world.bidder)] })).opened).toBe(true);

    const opening = await engine.call('openings.create', { name: '某某道路工程开标', folder: dirname(output.path), outFolder: world.path('opened') });
    expect(opening.bids.map(({ state }) => state)).toEqual(['waiting']);
    await expect(engine.call('openings.useKey', { openingId: opening.id, ...world.with(world.bidder) })).rejects.toMatchObject({ code: 'OPENING_TOO_EARLY' });
    await engine.call('openings.useKey', { openingId: opening.id, ...world.with(world.bidder), beforeTimeConfirmed: true });
    expect((await world.openingEnded(opening.id)).bids.map(({ state }) => state)).toEqual(['share']);
    await engine.call('openings.useKey', { openingId: opening.id, ...world.with(world.tenderer), beforeTimeConfirmed: true });
    const finished = await world.openingEnded(opening.id);
    expect(finished).toMatchObject({ state: 'finished', opened: 1, total: 1, error: null });
    const folder = finished.bids[0]?.outFolder ?? '';
    expect((await readdir(folder)).sort()).toEqual(['01-投标函', '02-商务标', '03-技术标', '04-报价文件', 'bid.json']);
    expect(finished.bids[0]?.bidder?.subjectCommonName).toBe(BIDDER);
    // A week early: the opening is still to come, and the key still needed for it.
    const afterwards = await engine.call('ledger.get', { sealId: output.sealIdHex });
    expect([afterwards.state, afterwards.openedEarlyAtUtc === undefined]).toEqual(['to-open', false]);
    expect((await engine.call('ledger.assess', { deed: 'revocation', token: world.with(world.bidder).token, removesContents: true })).verdict).toBe('would-lose');

    const { jsonPath, pdfPath, signer } = finished.transcript ?? { jsonPath: '', pdfPath: '', signer: null };
    expect(signer?.subjectCommonName).toBe(TENDERER);
    for (const path of [jsonPath, pdfPath]) {
      const verdict = await verifyCms({ der: new Uint8Array(await readFile(`${path}.p7s`)), detached: { bytes: new Uint8Array(await readFile(path)) } }, means.crypto);
      expect(verdict.signers.map(({ valid }) => valid)).toEqual([true]);
    }
    const transcript = JSON.parse(await readFile(jsonPath, 'utf8')) as { bids: { sealId: string; openedBy: { group: string; via: string }[] }[] };
    expect(transcript.bids[0]).toMatchObject({ sealId: output.sealIdHex, result: 'opened', openedBy: [{ group: 'bidder', via: 'key' }, { group: 'tenderer', via: 'key' }] });
  });
});
