/** What the benches of sealed bids stand on: a folder on the disk that is removed at the end, files of random octets, people of two groups, the file cache emptied. Linux. */
import { spawnSync } from 'node:child_process';
import { createCipheriv, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { SuiteId } from '#shared/seal/suites.ts';
import type { BidToSeal, SourceDocument } from '../../src-main/sealing/seal-bid.ts';
import { createSealingMeans, type SealingMeans } from '../../src-main/sealing/sealing-means.ts';
import { openSmEngine } from '../../src-main/sm-engine/open-engine.ts';
import { opening, rsaPerson, signing, sm2Person, type Person } from '../../tools/generators/sealed-bid-vectors/seal-people.ts';

export const MIB = 2 ** 20;
const STEP_BYTES = 16 * MIB;
const random = (length: number) => new Uint8Array(randomBytes(length));

/** The means with the native engine, or the reason why there is none. */
export function nativeMeans(): SealingMeans {
  const { engine, notice } = openSmEngine();
  if (notice) throw new Error(`the native engine is not in use: ${JSON.stringify(notice.details)}`);
  return createSealingMeans(engine);
}

/** A folder for large files; `BIDKEY_BENCH_FOLDER` names another disk. */
export async function withBenchFolder<T>(deed: (path: (name: string) => string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(process.env.BIDKEY_BENCH_FOLDER ?? tmpdir(), 'bidkey-bench-seal-'));
  try {
    return await deed((name) => join(folder, name));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A size in MiB from the environment. */
export function mebibytesFrom(variable: string, usual: number): number {
  const mebibytes = Number(process.env[variable] ?? usual);
  if (!Number.isInteger(mebibytes) || mebibytes < 1) throw new Error(`${variable} is a whole number of MiB`);
  return mebibytes;
}

/** Octets that no file system and no disk can make smaller. */
export function writeRandomFile(path: string, bytes: number): void {
  const stream = createCipheriv('aes-128-ctr', random(16), random(16));
  const zeros = Buffer.alloc(STEP_BYTES);
  const file = openSync(path, 'wx');
  try {
    for (let at = 0; at < bytes; at += STEP_BYTES) writeSync(file, stream.update(at + STEP_BYTES <= bytes ? zeros : zeros.subarray(0, bytes - at)));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** The file's pages leave the cache; those not written yet are written first. */
export function dropFromCache(path: string): void {
  run('sync', [path]);
  run('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none']);
}

/** Reads it once, so that the next reader finds it in the cache. */
export const bringIntoCache = (path: string): void => run('dd', [`if=${path}`, 'of=/dev/null', 'bs=4M', 'status=none']);

/** @throws when it ends with another code than 0 */
export function run(command: string, parameters: readonly string[]): void {
  const done = spawnSync(command, parameters, { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (done.error) throw done.error;
  if (done.status !== 0) throw new Error(`${command} ${parameters.join(' ')}: ${done.stderr}`);
}

export async function secondsOf(deed: () => unknown): Promise<number> {
  const began = performance.now();
  await deed();
  return (performance.now() - began) / 1000;
}

/** A signer, two openers of the bidder and one of the tenderer, as a bid of the suite has them: SM2 certificates, or RSA ones. */
export interface BenchPeople {
  readonly signer: Person;
  readonly bidder: readonly [Person, Person];
  readonly tenderer: Person;
}

export async function benchPeople(suite: SuiteId, means: SealingMeans): Promise<BenchPeople> {
  const person = (request: Parameters<typeof rsaPerson>[0]) => (suite === 'sm' ? sm2Person(request, means.engine, random) : rsaPerson(request));
  const [signer, first, second, tenderer] = await Promise.all([person(signing('投标人', '11')), person(opening('投标人', '12')), person(opening('投标人备用', '13')), person(opening('招标人', '14'))]);
  return { signer, bidder: [first, second], tenderer };
}

/** Three openers in two groups. */
export function benchBid(suite: SuiteId, people: BenchPeople, documents: readonly Pick<SourceDocument, 'path' | 'name'>[], outPath: string): BidToSeal {
  return {
    suite, identity: { bidId: 'B-1', tenderId: 'T-1', lot: '1', opensAt: null }, signer: people.signer.signer, outPath, backupPath: null,
    documents: documents.map(({ path, name }) => ({ path, name, mediaType: 'application/pdf' })),
    groups: [{ name: 'bidder', openers: people.bidder.map(({ opener }) => opener) }, { name: 'tenderer', openers: [people.tenderer.opener] }],
  };
}
