/** One bid for keys of unlike kinds: signed by an RSA key on SoftHSM2, sealed with the AES suite for RSA and SM2 openers, each of which tests, rehearses and opens; a renewed key opens what was sealed before. */
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SealedOutput } from '#shared/contract/desktop/bids.ts';
import type { Opening } from '#shared/contract/desktop/openings.ts';
import type { TestKey } from '../support/key-kinds.ts';
import { softUkeyMissing } from '../support/soft-ukey.ts';
import { createSm2Ca } from '../token/sm2-fixtures.ts';
import { createBidWorld, kindOf, readyProject, type BidWorld } from './support/bid-world.ts';
import { writeOnKey, type KeyCa, type NamedKey } from './support/named-keys.ts';

const missing = softUkeyMissing();
const SOFT = 'soft';
const SECOND_CONTAINER = 'ffeeddccbbaa99887766554433221100';
const DEPUTY = '杭州标钥科技有限公司副本';
const HALL = '某某市公共资源交易中心二号';

describe.skipIf(missing !== null)(`a bid for keys of unlike kinds${missing ? ` (${missing})` : ''}`, () => {
  let world: BidWorld;
  let soft: TestKey;
  let sm2Ca: KeyCa;
  /** The bidder's other key, SM2 on the software UKey; the tenderer's, RSA on another software UKey. */
  let deputy: NamedKey;
  let hall: NamedKey;
  let sealed: SealedOutput;
  beforeAll(async () => {
    soft = await kindOf('soft UKey PKCS#11, SM2').create();
    const second = await soft.addKey('rsa');
    [world, sm2Ca] = await Promise.all([createBidWorld(kindOf('SoftHSM2, RSA'), { [SOFT]: soft }), createSm2Ca()]);
    const { tokens } = world.composed;
    deputy = await writeOnKey(tokens, sm2Ca, soft.serial, soft.pin, DEPUTY, SOFT);
    hall = await writeOnKey(tokens, world.ca, second.serial, soft.pin, HALL, SOFT, { algorithm: 'rsa-2048' });
  });
  afterAll(async () => {
    await world?.dispose();
    await soft?.dispose();
    await sm2Ca?.dispose();
  });
  const call: BidWorld['engine']['call'] = (method, input) => world.engine.call(method, input);
  const withSoft = ({ serial }: NamedKey) => ({ token: { driverId: SOFT, serial }, pin: soft.pin, confirmedFewTries: true });
  const bidders = () => [world.bidder.encryptCertificateDer, deputy.encryptCertificateDer].map((certificate) => ({ group: 'bidder', certificate }));

  async function sealFor(name: string, hallCertificate: Uint8Array): Promise<SealedOutput> {
    const project = await readyProject(world, { name, suite: 'aes', openers: [...bidders(), { group: 'tenderer', certificate: hallCertificate }] });
    for (const key of [world.with(world.bidder), withSoft(deputy), withSoft(hall)]) await call('bids.testKey', { projectId: project.id, ...key });
    expect((await call('bids.get', { projectId: project.id })).openers.map(({ testedAtUtc }) => testedAtUtc !== null)).toEqual([true, true, true]);
    const work = await world.ended(await call('bids.seal', { projectId: project.id, ...world.with(world.bidder), outFolder: world.path(name), backup: false }));
    expect(work.error).toBeNull();
    if (!work.output) throw new Error('no output');
    return work.output;
  }

  /** Both keys one after the other over a copy of the bid. */
  async function openWith(name: string, output: SealedOutput, keys: readonly ReturnType<typeof withSoft>[]): Promise<Opening> {
    const folder = world.path(name);
    await mkdir(folder);
    await cp(output.path, join(folder, 'a.bid'));
    const { id: openingId } = await call('openings.create', { name, folder, outFolder: `${folder}-opened` });
    for (const key of keys) {
      await call('openings.useKey', { openingId, ...key, beforeTimeConfirmed: true });
      await world.openingEnded(openingId);
    }
    return call('openings.get', { openingId });
  }
  const openedBy = ({ bids }: Opening) => bids[0]?.groups.map(({ answered }) => answered?.fingerprintHex);
  const fingerprint = (der: Uint8Array) => createHash('sha256').update(der).digest('hex');

  it('ok: RSA and SM2 openers in one bid: every key tests its opener and rehearses, alone and together', async () => {
    sealed = await sealFor('混合', hall.encryptCertificateDer);
    const rehearse = async (...keys: ReturnType<typeof withSoft>[]) => (await call('sealed.rehearse', { path: sealed.path, keys })).keys.map(({ group, errorCode }) => [group, errorCode]);
    expect(await rehearse(world.with(world.bidder))).toEqual([['bidder', null]]);
    expect(await rehearse(withSoft(deputy))).toEqual([['bidder', null]]);
    expect(await rehearse(withSoft(hall))).toEqual([['tenderer', null]]);
    expect(await call('sealed.rehearse', { path: sealed.path, keys: [withSoft(deputy), withSoft(hall)] })).toMatchObject({ opened: true, missingGroups: [] });
  });

  it('ok: opened by the RSA key or the SM2 key of the bidder, each with the tenderer’s RSA key on another driver, which signs the transcript', async () => {
    for (const [name, key, certificate] of [['RSA开标', world.with(world.bidder), world.bidder.encryptCertificateDer], ['SM2开标', withSoft(deputy), deputy.encryptCertificateDer]] as const) {
      const finished = await openWith(name, sealed, [key, withSoft(hall)]);
      expect(finished).toMatchObject({ state: 'finished', opened: 1, error: null, transcript: { signer: { subjectCommonName: HALL } } });
      expect(openedBy(finished)).toEqual([certificate, hall.encryptCertificateDer].map(fingerprint));
      const letters = join(finished.bids[0]?.outFolder ?? '', '01-投标函');
      expect((await readdir(letters)).sort()).toEqual(['投标函.pdf', '投标函.pdf.p7s']);
      expect(Buffer.from(await readFile(join(letters, '投标函.pdf'))).equals(await readFile(world.path('投标函.pdf')))).toBe(true);
    }
  });

  it('ok: after the tenderer’s key was renewed, its old encryption key opens the old bid by its fingerprint, the new one a new bid', async () => {
    const renewed = await writeOnKey(world.composed.tokens, world.ca, hall.serial, soft.pin, HALL, SOFT, { algorithm: 'rsa-2048', containerId: SECOND_CONTAINER });
    const after = await sealFor('更新后', renewed.encryptCertificateDer);
    for (const [name, output, certificate] of [['旧标', sealed, hall.encryptCertificateDer], ['新标', after, renewed.encryptCertificateDer]] as const) {
      const finished = await openWith(name, output, [world.with(world.bidder), withSoft(hall)]);
      expect(finished).toMatchObject({ state: 'finished', opened: 1 });
      expect(openedBy(finished)?.[1]).toBe(fingerprint(certificate));
    }
  });
});
