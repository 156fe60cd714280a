/** The program killed (SIGKILL) at chosen file operations of an opening session and of a sealing, and started again: nothing is lost, nothing is opened twice, nothing half stands under a final name. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BidProject, BidWork } from '#shared/contract/desktop/bids.ts';
import type { Opening } from '#shared/contract/desktop/openings.ts';
import { verifyBid } from '../../src-main/sealing/verify-bid.ts';
import { softUkeyMissing } from '../support/soft-ukey.ts';
import { builtPdfReader, builtProgram, builtTokenHost } from '../support/token-host-program.ts';
import { means } from '../seal/support/seal-world.ts';
import { createBidWorld, readyProject, RESOURCES, type BidWorld } from './support/bid-world.ts';
import { makeForeignBids } from './support/foreign-bids.ts';
import type { ChildOrder, KillPoint } from './support/killed-child.ts';
import type { NamedKey } from './support/named-keys.ts';

const missing = softUkeyMissing();
const BIDS = 4;
const DOCUMENT_BYTES = 20_000;

describe.skipIf(missing !== null)(`killed and started again${missing ? ` (${missing})` : ''}`, () => {
  let world: BidWorld;
  let program: string;
  let project: BidProject;
  let opening: Opening;
  beforeAll(async () => {
    [world, program] = await Promise.all([createBidWorld(), builtProgram('killed-child', 'tests/bids/support/killed-child.ts')]);
    await makeForeignBids({ folder: world.path('bids'), count: BIDS, groups: { tenderer: [world.tenderer.encryptCertificateDer] }, opensAt: null, documentBytes: DOCUMENT_BYTES });
    project = await readyProject(world);
    opening = await world.engine.call('openings.create', { name: '开标', folder: world.path('bids'), outFolder: world.path('opened') });
    // From here on its data folder is a template: each test has a copy of its own.
    await world.composed.close();
  });
  afterAll(() => world?.dispose());

  let made = 0;
  async function freshData(): Promise<string> {
    const dataFolder = world.path(`data-${++made}`);
    await cp(join(world.folder, 'data'), dataFolder, { recursive: true });
    return dataFolder;
  }

  /** @returns what it told, or null when it was killed */
  async function runChild<T>(dataFolder: string, key: NamedKey, deed: ChildOrder['deed'], kill: KillPoint | null): Promise<T | null> {
    const [tokenHostScript, pdfReaderScript] = await Promise.all([builtTokenHost(), builtPdfReader()]);
    const child = fork(program, { serialization: 'advanced', execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    let told: { value?: unknown; failed?: string } | null = null;
    child.on('message', (message) => { told = message as typeof told; });
    const { token, pin } = world.with(key);
    const order: ChildOrder = { dataFolder, resourcesFolder: RESOURCES, driver: world.key.driver, tokenHostScript, pdfReaderScript, key: { token, pin }, deed, kill };
    child.send(order);
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    expect([code, signal]).toEqual(kill ? [null, 'SIGKILL'] : [0, null]);
    if (!kill) expect(told).toMatchObject({ value: {} });
    return (told as { value?: T } | null)?.value ?? null;
  }

  const visible = async (folder: string): Promise<string[]> => (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith('.')).sort();
  const hidden = async (folder: string): Promise<string[]> => (await readdir(folder).catch(() => [])).filter((name) => name.startsWith('.'));
  const bidFolders = async (folder: string): Promise<string[]> => (await visible(folder)).filter((name) => name.startsWith('投标单位'));

  /** Whatever has its final name is whole. */
  async function expectWhole(folder: string): Promise<void> {
    for (const name of await bidFolders(folder)) {
      expect((await readdir(join(folder, name))).sort(), name).toEqual(['投标函.pdf', '说明.txt']);
      expect((await readFile(join(folder, name, '投标函.pdf'))).equals(Buffer.alloc(DOCUMENT_BYTES, 7)), name).toBe(true);
      expect(await readFile(join(folder, name, '说明.txt'), 'utf8')).toBe(name);
    }
    for (const name of (await visible(folder)).filter((one) => /^开标记录_\d+\.json$/.test(one))) expect(JSON.parse(await readFile(join(folder, name), 'utf8'))).toMatchObject({ format: 'bidkey-opening-transcript' });
  }

  const inBid = '说明\\.txt$';
  const naming = 'opened-\\d+/投标单位\\d+$';
  const POINTS: readonly (readonly [string, KillPoint])[] = [
    ['before the first bid', { call: 'mkdir', path: '\\.part$', nth: 1, when: 'before' }],
    ['in the middle of a document of the second bid', { call: 'open', path: inBid, nth: 2, when: 'writing' }],
    ['before the second bid gets its name', { call: 'rename', path: naming, nth: 2, when: 'before' }],
    ['after the second bid got its name, before it is noted', { call: 'rename', path: naming, nth: 2, when: 'after' }],
    ['between two bids', { call: 'mkdir', path: '\\.part$', nth: 4, when: 'before' }],
    ['in the middle of the transcript', { call: 'rename', path: '开标记录_\\d+\\.pdf$', nth: 1, when: 'before' }],
    ['after the transcript was written, before it is noted', { call: 'rename', path: 'opening\\.json$', nth: 2, when: 'before' }],
  ];

  it.each(POINTS)('ok: an opening session, killed %s', async (_name, kill) => {
    const dataFolder = await freshData();
    const outFolder = world.path(`opened-${made}`);
    const manifest = join(dataFolder, 'bids/openings', opening.id, 'opening.json');
    await writeFile(manifest, (await readFile(manifest, 'utf8')).replaceAll(JSON.stringify(opening.outFolder), JSON.stringify(outFolder)));
    expect(await runChild<Opening>(dataFolder, world.tenderer, { openingId: opening.id }, kill)).toBeNull();
    await expectWhole(outFolder);
    const before = new Map(await Promise.all((await bidFolders(outFolder)).map(async (name) => [name, (await stat(join(outFolder, name))).ino] as const)));

    const resumed = await runChild<Opening>(dataFolder, world.tenderer, { openingId: opening.id }, null);
    expect(resumed).toMatchObject({ state: 'finished', opened: BIDS, refused: 0, error: null });
    await expectWhole(outFolder);
    const names = Array.from({ length: BIDS }, (_, n) => `投标单位0${n + 1}`);
    expect(await bidFolders(outFolder)).toEqual(names);
    for (const [name, ino] of before) expect((await stat(join(outFolder, name))).ino, name).toBe(ino);
    expect(await hidden(outFolder)).toEqual([]);
    expect(resumed?.bids.map(({ state, outFolder: folder }) => [state, folder])).toEqual(names.map((name) => ['opened', join(outFolder, name)]));
    const transcript = JSON.parse(await readFile(resumed?.transcript?.jsonPath ?? '', 'utf8')) as { bids: { result: string }[]; interruptions: { serial: string }[] };
    expect(transcript.bids.map(({ result }) => result)).toEqual(Array(BIDS).fill('opened'));
    expect(transcript.interruptions.map(({ serial }) => serial)).toEqual([world.tenderer.serial]);
  });

  it.each([
    ['in the middle of the file', { call: 'open', path: '\\.part$', nth: 1, when: 'writing' }],
    ['after the bid got its name, before its backup has one', { call: 'link', path: '\\.backup$', nth: 1, when: 'before' }],
  ] as const)('ok: a sealing of a project, killed %s', async (_name, kill) => {
    const dataFolder = await freshData();
    const outFolder = world.path(`sealed-${made}`);
    await mkdir(outFolder);
    const deed = { projectId: project.id, outFolder };
    expect(await runChild<BidWork>(dataFolder, world.bidder, deed, kill)).toBeNull();
    for (const name of await visible(outFolder)) await verifyBid(join(outFolder, name), means);
    expect((await hidden(outFolder)).length).toBeGreaterThan(0);
    const before = await visible(outFolder);

    const work = await runChild<BidWork>(dataFolder, world.bidder, deed, null);
    expect(work).toMatchObject({ state: 'done', error: null });
    expect(await hidden(outFolder)).toEqual([]);
    const endings = (await visible(outFolder)).filter((name) => !before.includes(name)).map((name) => name.replace(/^[^.]*/, '')).sort();
    expect(endings).toEqual(['.backup', '.bid']);
    await verifyBid(work?.output?.path ?? '', means);
  });
});
