/** Which of the tenderer's own documents a newer package adds, leaves out or changes. By the signed lists of both; where their suites have other digests, by the octets. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TenderDocumentDifference } from '#shared/contract/desktop/tender-updates.ts';
import { toHex } from '#shared/bytes/hex.ts';
import { nullWhenRejected } from '#shared/errors/null-when-refused.ts';
import type { SuiteId } from '#shared/seal/suites.ts';
import { TENDER_DOCUMENT } from '#shared/seal/tender-description.ts';
import { extractDocument } from '../../sealing/extract-document.ts';
import type { SealingMeans } from '../../sealing/sealing-means.ts';
import { OPENERS_FOLDER, readTender } from '../../sealing/tender-package.ts';
import { digestFile } from '../projects/copy-document.ts';

interface Listed {
  readonly path: string;
  readonly suite: SuiteId;
  readonly documents: readonly { readonly name: string; readonly size: number; readonly digestHex: string }[];
}

/** @param before may be gone or damaged: then nothing is said of what both have, and nothing of what is gone @throws SEAL_… when the newer one cannot be read */
export async function compareDocuments(before: string, after: string, means: SealingMeans): Promise<TenderDocumentDifference[]> {
  const now = await listOf(after, means);
  const old = await nullWhenRejected(() => listOf(before, means));
  if (old === null) return now.documents.map(({ name }) => ({ name, change: 'not-compared' }));
  const differences: TenderDocumentDifference[] = [];
  for (const { name } of now.documents) {
    if (!old.documents.some((one) => one.name === name)) differences.push({ name, change: 'added' });
    else if (!(await isSame(old, now, name, means))) differences.push({ name, change: 'changed' });
  }
  const gone = old.documents.filter(({ name }) => !now.documents.some((one) => one.name === name));
  return [...differences, ...gone.map(({ name }) => ({ name, change: 'removed' as const }))];
}

/** Description and openers are compared by what they say. */
async function listOf(path: string, means: SealingMeans): Promise<Listed> {
  const { file, manifest } = await readTender(path, means);
  const own = manifest.manifest.documents.filter(({ name }) => name !== TENDER_DOCUMENT && !name.startsWith(OPENERS_FOLDER));
  return { path, suite: file.suite, documents: own.map(({ name, size, digest }) => ({ name, size, digestHex: toHex(digest) })) };
}

async function isSame(old: Listed, now: Listed, name: string, means: SealingMeans): Promise<boolean> {
  const [first, second] = [old, now].map(({ documents }) => documents.find((one) => one.name === name));
  if (first?.size !== second?.size) return false;
  if (old.suite === now.suite) return first?.digestHex === second?.digestHex;
  return (await plainDigest(old.path, name, means)) === (await plainDigest(now.path, name, means));
}

async function plainDigest(path: string, name: string, means: SealingMeans): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bidkey-compare-'));
  try {
    await extractDocument(path, { recipients: [] }, name, join(folder, 'document'), means);
    return await digestFile(join(folder, 'document'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
