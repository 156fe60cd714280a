/** `bidkey inspect`, `verify`, `tender verify`: what needs no key. */
import { inspectBid } from '../../../sealing/sealed-file.ts';
import { readTender } from '../../../sealing/tender-package.ts';
import { requireTrustedSigners, verifyBid, type VerifiedBid } from '../../../sealing/verify-bid.ts';
import type { CommandResult } from '../command.ts';
import type { BidContext } from './bid-context.ts';
import { readTrust, type TrustOptions } from './bid-trust.ts';
import { certificateFacts, documentFacts, inspectionLines, signerLines, verificationFacts, workOptions } from './bid-lines.ts';

export async function inspect({ means, say }: BidContext, file: string): Promise<CommandResult> {
  const value = await inspectBid(file, means);
  return { value, lines: [...inspectionLines(say, value), say('bidNothingVerified')] };
}

export async function verify(context: BidContext, file: string, options: TrustOptions): Promise<CommandResult> {
  const { means, say } = context;
  const verified = await verifyFile(context, file, options);
  return { value: verificationFacts(verified, means), lines: [...inspectionLines(say, verified.file), ...signerLines(say, verified, means), say('bidWhole')] };
}

export async function verifyTender(context: BidContext, file: string, options: TrustOptions): Promise<CommandResult> {
  const { means, say } = context;
  const verified = await verifyFile(context, file, options);
  const tender = await readTender(file, means);
  const { description, manifest } = tender;
  const groups = tender.groups.map(({ name, certificates }) => ({ name, openers: certificates.map((der) => certificateFacts(der, means)) }));
  return {
    value: { ...verificationFacts(verified, means), description, groups, documents: documentFacts(manifest.manifest.documents) },
    lines: [
      `${description.title} · ${description.tenderId}`, `${say('bidTenderer')}: ${description.tenderer}`, ...(description.opensAtUtc === null ? [] : [`${say('bidOpensAt')}: ${description.opensAtUtc}`]),
      ...groups.flatMap(({ name, openers }) => [`${say('bidGroup')} ${name}:`, ...openers.map((one) => `  ${one.subject} · ${one.serialHex}`)]), ...signerLines(say, verified, means), say('bidWhole'),
    ],
  };
}

/** With trusted authorities named, a signer that does not lead to them is a refusal; without, the answer says that nobody asked. */
async function verifyFile(context: BidContext, file: string, options: TrustOptions): Promise<VerifiedBid> {
  const trust = await readTrust(context, options);
  const verified = await verifyBid(file, context.means, { ...workOptions(context), trust });
  if (trust !== null) requireTrustedSigners(verified);
  return verified;
}
