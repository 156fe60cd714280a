/** The opener's side of remote opening: who asks and for what, then this key's share, encrypted to the hall. */
import { readFile, stat } from 'node:fs/promises';
import type { ChallengeFacts } from '#shared/contract/desktop/openings.ts';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import { fromBase64 } from '#shared/bytes/base64.ts';
import { toHex } from '#shared/bytes/hex.ts';
import type { EnvelopeRecipient } from '#shared/cms/envelope.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { ENVELOPE_FAULTS } from '#shared/seal/collect-shares.ts';
import { NewFile } from '../../sealing/new-file.ts';
import { answerShareChallenge, readShareChallenge } from '../../sealing/remote-opening.ts';
import { judgeReceiver, requireReceiver } from '../../sealing/share-receiver.ts';
import { inspectBid, type KnownFile } from '../../sealing/sealed-file.ts';
import { meansFor, type SealingMeans } from '../../sealing/sealing-means.ts';
import { reading } from '../../sealing/system-errors.ts';
import { chooseSigner, openersOfFile } from '../../sealing/token-keys.ts';
import type { TokenPort } from '../../token/token-port.ts';
import type { Authorities } from '../authorities.ts';
import { certificateFacts } from '../certificate-facts.ts';
import { withKey } from '../log-in-key.ts';

const MAX_CHALLENGE_BYTES = 64 << 10;

async function readChallengeFile(path: string): Promise<Uint8Array> {
  return reading(path, async () => {
    if ((await stat(path)).size > MAX_CHALLENGE_BYTES) refuse('SEAL_CHALLENGE_INVALID', { reason: 'too large' });
    return new Uint8Array(await readFile(path));
  });
}

export async function inspectChallenge({ bidPath, challengePath }: DesktopInput<'shares.inspect'>, tokens: Pick<TokenPort, 'list'>, authorities: Pick<Authorities, 'trust' | 'refresh'>, means: SealingMeans): Promise<ChallengeFacts> {
  const file = await inspectBid(bidPath, means);
  const { challenge, signature, opensAt, tooEarly } = await readShareChallenge({ path: bidPath, ...file }, await readChallengeFile(challengePath), means);
  const receiver = await judgeReceiver({ challenge, signature }, await authorities.trust(), means);
  authorities.refresh([signature.certificateDer, challenge.hallCertificateDer]);
  const { suite } = meansFor(means, file.suite);
  const plugged = new Set((await tokens.list()).tokens.flatMap((token) => token.certificates).map(({ certificateDer }) => toHex(suite.digest(fromBase64(certificateDer)))));
  return {
    sealIdHex: file.sealIdHex, signer: certificateFacts(signature.certificateDer), hall: certificateFacts(challenge.hallCertificateDer), signerTrust: receiver.signer, hallTrust: receiver.hall, sameHolder: receiver.sameHolder, confirmation: receiver.confirmation,
    issuedAtUtc: challenge.issuedAt.toISOString(), expiresAtUtc: challenge.expiresAt.toISOString(),
    opensAtUtc: opensAt?.toISOString() ?? null, openingTimeReached: !tooEarly, group: file.groups.find(({ openers }) => openers.some(({ fingerprintHex }) => plugged.has(fingerprintHex)))?.name ?? null,
  };
}

/** @throws OPENING_TOO_EARLY, SHARE_RECEIVER_UNCONFIRMED, SEAL_CHALLENGE_…, SEAL_NOT_AN_OPENER, SEAL_OUTPUT_EXISTS, and what the key says */
export async function answerChallengeFile(input: DesktopInput<'shares.answer'>, tokens: TokenPort, authorities: Pick<Authorities, 'trust'>, means: SealingMeans): Promise<{ path: string; sizeBytes: number }> {
  const message = await readChallengeFile(input.challengePath);
  // The file whose opening time is looked at is the one of which the share is given.
  const bid: KnownFile = { path: input.bidPath, ...await inspectBid(input.bidPath, means) };
  const asked = await readShareChallenge(bid, message, means);
  const { opensAt, tooEarly } = asked;
  if (tooEarly && !(input.beforeTimeConfirmed ?? false)) refuse('OPENING_TOO_EARLY', { opensAtUtc: opensAt?.toISOString() ?? null });
  const receiver = certificateFacts(asked.challenge.hallCertificateDer);
  // Another challenge may have come in place of the one that was looked at.
  if (input.receiverSha256 !== undefined && input.receiverSha256 !== receiver.sha256Hex) refuse('SHARE_RECEIVER_UNCONFIRMED', { receiver: receiver.subjectCommonName });
  requireReceiver(await judgeReceiver(asked, await authorities.trust(), means), input.typedReceiver ?? null);
  const answer = await withKey(tokens, input, async ({ keys }) => {
    const signer = chooseSigner(keys, means.clock());
    const own = await openersOfFile(bid, keys.recipients, means);
    return answerWithOneOf(own, (recipient) => answerShareChallenge(bid, message, { recipient, signer }, means));
  });
  const file = await NewFile.create(input.outPath);
  try {
    await file.write(answer);
    await file.commit();
  } finally {
    await file.discard();
  }
  return { path: input.outPath, sizeBytes: answer.length };
}

/** Of several certificates of this key, one whose envelope opens. @throws SEAL_NOT_AN_OPENER, and of the last one what its envelope says */
async function answerWithOneOf(recipients: readonly EnvelopeRecipient[], answer: (recipient: EnvelopeRecipient) => Promise<Uint8Array>): Promise<Uint8Array> {
  for (const [i, recipient] of recipients.entries()) {
    try {
      return await answer(recipient);
    } catch (thrown) {
      if (i + 1 === recipients.length || !(thrown instanceof AppError) || !ENVELOPE_FAULTS.includes(thrown.code)) throw thrown;
    }
  }
  return refuse('SEAL_NOT_AN_OPENER');
}
