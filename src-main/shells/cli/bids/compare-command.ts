/** `bidkey tender compare`: what a newer tender package (补遗) says otherwise than the one before it; refuses what is not its successor. */
import type { TenderFacts } from '#shared/contract/desktop/bids.ts';
import type { TenderDifferences } from '#shared/contract/desktop/tender-updates.ts';
import { createReadTender } from '../../../bids/projects/read-tender.ts';
import { compareDocuments } from '../../../bids/tenders/compare-documents.ts';
import { compareTenders, requireSuccessor, sameSigner } from '../../../bids/tenders/compare-tenders.ts';
import { requireTrustedSigners, verifyBid } from '../../../sealing/verify-bid.ts';
import type { CommandResult } from '../command.ts';
import type { Say } from '../texts.ts';
import type { BidContext } from './bid-context.ts';
import { readTrust, type TrustOptions } from './bid-trust.ts';
import { workOptions } from './bid-lines.ts';

/** @throws BID_TENDER_OTHER, BID_TENDER_SAME, BID_TENDER_OLDER, SEAL_… */
export async function compareTenderFiles(context: BidContext, [beforePath, afterPath]: readonly [string, string], options: TrustOptions): Promise<CommandResult> {
  const { means, say } = context;
  const trust = await readTrust(context, options);
  if (trust !== null) for (const path of [beforePath, afterPath]) requireTrustedSigners(await verifyBid(path, means, { ...workOptions(context), trust }));
  const read = createReadTender(means, () => Promise.resolve(trust));
  const [before, after] = [(await read(beforePath)).facts, (await read(afterPath)).facts];
  requireSuccessor(before, after);
  const differences = compareTenders(before, after, await compareDocuments(beforePath, afterPath, means));
  const signer = sameSigner(before, after) ? 'same' : 'other';
  const lines = differenceLines(say, differences);
  return {
    value: { before: headOf(before), after: headOf(after), signer, differences },
    lines: [`${after.title} · ${after.tenderId}`, `${before.madeAtUtc} → ${after.madeAtUtc}`, `${say('bidSigner')}: ${after.signer.subject}${signer === 'same' ? '' : ` (${say('tenderOtherSigner')}: ${before.signer.subject})`}`, ...(lines.length === 0 ? [say('tenderNoDifference')] : lines)],
  };
}

const headOf = ({ sealIdHex, madeAtUtc, tenderId, title, signer, signerTrust }: TenderFacts) => ({ sealIdHex, madeAtUtc, tenderId, title, signer, signerTrust });

const arrow = (change: { readonly before: string | null; readonly after: string | null }): string => `${change.before ?? '-'} → ${change.after ?? '-'}`;
/** `+` is new, `-` is gone, `~` is otherwise. */
const sign = (before: unknown, after: unknown): string => (before === null ? '+' : after === null ? '-' : '~');

function differenceLines(say: Say, { title, tenderer, opensAtUtc, suite, lots, parts, partsReordered, openers, documents }: TenderDifferences): string[] {
  return [
    ...(title ? [`~ ${arrow(title)}`] : []), ...(tenderer ? [`~ ${say('bidTenderer')}: ${arrow(tenderer)}`] : []), ...(opensAtUtc ? [`~ ${say('bidOpensAt')}: ${arrow(opensAtUtc)}`] : []), ...(suite ? [`~ ${arrow(suite)}`] : []),
    ...lots.added.map((lot) => `+ ${say('tenderLot')} ${lot.id} ${lot.title}`), ...lots.removed.map((lot) => `- ${say('tenderLot')} ${lot.id} ${lot.title}`), ...lots.renamed.map(({ before, after }) => `~ ${say('tenderLot')} ${after.id}: ${before.title} → ${after.title}`),
    ...parts.flatMap(({ before, after, changed, fields }) => [
      `${sign(before, after)} ${say('tenderPart')} ${after?.title ?? before?.title ?? ''}${changed.length === 0 ? '' : `: ${changed.join(', ')}`}`,
      ...fields.map((field) => `  ${sign(field.before, field.after)} ${field.after?.title ?? field.before?.title ?? ''}${field.changed.length === 0 ? '' : `: ${field.changed.join(', ')}`}`),
    ]),
    ...(partsReordered ? [`~ ${say('tenderPartsReordered')}`] : []),
    ...openers.map(({ change, group, facts }) => `${change === 'added' ? '+' : '-'} ${say('bidGroup')} ${group}: ${facts.subject} · ${facts.serialHex}`),
    ...documents.map(({ change, name }) => `${{ added: '+', removed: '-', changed: '~', 'not-compared': '?' }[change]} ${name}`),
  ];
}
