/**
 * Sealing and opening one large file, three openers in two groups, native engine, beside `openssl dgst -sm3` with `openssl enc -sm4-ctr` and beside `age`, on the
 * same file, cold (the file is not in the cache) and warm. Ours includes digests of documents, chunk tree, manifest, signatures and the flush to the disk;
 * peers are timed as they are and, for information, with a flush. All take turns and each keeps its best. `BIDKEY_BENCH_SEAL_MIB` sets the size, 2048 else.
 */
import { spawn, spawnSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import type { SuiteId } from '#shared/seal/suites.ts';
import { openBid } from '../../src-main/sealing/open-bid.ts';
import { sealBid } from '../../src-main/sealing/seal-bid.ts';
import type { SealingMeans } from '../../src-main/sealing/sealing-means.ts';
import { benchRow, type Bench, type BenchRow } from './bench-row.ts';
import { benchBid, benchPeople, bringIntoCache, dropFromCache, mebibytesFrom, MIB, nativeMeans, run, secondsOf, withBenchFolder, writeRandomFile, type BenchPeople } from './seal-material.ts';

const TURNS = 2;
const SM4_KEY = ['-K', '00112233445566778899aabbccddeeff', '-iv', '0f0e0d0c0b0a09080706050403020100'];

type Path = (name: string) => string;

/** One tool at one deed. Its input is there; its output is removed after every turn. */
interface Runner {
  readonly name: string;
  readonly input: string;
  readonly output: string;
  readonly work: () => Promise<void>;
}

const settled = (command: string, parameters: readonly string[]): Promise<void> => new Promise((resolve, reject) => {
  const child = spawn(command, parameters, { stdio: 'ignore' });
  child.once('error', reject);
  child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${command} ${parameters.join(' ')}: ${code}`))));
});

/** Both programs at once, a core for each: the faster way to run that pipeline. */
function openSslRunner(input: string, output: string, decrypt: boolean): Runner {
  return {
    name: 'openssl dgst -sm3 & enc -sm4-ctr', input, output,
    work: async () => void (await Promise.all([settled('openssl', ['dgst', '-sm3', input]), settled('openssl', ['enc', ...(decrypt ? ['-d'] : []), '-sm4-ctr', ...SM4_KEY, '-in', input, '-out', output])])),
  };
}

function ageRecipient(path: Path): string {
  run('age-keygen', ['-o', path('age.key')]);
  const told = spawnSync('age-keygen', ['-y', path('age.key')], { encoding: 'utf8' });
  return told.stdout.trim();
}

function ourSealing(suite: SuiteId, people: BenchPeople, means: SealingMeans, path: Path): Runner {
  const [input, output] = [path('document'), path(`${suite}.bid`)];
  return { name: suite, input, output, work: async () => void (await sealBid(benchBid(suite, people, [{ path: input, name: '投标文件.pdf' }], output), means)) };
}

function ourOpening(suite: SuiteId, people: BenchPeople, means: SealingMeans, path: Path): Runner {
  const [input, output] = [path(`${suite}.bid`), path(`${suite}.opened`)];
  return { name: suite, input, output, work: async () => void (await openBid(input, { recipients: [people.bidder[0].recipient, people.tenderer.recipient] }, output, means)) };
}

interface Seconds {
  cold: number;
  warm: number;
  /** Warm and flushed to the disk; ours always is. */
  flushed: number;
}

/** @param kept whether the output of the last turn stays, for the deed behind */
async function race(runners: readonly Runner[], kept: boolean): Promise<ReadonlyMap<string, Seconds>> {
  const best = new Map(runners.map(({ name }) => [name, { cold: Infinity, warm: Infinity, flushed: Infinity }]));
  for (let turn = 0; turn < TURNS; turn++) {
    for (const { name, input, output, work } of runners) {
      const seconds = best.get(name);
      if (!seconds) throw new Error(name);
      dropFromCache(input);
      seconds.cold = Math.min(seconds.cold, await secondsOf(work));
      await rm(output, { recursive: true });
      bringIntoCache(input);
      const warm = await secondsOf(work);
      seconds.warm = Math.min(seconds.warm, warm);
      seconds.flushed = Math.min(seconds.flushed, warm + (await secondsOf(() => run('sync', [output]))));
      if (!kept || turn < TURNS - 1) await rm(output, { recursive: true });
    }
  }
  return best;
}

function rowsOf(deed: string, mebibytes: number, best: ReadonlyMap<string, Seconds>): BenchRow[] {
  const rate = (name: string, state: keyof Seconds) => (mebibytes * MIB) / 1e6 / (best.get(name)?.[state] ?? Number.NaN);
  const openSsl = 'openssl dgst -sm3 & enc -sm4-ctr';
  return (['cold', 'warm'] as const).flatMap((state) => [
    benchRow(`${deed} ${mebibytes} MiB, SM suite, ${state}`, 'MB/s', rate('sm', state), { name: openSsl, value: rate(openSsl, state), wanted: '≥ 3' }),
    benchRow(`${deed} ${mebibytes} MiB, SM suite, ${state}`, 'MB/s', rate('sm', state), { name: 'age', value: rate('age', state), wanted: '≥ 0.3' }),
    benchRow(`${deed} ${mebibytes} MiB, AES suite, ${state}`, 'MB/s', rate('aes', state), { name: 'age', value: rate('age', state), wanted: '≥ 0.8' }),
    ...(state === 'cold' ? [] : (['sm', 'aes'] as const).map((suite) => benchRow(`${deed} ${mebibytes} MiB, ${suite.toUpperCase()} suite, warm`, 'MB/s', rate(suite, state), { name: 'age, flushed to the disk as ours is', value: rate('age', 'flushed') }))),
  ]);
}

async function measure(path: Path): Promise<readonly BenchRow[]> {
  const mebibytes = mebibytesFrom('BIDKEY_BENCH_SEAL_MIB', 2048);
  const means = nativeMeans();
  const people = { sm: await benchPeople('sm', means), aes: await benchPeople('aes', means) };
  const [document, recipient] = [path('document'), ageRecipient(path)];
  writeRandomFile(document, mebibytes * MIB);
  const suites = ['sm', 'aes'] as const;
  const sealing = await race([
    ...suites.map((suite) => ourSealing(suite, people[suite], means, path)),
    openSslRunner(document, path('sm4'), false),
    { name: 'age', input: document, output: path('age'), work: () => settled('age', ['-r', recipient, '-o', path('age'), document]) },
  ], true);
  await rm(document);
  const opening = await race([
    ...suites.map((suite) => ourOpening(suite, people[suite], means, path)),
    openSslRunner(path('sm4'), path('sm4.opened'), true),
    { name: 'age', input: path('age'), output: path('age.opened'), work: () => settled('age', ['-d', '-i', path('age.key'), '-o', path('age.opened'), path('age')]) },
  ], false);
  return [...rowsOf('seal', mebibytes, sealing), ...rowsOf('open', mebibytes, opening)];
}

export const seal2gib: Bench = { name: 'seal-2gib', run: () => withBenchFolder(measure) };
