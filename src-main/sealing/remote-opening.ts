/** Remote opening with files: the hall asks about a bid that it has, the opener answers about a copy of its own, the hall takes the answer. Spec §10. */
import type { EnvelopeRecipient } from '#shared/cms/envelope.ts';
import type { OneSignature, SealSigner } from '#shared/seal/one-signature.ts';
import { acceptAnswer, answerChallenge, makeChallenge, openChallenge, type AcceptedShare, type ShareChallenge } from '#shared/seal/remote-share.ts';
import { verifySignatures } from '#shared/seal/seal-trailer.ts';
import { refuse } from '#shared/errors/app-error.ts';
import { withSealedFile, type BidFile, type SealedFile } from './sealed-file.ts';
import type { SealingMeans } from './sealing-means.ts';
import { wholeSeconds } from './whole-seconds.ts';

export interface OpeningHall {
  /** Encryption certificate to which answers are sealed. */
  readonly certificateDer: Uint8Array;
  readonly signer: SealSigner;
}

/** The hall's question about a bid. @throws SEAL_SIGNATURE_INVALID, … */
export function makeShareChallenge(bid: BidFile, hall: OpeningHall, validMs: number, means: SealingMeans): Promise<Uint8Array> {
  return onSealedBid(bid, means, async (file) => {
    const issuedAt = wholeSeconds(means.clock());
    return makeChallenge(file.header, hall, { issuedAt, expiresAt: new Date(issuedAt.getTime() + validMs) }, file.means);
  });
}

export interface ReadChallenge {
  readonly challenge: ShareChallenge;
  /** Who asks. */
  readonly signature: OneSignature;
  /** Opening time that the bid names, and whether it has come. */
  readonly opensAt: Date | null;
  readonly tooEarly: boolean;
}

/** What the opener is shown before a key is used. @throws SEAL_CHALLENGE_INVALID, SEAL_CHALLENGE_EXPIRED */
export function readShareChallenge(bid: BidFile, challenge: Uint8Array, means: SealingMeans): Promise<ReadChallenge> {
  return onSealedBid(bid, means, async (file) => {
    const now = means.clock();
    const { opensAt } = file.header.core.identity;
    return { ...(await openChallenge(challenge, file.header, now, file.means)), opensAt, tooEarly: opensAt !== null && now < opensAt };
  });
}

/** The opener's part. @throws SEAL_CHALLENGE_…, SEAL_NOT_AN_OPENER, SEAL_ENVELOPE_MALFORMED, SEAL_UNWRAP_FAILED, SEAL_SHARE_WRONG, and what a token says */
export function answerShareChallenge(bid: BidFile, challenge: Uint8Array, opener: { readonly recipient: EnvelopeRecipient; readonly signer: SealSigner }, means: SealingMeans): Promise<Uint8Array> {
  return onSealedBid(bid, means, (file) => answerChallenge(challenge, file.header, opener, wholeSeconds(means.clock()), file.means));
}

/** The hall's part; the caller wipes the share. @param hall keys that the challenge was made with @throws SEAL_ANSWER_INVALID, SEAL_CHALLENGE_…, SEAL_SHARE_WRONG */
export function acceptShareAnswer(bid: BidFile, answer: Uint8Array, challenge: Uint8Array, hall: readonly EnvelopeRecipient[], means: SealingMeans): Promise<AcceptedShare> {
  return onSealedBid(bid, means, async (file) => {
    const { challenge: asked } = await openChallenge(challenge, file.header, means.clock(), file.means);
    const wanted = Buffer.from(asked.hallCertificateDer);
    const recipient = hall.find(({ certificateDer }) => wanted.equals(certificateDer)) ?? refuse('SEAL_NOT_AN_OPENER', { reason: 'the challenge was made with another key' });
    return acceptAnswer(answer, challenge, file.header, recipient, means.clock(), file.means);
  });
}

function onSealedBid<T>(bid: BidFile, means: SealingMeans, deed: (file: SealedFile) => Promise<T>): Promise<T> {
  return withSealedFile(bid, means, async (file) => {
    if (file.header.core.kind !== 'sealed') refuse('SEAL_GROUPS', { reason: 'a plain file has no openers' });
    await verifySignatures(file.header, file.headerDigest, file.trailer, file.means.suite, file.means.crypto);
    return deed(file);
  });
}
