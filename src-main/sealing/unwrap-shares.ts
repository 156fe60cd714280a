/** What keys give by themselves: the shares of their groups, so that the keys of several groups can be plugged one after the other. Spec §4, §5. */
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { wipeBytes } from '#shared/bytes/byte-strings.ts';
import type { EnvelopeRecipient } from '#shared/cms/envelope.ts';
import { ENVELOPE_FAULTS, findOpener, unwrapOwnShare, type GroupShare } from '#shared/seal/collect-shares.ts';
import { verifySignatures } from '#shared/seal/seal-trailer.ts';
import { withSealedFile, type BidFile } from './sealed-file.ts';
import type { SealingMeans } from './sealing-means.ts';

export interface AskedKeys {
  /** One share for each group that one of the keys opened, proven right by its commitment; whoever asked wipes them. */
  readonly given: readonly (GroupShare & { readonly recipient: EnvelopeRecipient })[];
  /** Envelopes that a key did not open, or not to the right share. Another key of that group may. */
  readonly faults: readonly EnvelopeFault[];
}

export interface EnvelopeFault {
  readonly group: number;
  readonly recipient: EnvelopeRecipient;
  readonly error: AppError;
}

/**
 * Asks each key for the share of its group; a key whose group has given one is not asked.
 * @throws SEAL_SIGNATURE_INVALID, SEAL_NOT_AN_OPENER, and what a token says
 */
export function askKeys(bid: BidFile, recipients: readonly EnvelopeRecipient[], means: SealingMeans): Promise<AskedKeys> {
  return withSealedFile(bid, means, async ({ header, headerDigest, trailer, means: { suite, crypto, engine } }) => {
    if (header.core.kind !== 'sealed') refuse('SEAL_GROUPS', { reason: 'a plain file has no openers' });
    // No key is used for a file that its signer did not make.
    await verifySignatures(header, headerDigest, trailer, suite, crypto);
    const given: AskedKeys['given'][number][] = [];
    const faults: EnvelopeFault[] = [];
    for (const recipient of recipients) {
      const place = findOpener(header, recipient.certificateDer, suite) ?? refuse('SEAL_NOT_AN_OPENER');
      const { group } = place;
      if (given.some((one) => one.group === group)) continue;
      try {
        given.push({ group, share: await unwrapOwnShare(header, place, recipient, suite, engine), recipient });
      } catch (thrown) {
        if (!(thrown instanceof AppError) || !ENVELOPE_FAULTS.includes(thrown.code)) {
          wipeBytes(...given.map(({ share }) => share));
          throw thrown;
        }
        faults.push({ group, recipient, error: thrown });
      }
    }
    return { given, faults };
  });
}

/**
 * One share for each group that one of these keys opens, proven right by its commitment. The caller wipes them.
 * @throws SEAL_SIGNATURE_INVALID, SEAL_NOT_AN_OPENER, SEAL_ENVELOPE_MALFORMED, SEAL_UNWRAP_FAILED, SEAL_SHARE_WRONG, and what a token says
 */
export async function unwrapShares(bid: BidFile, recipients: readonly EnvelopeRecipient[], means: SealingMeans): Promise<GroupShare[]> {
  const { given, faults } = await askKeys(bid, recipients, means);
  const fault = faults.findLast(({ group }) => !given.some((one) => one.group === group));
  if (fault) {
    wipeBytes(...given.map(({ share }) => share));
    throw fault.error;
  }
  return given.map(({ group, share }) => ({ group, share }));
}
