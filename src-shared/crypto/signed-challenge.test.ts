/** Challenges: the message that is asked for fits, and every other one is refused before a key signs it. */
import { describe, expect, it } from 'vitest';
import { challengeMessage, checkChallengeMessage, type ChallengeParts } from './signed-challenge.ts';

const parts: ChallengeParts = { purpose: 'login', origin: 'https://ca.example', challengeId: 'c0ffee00', certificateSha256: new Uint8Array(32).fill(7) };
const nonce = new Uint8Array(32).fill(9);

describe('challenge message', () => {
  it('ok: the layout is the documented one', () => {
    const message = Buffer.from(challengeMessage(parts, nonce));
    expect(message.subarray(0, -64).toString('latin1')).toBe('BidKey login v1\0https://ca.example\0c0ffee00\0');
    expect(message.subarray(-64)).toEqual(Buffer.concat([Buffer.alloc(32, 7), Buffer.alloc(32, 9)]));
    expect(checkChallengeMessage(message, parts)).toEqual({ fits: true });
  });

  it.each([
    ['another purpose', { ...parts, purpose: 'unlock' }],
    ['another service', { ...parts, origin: 'https://ca.exampl3' }],
    ['another challenge', { ...parts, challengeId: 'c0ffee01' }],
    ['another certificate', { ...parts, certificateSha256: new Uint8Array(32).fill(8) }],
  ] as const)('refuses: %s', (_, wanted) => {
    expect(checkChallengeMessage(challengeMessage(parts, nonce), wanted)).toMatchObject({ fits: false });
  });

  it('refuses: a nonce of another length', () => {
    expect(checkChallengeMessage(challengeMessage(parts, new Uint8Array(31)), parts)).toEqual({ fits: false, reason: 'length' });
    expect(checkChallengeMessage(challengeMessage(parts, new Uint8Array(33)), parts)).toEqual({ fits: false, reason: 'length' });
  });
});
