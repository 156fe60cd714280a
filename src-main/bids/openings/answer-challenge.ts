/** The opener's side of remote opening: who asks and for what, then this key's share, encrypted to the hall. */
import { readFile, stat } from 'node:fs/promises';
import type { ChallengeFacts } from '#shared/contract/desktop/openings.ts';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import { fromBase64 } from '#shared/bytes/base64.ts';
import { toHex } from '#shared/bytes/hex.ts';
import { refuse } from '#shared/errors/app-error.ts';
import { NewFile } from '../../sealing/new-file.ts';
import { answerShareChallenge, readShareChallenge } from '../../sealing/remote-opening.ts';
import { inspectBid } from '../../sealing/sealed-file.ts';
import { meansFor, type SealingMeans } from '../../sealing/sealing-means.ts';
import { reading } from '../../sealing/system-errors.ts';
import { chooseSigner, openersOfFile } from '../../sealing/token-keys.ts';
import type { TokenPort } from '../../token/token-port.ts';
import { certificateFacts } from '../certificate-facts.ts';
import { withKey } from '../log-in-key.ts';

const MAX_CHALLENGE_BYTES = 64 << 10;

async function readChallengeFile(path: string): Promise<Uint8Array> {
  return reading(path, async () => {
    if ((await stat(path)).size > MAX_CHALLENGE_BYTES) refuse('SEAL_CHALLENGE_INVALID', { reason: 'too large' });
    return new Uint8Array(await readFile(path));
  });
}

export async function inspectChallenge({ bidPath, challengePath }: DesktopInput<'shares.inspect'>, tokens: Pick<TokenPort, 'list'>, means: SealingMeans): Promise<ChallengeFacts> {
  const { challenge, signature, opensAt, tooEarly } = await readShareChallenge(bidPath, await readChallengeFile(challengePath), means);
  const file = await inspectBid(bidPath, means);
  const { suite } = meansFor(means, file.suite);
  const plugged = new Set((await tokens.list()).tokens.flatMap((token) => token.certificates).map(({ certificateDer }) => toHex(suite.digest(fromBase64(certificateDer)))));
  return {
    sealIdHex: file.sealIdHex, signer: certificateFacts(signature.certificateDer), hall: certificateFacts(challenge.hallCertificateDer), issuedAtUtc: challenge.issuedAt.toISOString(), expiresAtUtc: challenge.expiresAt.toISOString(),
    opensAtUtc: opensAt?.toISOString() ?? null, openingTimeReached: !tooEarly, group: file.groups.find(({ openers }) => openers.some(({ fingerprintHex }) => plugged.has(fingerprintHex)))?.name ?? null,
  };
}

/** @throws OPENING_TOO_EARLY, SEAL_CHALLENGE_…, SEAL_NOT_AN_OPENER, SEAL_OUTPUT_EXISTS, and what the key says */
export async function answerChallengeFile(input: DesktopInput<'shares.answer'>, tokens: TokenPort, means: SealingMeans): Promise<{ path: string; sizeBytes: number }> {
  const message = await readChallengeFile(input.challengePath);
  const { opensAt, tooEarly } = await readShareChallenge(input.bidPath, message, means);
  if (tooEarly && !(input.beforeTimeConfirmed ?? false)) refuse('OPENING_TOO_EARLY', { opensAtUtc: opensAt?.toISOString() ?? null });
  const answer = await withKey(tokens, input, async ({ keys }) => {
    const [recipient] = await openersOfFile(input.bidPath, keys.recipients, means);
    return answerShareChallenge(input.bidPath, message, { recipient: recipient ?? refuse('SEAL_NOT_AN_OPENER'), signer: chooseSigner(keys, means.clock()) }, means);
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
