/** The real engine with keys of a bidder and a tenderer, of one kind, and a folder of a person's files. No CA service: the bid tool works offline. */
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BidProject, BidWork } from '#shared/contract/desktop/bids.ts';
import type { DesktopEvent, DesktopEngine } from '#shared/contract/desktop/desktop-contract.ts';
import type { Opening } from '#shared/contract/desktop/openings.ts';
import { composeEngine, type ComposedEngine } from '../../../src-main/engine/compose-engine.ts';
import { fontPath, writePdf } from '../../../src-main/bids/pages/write-pdf.ts';
import { TEST_DRIVER_ID, KEY_KINDS, type KeyKind, type TestKey } from '../../support/key-kinds.ts';
import { builtHostSpawner, builtPdfReaderSpawner } from '../../support/token-host-program.ts';
import { createSm2Ca } from '../../token/sm2-fixtures.ts';
import { createOpensslCa } from '../../token/token-fixtures.ts';
import { writeOnKey, type KeyCa, type NamedKey } from './named-keys.ts';

export const RESOURCES = join(import.meta.dirname, '../../../resources');
export const BIDDER = '杭州标钥科技有限公司';
export const TENDERER = '某某市公共资源交易中心';

export interface BidWorld {
  readonly folder: string;
  readonly ca: KeyCa;
  readonly key: TestKey;
  readonly bidder: NamedKey;
  readonly tenderer: NamedKey;
  readonly pin: string;
  composed: ComposedEngine;
  readonly engine: DesktopEngine;
  readonly events: DesktopEvent[];
  path(name: string): string;
  /** A PDF of one page. @returns its path */
  pdf(name: string, text?: string): Promise<string>;
  file(name: string, bytes: Uint8Array | string): Promise<string>;
  /** With the confirmation that keys want after somebody else's wrong PIN. */
  with(key: NamedKey): { token: { driverId: string; serial: string }; pin: string; confirmedFewTries: boolean };
  /** Waits for work to end. */
  ended(work: BidWork): Promise<BidWork>;
  openingEnded(openingId: string): Promise<Opening>;
  /** Another engine on the same data, as after a kill. */
  restart(): Promise<void>;
  dispose(): Promise<void>;
}

/** @param others keys of other drivers, by driver id */
export async function createBidWorld(kind: KeyKind = kindOf('soft UKey PKCS#11, SM2'), others: Readonly<Record<string, TestKey>> = {}): Promise<BidWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'bidkey-bids-'));
  const [ca, key]: [KeyCa, TestKey] = await Promise.all([kind.algorithm === 'sm2' ? createSm2Ca() : createOpensslCa(), kind.create()]);
  const second = await key.addKey('tenderer');
  const [spawner, pdfReaderSpawner] = await Promise.all([builtHostSpawner(), builtPdfReaderSpawner()]);
  const events: DesktopEvent[] = [];
  const compose = async (): Promise<ComposedEngine> => {
    const composed = await composeEngine({ dataFolder: join(folder, 'data'), resourcesFolder: RESOURCES, shell: 'cli', version: 'test', demo: false, caBaseUrl: null, drivers: [key.driver, ...Object.entries(others).map(([driverId, other]) => ({ ...other.driver, driverId }))], hostSpawner: spawner, pdfReaderSpawner, useInstalledDrivers: false });
    composed.engine.onEvent((event) => events.push(event));
    return composed;
  };
  const composed = await compose();
  await mkdir(join(folder, 'files'), { recursive: true });
  const { algorithm } = kind;
  const bidder = await writeOnKey(composed.tokens, ca, key.serial, key.pin, BIDDER, TEST_DRIVER_ID, { algorithm });
  const tenderer = await writeOnKey(composed.tokens, ca, second.serial, key.pin, TENDERER, TEST_DRIVER_ID, { algorithm });
  await composed.tokens.rescan();

  const world: BidWorld = {
    folder, ca, key, bidder, tenderer, pin: key.pin, composed, events,
    get engine() {
      return world.composed.engine;
    },
    path: (name) => join(folder, 'files', name),
    async pdf(name, text = name) {
      return world.file(name, await writePdf({ title: text, madeAt: new Date(0), footer: '', unwritable: 'refuse', blocks: [{ kind: 'text', text }] }, fontPath(RESOURCES)));
    },
    async file(name, content) {
      await writeFile(world.path(name), content);
      return world.path(name);
    },
    with: ({ serial }) => ({ token: { driverId: TEST_DRIVER_ID, serial }, pin: key.pin, confirmedFewTries: true }),
    ended: async (work) => {
      for (let now = work; ; now = await world.engine.call('work.get', { workId: work.id })) {
        if (now.state !== 'running') return now;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    openingEnded: async (openingId) => {
      for (;;) {
        const opening = await world.engine.call('openings.get', { openingId });
        if (opening.state !== 'running') return opening;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async restart() {
      await world.composed.engine.call('tokens.list', undefined);
      await world.composed.close();
      world.composed = await compose();
    },
    async dispose() {
      await world.composed.close();
      await key.dispose();
      await ca.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return world;
}

export function kindOf(name: string): KeyKind {
  const kind = KEY_KINDS.find((one) => one.name === name);
  if (!kind) throw new Error(name);
  return kind;
}

export const inDays = (days: number): string => new Date(Math.floor(Date.now() / 1000 + days * 86_400) * 1000).toISOString();

/** A project with every required part filled and signed, and its openers chosen. */
export async function readyProject(world: BidWorld, changes: { readonly name?: string; readonly openers?: { readonly group: string; readonly certificate: Uint8Array }[]; readonly opensAtUtc?: string; readonly suite?: 'sm' | 'aes' } = {}): Promise<BidProject> {
  const { engine } = world;
  let project = await engine.call('bids.create', { name: changes.name ?? '测试项目', tender: null, bidderName: BIDDER });
  const { projectId } = { projectId: project.id };
  project = await engine.call('bids.update', { projectId, revision: project.revision, tenderId: 'T-2026-88', lot: '一标段', tenderTitle: '某某道路工程', opensAtUtc: changes.opensAtUtc ?? inDays(7), ...(changes.suite === undefined ? {} : { suite: changes.suite }) });
  for (const part of project.parts.filter(({ required }) => required)) {
    project = await engine.call('bids.addDocument', { projectId, partId: part.id, source: { path: await world.pdf(`${part.title}.pdf`) } });
  }
  const work = await world.ended(await engine.call('bids.sign', { projectId, ...world.with(world.bidder), documentIds: project.documents.map(({ id }) => id) }));
  if (work.state !== 'done') throw new Error(JSON.stringify(work.error));
  const openers = changes.openers ?? [{ group: 'bidder', certificate: world.bidder.encryptCertificateDer }];
  return engine.call('bids.setOpeners', { projectId, openers: openers.map(({ group, certificate }) => ({ group, certificateDer: Buffer.from(certificate).toString('base64'), source: 'file' as const })) });
}
