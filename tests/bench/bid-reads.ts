/**
 * What of a large sealed bid has to be read: inspecting it, taking its first document of 1 MiB out after the tokens have answered, rehearsing its opening.
 * The file is put out of the cache before every turn; the median counts. `BIDKEY_BENCH_READS_MIB` sets the size, 4096 else.
 */
import { rm } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import type { EnvelopeRecipient } from '#shared/cms/envelope.ts';
import type { SuiteId } from '#shared/seal/suites.ts';
import { extractDocument } from '../../src-main/sealing/extract-document.ts';
import { rehearseOpening } from '../../src-main/sealing/rehearse-opening.ts';
import { sealBid } from '../../src-main/sealing/seal-bid.ts';
import { inspectBid } from '../../src-main/sealing/sealed-file.ts';
import type { SealingMeans } from '../../src-main/sealing/sealing-means.ts';
import { benchRow, percentile, type Bench, type BenchRow } from './bench-row.ts';
import { benchBid, benchPeople, dropFromCache, mebibytesFrom, MIB, nativeMeans, secondsOf, withBenchFolder, writeRandomFile } from './seal-material.ts';

const TURNS = 11;
const MOST_INSPECT_MS = 30;
const MOST_FIRST_DOCUMENT_MS = 150;
const MOST_REHEARSAL_MIB = 4;

/** Keys that note when they gave their last answer. */
function timed(recipients: readonly EnvelopeRecipient[]): { readonly recipients: readonly EnvelopeRecipient[]; readonly answeredAt: () => number } {
  let at = 0;
  return {
    answeredAt: () => at,
    recipients: recipients.map(({ certificateDer, decrypt }) => ({
      certificateDer,
      decrypt: async (ciphertext) => {
        const answer = await decrypt(ciphertext);
        at = performance.now();
        return answer;
      },
    })),
  };
}

async function medianOf(path: string, turn: () => Promise<number>): Promise<number> {
  const milliseconds: number[] = [];
  for (let n = 0; n < TURNS; n++) {
    dropFromCache(path);
    milliseconds.push(await turn());
  }
  return percentile(milliseconds, 0.5);
}

async function rehearsalMebibytes(bid: string, recipients: readonly EnvelopeRecipient[], means: SealingMeans): Promise<number> {
  let octets = 0;
  const { opened } = await rehearseOpening(bid, recipients, { ...means, onRead: (count) => void (octets += count) });
  if (!opened) throw new Error('the rehearsal did not open first and last chunk');
  return octets / MIB;
}

async function measureSuite(suite: SuiteId, mebibytes: number, path: (name: string) => string): Promise<BenchRow[]> {
  const means = nativeMeans();
  const people = await benchPeople(suite, means);
  const [bid, out] = [path(`${suite}.bid`), path('out')];
  await sealBid(benchBid(suite, people, [{ path: path('first'), name: '投标函.pdf' }, { path: path('rest'), name: '技术标.pdf' }], bid), means);
  const { recipients, answeredAt } = timed([people.bidder[0].recipient, people.tenderer.recipient]);
  const inspectMs = await medianOf(bid, async () => 1000 * (await secondsOf(() => inspectBid(bid, means))));
  const firstMs = await medianOf(bid, async () => {
    await extractDocument(bid, { recipients }, '投标函.pdf', out, means);
    const milliseconds = performance.now() - answeredAt();
    await rm(out);
    return milliseconds;
  });
  const read = await rehearsalMebibytes(bid, recipients, means);
  await rm(bid);
  const of = `${mebibytes} MiB bid, ${suite.toUpperCase()} suite:`;
  const most = (value: number) => ({ name: 'as much as it may take', value, wanted: '≤ 1' });
  return [
    benchRow(`${of} inspect, cold`, 'ms', inspectMs, most(MOST_INSPECT_MS)),
    benchRow(`${of} first document of 1 MiB, cold`, 'ms', firstMs, most(MOST_FIRST_DOCUMENT_MS)),
    benchRow(`${of} read by a rehearsal`, 'MiB', read, most(MOST_REHEARSAL_MIB)),
  ];
}

async function measure(path: (name: string) => string): Promise<readonly BenchRow[]> {
  const mebibytes = mebibytesFrom('BIDKEY_BENCH_READS_MIB', 4096);
  writeRandomFile(path('first'), MIB);
  writeRandomFile(path('rest'), (mebibytes - 1) * MIB);
  return [...(await measureSuite('sm', mebibytes, path)), ...(await measureSuite('aes', mebibytes, path))];
}

export const bidReads: Bench = { name: 'bid-reads', run: () => withBenchFolder(measure) };
