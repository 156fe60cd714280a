/** What keys give by themselves: the shares of their groups, so that the keys of several groups can be plugged one after the other. Spec §4, §5. */
import { refuse } from '#shared/errors/app-error.ts';
import type { EnvelopeRecipient } from '#shared/cms/envelope.ts';
import { unwrapShares as unwrapFromHeader, type GroupShare } from '#shared/seal/collect-shares.ts';
import { verifySignatures } from '#shared/seal/seal-trailer.ts';
import { withSealedFile } from './sealed-file.ts';
import type { SealingMeans } from './sealing-means.ts';

/**
 * One share for each group that one of these keys opens, proven right by its commitment. The caller wipes them.
 * @throws SEAL_SIGNATURE_INVALID, SEAL_NOT_AN_OPENER, SEAL_UNWRAP_FAILED, SEAL_SHARE_WRONG, and what a token says
 */
export function unwrapShares(path: string, recipients: readonly EnvelopeRecipient[], means: SealingMeans): Promise<GroupShare[]> {
  return withSealedFile(path, means, async ({ header, headerDigest, trailer, means: { suite, crypto, engine } }) => {
    if (header.core.kind !== 'sealed') refuse('SEAL_GROUPS', { reason: 'a plain file has no openers' });
    // No key is used for a file that its signer did not make.
    await verifySignatures(header, headerDigest, trailer, suite, crypto);
    const shares = await unwrapFromHeader(header, recipients, [], suite, engine);
    return [...shares].map(([group, share]) => ({ group, share }));
  });
}
