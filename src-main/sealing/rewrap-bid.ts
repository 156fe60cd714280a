/** Writes a bid anew for other openers: the payload is copied as it is, header and signature are renewed. Spec §9. */
import { dirname, extname } from 'node:path';
import { wipeBytes } from '#shared/bytes/byte-strings.ts';
import { fromHex } from '#shared/bytes/hex.ts';
import { refuse } from '#shared/errors/app-error.ts';
import { inOrder, openKeys, unwrapShares } from '#shared/seal/collect-shares.ts';
import { writeFooter } from '#shared/seal/file-layout.ts';
import type { InspectedFile } from '#shared/seal/inspect-file.ts';
import { wipeKeys } from '#shared/seal/key-schedule.ts';
import { signOne, type SealSigner } from '#shared/seal/one-signature.ts';
import { checkOpenerCertificate } from '#shared/seal/opener.ts';
import type { OpenerGroup } from '#shared/seal/prepare-file.ts';
import { rewrapHeader, type GroupChange } from '#shared/seal/rewrap-header.ts';
import { writeCore } from '#shared/seal/seal-header.ts';
import { headerDigestOf, verifySignatures, writeStatement, writeTrailer } from '#shared/seal/seal-trailer.ts';
import { NewFile } from './new-file.ts';
import { readAt, withSealedFile, type SealedFile } from './sealed-file.ts';
import type { SealingMeans, WorkOptions } from './sealing-means.ts';
import { sweepParts } from './sweep-parts.ts';
import { stopIfAborted } from './system-errors.ts';
import { addTicketShares } from './ticket-shares.ts';
import type { OpeningKeys } from './unlock-bid.ts';

const COPY_BYTES = 8 << 20;

export interface BidToRewrap {
  readonly path: string;
  readonly outPath: string;
  readonly opening: OpeningKeys;
  readonly changes: readonly GroupChange[];
  readonly signer: SealSigner;
  /** The ticket beside the bid (§12): stands in for groups whose keys are elsewhere. Those groups are not changed then: only who opens a group gives it to others. */
  readonly ticket?: Uint8Array | null;
  /** An RFC 3161 token over the new signature. */
  readonly timeStamp?: (signature: Uint8Array) => Promise<Uint8Array | null>;
}

/** @throws SEAL_OPENER_REFUSED, SEAL_OPENER_DUPLICATE, SEAL_SHARE_MISSING, SEAL_TICKET_INVALID, SEAL_GROUPS, SEAL_NOT_AN_OPENER, SEAL_OUTPUT_…, SEAL_… */
export function rewrapBid(bid: BidToRewrap, means: SealingMeans, options: WorkOptions = {}): Promise<void> {
  return withSealedFile(bid.path, means, async (file) => {
    const { header, trailer } = file;
    const { suite, crypto } = file.means;
    const at = new Date(Math.floor(means.clock().getTime() / 1000) * 1000);
    for (const { add } of bid.changes) for (const opener of add) checkOpenerCertificate(opener, at, header.core.identity.opensAt);
    await verifySignatures(header, file.headerDigest, trailer, suite, crypto);
    const shares = await sharesOf(file, bid);
    const keys = openKeys(header, shares.map((share) => Uint8Array.from(share)), file.preludeAndHeader, file.headerTag, suite);
    try {
      const front = await rewrapHeader({ header, headerDigest: file.headerDigest, trailer, shares, keys }, { changes: bid.changes, at, signerCertificateDer: bid.signer.certificateDer }, file.means);
      const statement = writeStatement(suite, writeCore(header.core), headerDigestOf(suite, front.preludeAndHeader, front.headerTag), trailer.payloadLength, trailer.root);
      const signature = await signOne(bid.signer, { kind: 'detached', bytes: statement }, at, crypto);
      const end = writeTrailer({ ...trailer, signature, timeStamp: (await bid.timeStamp?.(signature)) ?? null });
      await writeCopy(file, bid.outPath, [front.preludeAndHeader, front.headerTag], [end, writeFooter(end.length)], options);
    } finally {
      wipeBytes(...shares);
      wipeKeys(keys);
    }
  });
}

/** One of each group, in order. @throws SEAL_SHARE_MISSING also for a group that shall change and that no key has opened */
async function sharesOf(file: SealedFile, { opening, ticket, changes }: BidToRewrap): Promise<Uint8Array[]> {
  const { header, means: { suite, engine } } = file;
  const shares = await unwrapShares(header, opening.recipients, opening.shares ?? [], suite, engine);
  try {
    const byTicket = shares.size < header.groups.length ? await addTicketShares(file, ticket ?? null, shares) : [];
    const foreign = changes.find(({ group }) => byTicket.includes(group));
    if (foreign) refuse('SEAL_SHARE_MISSING', { group: foreign.group });
    return inOrder(header, shares);
  } catch (thrown) {
    wipeBytes(...shares.values());
    throw thrown;
  }
}

async function writeCopy(file: SealedFile, outPath: string, before: readonly Uint8Array[], behind: readonly Uint8Array[], options: WorkOptions): Promise<void> {
  await sweepParts(dirname(outPath));
  const out = await NewFile.create(outPath);
  try {
    for (const part of before) await out.write(part);
    const buffer = new Uint8Array(Math.min(COPY_BYTES, file.plan.storedLength));
    for (let at = 0; at < file.plan.storedLength; at += COPY_BYTES) {
      stopIfAborted(options.signal);
      await out.write(await readAt(file, file.layout.payloadOffset + at, Math.min(COPY_BYTES, file.plan.storedLength - at), buffer));
      options.onProgress?.(Math.min(at + COPY_BYTES, file.plan.storedLength), file.plan.storedLength);
    }
    for (const part of behind) await out.write(part);
    await out.commit();
  } finally {
    await out.discard();
  }
}

/** What shall change, by groups. @param removed fingerprints (hex) as the file has them @throws SEAL_NOT_AN_OPENER for one that no group has */
export function groupChanges(added: readonly OpenerGroup[], removed: readonly string[], groups: InspectedFile['groups']): GroupChange[] {
  const gone = removed.map((fingerprint) => ({ fingerprint: fingerprint.toLowerCase(), group: groupOf(fingerprint.toLowerCase(), groups) }));
  const names = new Set([...added.map(({ name }) => name), ...gone.map(({ group }) => group)]);
  return [...names].map((group) => ({
    group, add: added.find(({ name }) => name === group)?.openers ?? [],
    remove: gone.filter((one) => one.group === group).map(({ fingerprint }) => fromHex(fingerprint)),
  }));
}

const groupOf = (fingerprint: string, groups: InspectedFile['groups']): string =>
  groups.find(({ openers }) => openers.some(({ fingerprintHex }) => fingerprintHex === fingerprint))?.name ?? refuse('SEAL_NOT_AN_OPENER', { fingerprint });

/** `a.bid` becomes `a.rewrapped.bid`, then `a.rewrapped-2.bid`, whichever of them it is made from: nothing is overwritten. @param n which one */
export function rewrappedName(path: string, n = 1): string {
  const ending = extname(path);
  const base = path.slice(0, path.length - ending.length).replace(/\.rewrapped(-\d+)?$/, '');
  return `${base}.rewrapped${n === 1 ? '' : `-${n}`}${ending}`;
}
