/**
 * Challenges that a key signs to show that it is there: how the message is put together, and how a tool checks it before it lets a key sign. Pure.
 * Message: `BidKey <purpose> v1` ‖ 0x00 ‖ origin ‖ 0x00 ‖ challenge id ‖ 0x00 ‖ SHA-256 of the certificate (32) ‖ nonce (32).
 * The name in front keeps it from being a signature of anything else, the origin from being one for another service (a login page that passes
 * challenges of a third on), the fingerprint from being one of another certificate over the same key.
 */
import { concatBytes, equalBytes } from '../bytes/byte-strings.ts';
import { toUtf8 } from '../bytes/utf8.ts';

export const CHALLENGE_PURPOSES = ['login', 'binding', 'revocation', 'suspension', 'unlock'] as const;
export type ChallengePurpose = (typeof CHALLENGE_PURPOSES)[number];

export interface ChallengeParts {
  readonly purpose: ChallengePurpose;
  /** Origin of the service, without a slash at the end. */
  readonly origin: string;
  readonly challengeId: string;
  readonly certificateSha256: Uint8Array;
}

export const CHALLENGE_NONCE_BYTES = 32;
const SEPARATOR = Uint8Array.of(0);

export function challengeMessage(parts: ChallengeParts, nonce: Uint8Array): Uint8Array {
  return concatBytes(toUtf8(`BidKey ${parts.purpose} v1`), SEPARATOR, toUtf8(parts.origin), SEPARATOR, toUtf8(parts.challengeId), SEPARATOR, parts.certificateSha256, nonce);
}

export type ChallengeCheck = { readonly fits: true } | { readonly fits: false; readonly reason: 'length' | 'purpose, service, challenge or certificate' };

/** Whether a message that came from a service is the challenge that was asked for, and nothing else. */
export function checkChallengeMessage(message: Uint8Array, wanted: ChallengeParts): ChallengeCheck {
  const head = challengeMessage(wanted, new Uint8Array(0));
  if (message.length !== head.length + CHALLENGE_NONCE_BYTES) return { fits: false, reason: 'length' };
  return equalBytes(message.subarray(0, head.length), head) ? { fits: true } : { fits: false, reason: 'purpose, service, challenge or certificate' };
}
