/** Checks of PDFs in a process of their own: what is refused and why, what a hostile one may take, and that nobody waits for it. The reader is the program that is shipped, and once its source. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import PdfDocument from 'pdfkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toAppError } from '#shared/errors/app-error.ts';
import { composeEngine } from '../../src-main/engine/compose-engine.ts';
import { createPdfChecks, forkPdfReaderSpawner, type PdfCheckOptions, type PdfChecks } from '../../src-main/bids/pdf/pdf-checks.ts';
import { utilityHostSpawner } from '../../src-main/shells/electron/spawn-utility-program.ts';
import { forkSpawner, type HostSpawner } from '../../src-main/token/host-spawner.ts';
import { createFakeElectron } from '../shells/fake-electron/fake-electron.ts';
import { builtPdfReader, builtPdfReaderSpawner } from '../support/token-host-program.ts';
import { watchReaders } from './support/watch-readers.ts';
import { actingPdf, boastfulPdf, circularPdf, cutPdf, endlessPdf, nestedPdf, packedBomb, pdfWithoutPages, plainPdf, tableBomb } from './support/hostile-pdfs.ts';

let folder: string;
let spawner: HostSpawner;
beforeAll(async () => {
  [folder, spawner] = [await mkdtemp(join(tmpdir(), 'bidkey-pdf-')), await builtPdfReaderSpawner()];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let made = 0;
async function file(bytes: Uint8Array | string, name = `${++made}.pdf`): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, bytes);
  return path;
}

async function protectedPdf(options: object): Promise<string> {
  const path = join(folder, `${++made}.pdf`);
  const [pdf, sink] = [new PdfDocument(options), createWriteStream(path)];
  pdf.pipe(sink);
  pdf.end();
  await once(sink, 'close');
  return path;
}

async function withChecks<T>(use: (checks: PdfChecks) => Promise<T>, options: Partial<PdfCheckOptions> = {}): Promise<T> {
  const checks = createPdfChecks({ spawner, ...options });
  try {
    return await use(checks);
  } finally {
    checks.close();
  }
}

describe('what is taken', () => {
  it('ok: a PDF, with its pages; also one that would act when it is opened, and one whose table of contents boasts', () => withChecks(async ({ check }) => {
    expect(await check(await file(plainPdf()))).toEqual({ pages: 1 });
    expect(await check(await file(actingPdf('<< /S /JavaScript /JS (app.alert\\(1\\)) >>')))).toEqual({ pages: 1 });
    expect(await check(await file(actingPdf('<< /S /Launch /F (/bin/sh) >>')))).toEqual({ pages: 1 });
    expect(await check(await file(boastfulPdf()))).toEqual({ pages: 1 });
  }));

  it('refuses: what nobody could open, each by its reason', () => withChecks(async ({ check }) => {
    for (const [path, code] of [
      [await file(''), 'BID_PDF_UNREADABLE'], [await file('hello'), 'BID_PDF_UNREADABLE'], [await file(cutPdf()), 'BID_PDF_UNREADABLE'], [await file(pdfWithoutPages()), 'BID_PDF_UNREADABLE'],
      [await file(circularPdf()), 'BID_PDF_UNREADABLE'], [await file(nestedPdf(1_000_000)), 'BID_PDF_UNREADABLE'],
      [await protectedPdf({ userPassword: 'x', ownerPassword: 'y' }), 'BID_PDF_ENCRYPTED'], [await protectedPdf({ ownerPassword: 'y' }), 'BID_PDF_ENCRYPTED'],
      [join(folder, 'none.pdf'), 'SEAL_SOURCE_UNREADABLE'],
    ] as const) await expect(check(path), path).rejects.toMatchObject({ code });
  }));
});

describe('what a file may take', () => {
  it.each([['a packed stream of gigabytes', () => packedBomb(2_048)], ['a table of contents of a hundred million rows', () => tableBomb(300)]])('refuses: %s, when it takes too much memory; the next file is read', (_name, bytes) =>
    withChecks(async ({ check }) => {
      await expect(check(await file(bytes()))).rejects.toMatchObject({ code: 'BID_PDF_TOO_COMPLEX', details: { limit: 'memory' } });
      expect(await check(await file(plainPdf()))).toEqual({ pages: 1 });
    }, { limits: { memoryBytes: 96 << 20 } }));

  it('refuses: one that keeps the reader busy without an end, at its time; the reader is ended', async () => {
    const readers = watchReaders(spawner);
    const limits: (() => void)[] = [];
    const clock = { after: (_milliseconds: number, call: () => void) => { limits.push(call); return () => undefined; } };
    await withChecks(async ({ check }) => {
      const refused = expect(check(await file(endlessPdf()))).rejects.toMatchObject({ code: 'BID_PDF_TOO_COMPLEX', details: { limit: 'time' } });
      await readers.asked(1);
      // Begun later, and read: by now the endless one is being read for good.
      expect(await check(await file(plainPdf()))).toEqual({ pages: 1 });
      limits[0]?.();
      await refused;
      await readers.ended(1);
    }, { spawner: readers.spawner, clock });
  });

  it('refuses: one whose reader breaks down, and answers that cannot be', async () => {
    const killed = watchReaders(spawner);
    await withChecks(async ({ check }) => {
      const refused = expect(check(await file(endlessPdf()))).rejects.toMatchObject({ code: 'BID_PDF_TOO_COMPLEX', details: { limit: 'reader' } });
      await killed.asked(1);
      process.kill(killed.pid(), 'SIGKILL');
      await refused;
    }, { spawner: killed.spawner });
    for (const answer of [{ id: 1, result: { ok: true, value: { pages: 0 } } }, { id: 2, result: { ok: true, value: { pages: 1 } } }, { id: 1, result: { ok: false, error: { code: 'PIN_LOCKED', details: {} } } }, 'x']) {
      let tell: (message: unknown) => void = () => undefined;
      const lying: HostSpawner = { spawn: () => ({ pid: 1, send: () => tell(answer), onMessage: (listener) => { tell = listener; }, onExit: () => undefined, kill: () => undefined }) };
      await withChecks(async ({ check }) => expect(check(await file(plainPdf()))).rejects.toMatchObject({ code: 'BID_PDF_TOO_COMPLEX', details: { limit: 'reader' } }), { spawner: lying });
    }
  });
});

describe('who waits', () => {
  it('ok: a good file is not held up by an endless one, many wait their turn, and cancelling ends those of one folder', async () => {
    const readers = watchReaders(spawner);
    await withChecks(async (checks) => {
      const endless = expect(checks.check(await file(endlessPdf(), 'archived/endless.pdf'))).rejects.toMatchObject({ code: 'CANCELLED' });
      await readers.asked(1);
      const good = await Promise.all(Array.from({ length: 5 }, async (_, n) => file(plainPdf(), `open/${n}.pdf`)));
      expect(await Promise.all(good.map(checks.check))).toEqual(good.map(() => ({ pages: 1 })));
      // One process for the endless file, one for all the others.
      expect(readers.count()).toBe(2);
      checks.cancelIn(join(folder, 'archived'));
      await endless;
      await readers.ended(1);
      const paths = await Promise.all([1, 2, 3].map((n) => file(endlessPdf(), `open/${n}.pdf`)));
      const waiting = paths.map((path) => expect(checks.check(path)).rejects.toMatchObject({ code: 'CANCELLED' }));
      // The endless one, five good ones, and two of three: the last one waits its turn.
      await readers.asked(8);
      checks.close();
      await Promise.all(waiting);
      await expect(checks.check(good[0] ?? '')).rejects.toMatchObject({ code: 'CANCELLED' });
      await Promise.all([2, 3].map(readers.ended));
      expect(readers.count()).toBe(3);
    }, { spawner: readers.spawner });
  });
});

describe('in the engine', () => {
  it('ok: answers other calls while an endless PDF is being checked; the check ends when its project is put away, and when the engine is closed', async () => {
    const readers = watchReaders(spawner);
    const { engine, close } = await composeEngine({ dataFolder: join(folder, 'data'), resourcesFolder: join(import.meta.dirname, '../../resources'), shell: 'cli', version: 'test', demo: false, caBaseUrl: null, drivers: [], useInstalledDrivers: false, pdfReaderSpawner: readers.spawner });
    const [path, plain] = [await file(endlessPdf()), await file(plainPdf())];
    const project = await engine.call('bids.create', { name: '项目', tender: null, bidderName: '' });
    const add = (source: string, partId = 'letter') => engine.call('bids.addDocument', { projectId: project.id, partId, source: { path: source } });
    const order: string[] = [];
    const adding = add(path).catch((thrown: unknown) => void order.push(toAppError(thrown).code));
    await readers.asked(1);
    // Read by another process while the first one is busy: it is busy for good.
    expect((await add(plain, 'commercial')).documents).toHaveLength(1);
    order.push((await engine.call('bids.get', { projectId: project.id })).name);
    await engine.call('bids.setArchived', { projectId: project.id, archived: true });
    order.push('put away');
    await adding;
    expect(order).toEqual(['项目', 'put away', 'CANCELLED']);
    await readers.ended(1);
    expect(await readdir(join(folder, 'data/bids/projects', project.id, 'documents'))).toHaveLength(1);

    await engine.call('bids.setArchived', { projectId: project.id, archived: false });
    const cancelled = expect(add(path)).rejects.toMatchObject({ code: 'CANCELLED' });
    await readers.asked(3);
    await close();
    await cancelled;
    await Promise.all(Array.from({ length: readers.count() }, (_, n) => readers.ended(n + 1)));
    expect(await readdir(join(folder, 'data/bids/projects', project.id, 'documents'))).toHaveLength(1);
  });
});

describe('where it runs', () => {
  const readsOne = (one: HostSpawner) => withChecks(async ({ check }) => {
    expect(await check(await file(plainPdf()))).toEqual({ pages: 1 });
    await expect(check(await file('hello'))).rejects.toMatchObject({ code: 'BID_PDF_UNREADABLE', details: { reason: 'Invalid PDF structure.' } });
  }, { spawner: one });

  it('ok: from a source tree', () => readsOne(forkPdfReaderSpawner()));

  it('ok: as a utility process of Electron, which pdf.js takes for a page', async () => {
    const looksLikeElectron = await file("Object.defineProperty(process.versions, 'electron', { value: '45.0.0' }); process.type = 'utility';", 'electron.mjs');
    await readsOne(forkSpawner({ script: await builtPdfReader(), execArgv: ['--import', pathToFileURL(looksLikeElectron).href] }));
    await readsOne(utilityHostSpawner(createFakeElectron().apis.utilityProcess, await builtPdfReader(), 'BidKey PDF reader'));
  });

  it('ok: with the installed files alone, among which the native drawing library of pdf.js is not', async () => {
    const pdfjs = join(import.meta.dirname, '../../node_modules/pdfjs-dist');
    for (const name of ['package.json', 'legacy/build/pdf.mjs', 'legacy/build/pdf.worker.mjs']) await cp(join(pdfjs, name), join(folder, 'installed/node_modules/pdfjs-dist', name));
    await cp(join(pdfjs, '../@sinclair/typebox'), join(folder, 'installed/node_modules/@sinclair/typebox'), { recursive: true });
    await cp(await builtPdfReader(), join(folder, 'installed/dist/pdf-reader.mjs'));
    await readsOne(forkPdfReaderSpawner(join(folder, 'installed/dist/pdf-reader.mjs')));
  });
});
