/** A scratch folder with people, documents and the means of sealing, on the real engine. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BidToSeal } from '../../../src-main/sealing/seal-bid.ts';
import { createSealingMeans } from '../../../src-main/sealing/sealing-means.ts';
import { openSmEngine } from '../../../src-main/sm-engine/open-engine.ts';
import { opening, rsaPerson, signing, sm2Person } from '../../../tools/generators/sealed-bid-vectors/seal-people.ts';

export const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
export const engine = openSmEngine().engine;
export const NOW = new Date('2026-08-01T09:30:00Z');
export const means = createSealingMeans(engine, () => NOW);

export async function makePeople() {
  const [bidderSm2, openerSm2, secondSm2, tendererSm2, stranger] = await Promise.all([
    sm2Person(signing('杭州标钥科技有限公司', '11'), engine, random), sm2Person(opening('杭州标钥科技有限公司', '12'), engine, random), sm2Person(opening('杭州标钥科技有限公司', '13'), engine, random),
    sm2Person(opening('招标人', '14'), engine, random), sm2Person(opening('外人', '15'), engine, random),
  ]);
  return { bidderSm2, openerSm2, secondSm2, tendererSm2, stranger, bidderRsa: await rsaPerson(signing('RSA bidder', '21')), openerRsa: await rsaPerson(opening('RSA opener', '22')) };
}
export type People = Awaited<ReturnType<typeof makePeople>>;

export interface SealFolder {
  readonly path: (name: string) => string;
  readonly document: (name: string, bytes: Uint8Array) => Promise<{ path: string; name: string; mediaType: string }>;
  /** Names in a folder, hidden ones too. */
  readonly names: () => Promise<string[]>;
  readonly dispose: () => Promise<void>;
}

export async function makeFolder(): Promise<SealFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'bidkey-seal-'));
  let count = 0;
  return {
    path: (name) => join(folder, name),
    async document(name, bytes) {
      const path = join(folder, `source-${count++}`);
      await writeFile(path, bytes);
      return { path, name, mediaType: 'application/pdf' };
    },
    names: async () => (await readdir(folder)).sort(),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A bid of one group unless said otherwise. */
export function bidOf(people: People, changes: Partial<BidToSeal> & Pick<BidToSeal, 'documents' | 'outPath'>): BidToSeal {
  return {
    suite: 'sm', identity: { bidId: 'B-2026-001', tenderId: 'T-2026-88', lot: '一标段', opensAt: new Date('2026-09-01T01:00:00Z') }, signer: people.bidderSm2.signer,
    groups: [{ name: 'bidder', openers: [people.openerSm2.opener] }], backupPath: null, ...changes,
  };
}

export const readBytes = async (path: string): Promise<Uint8Array> => new Uint8Array(await readFile(path));
/** Octets that differ from place to place, so that a piece in the wrong place shows. */
export const patterned = (length: number): Uint8Array => {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 7 + (i >> 8) * 13 + (i >> 16) * 29) & 0xff;
  return bytes;
};
export async function codeOf(deed: Promise<unknown>): Promise<string> {
  try {
    await deed;
    return 'OK';
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : `unexpected: ${String(thrown)}`;
  }
}
