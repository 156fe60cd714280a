/**
 * Signatures that the service asks of a key: which certificate, whether what is to be signed is what was promised, and one login for one signature.
 * Rule: everything that can be refused is refused before the PIN goes to the driver; the key never signs a text that could mean something else.
 */
import type { KeyChallenge } from '#shared/contract/rest/certificates.ts';
import type { TokenCertificate, TokenRef, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { fromBase64, toBase64 } from '#shared/bytes/base64.ts';
import { fromHex } from '#shared/bytes/hex.ts';
import { checkChallengeMessage, type ChallengePurpose } from '#shared/crypto/signed-challenge.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { TokenPort } from '../token/token-port.ts';
import { passPinGate, pinBytes } from '../writing/pin-gate.ts';

/** One use of a key, as every call that needs one brings it. */
export interface KeyUse {
  readonly token: TokenRef;
  readonly pin: string;
  readonly confirmedFewTries?: boolean | undefined;
}

export interface SigningCertificate {
  readonly summary: TokenSummary;
  readonly certificate: TokenCertificate;
}

export type CertificateWanted = { readonly sha256Hex?: string | undefined; readonly serialHex?: string | undefined };

/** The signing certificate that is meant, else the one that is valid longest. @throws TOKEN_NOT_PRESENT, KEY_NO_SIGNING_CERTIFICATE */
export async function findSigningCertificate(tokens: TokenPort, ref: TokenRef, wanted: CertificateWanted = {}): Promise<SigningCertificate> {
  const found = signingCertificate(await tokens.get(ref), wanted) ?? signingCertificate(await readAnew(tokens, ref), wanted);
  return found ?? refuse('KEY_NO_SIGNING_CERTIFICATE', { serial: ref.serial, wanted: wanted.sha256Hex ?? wanted.serialHex ?? null });
}

/** What is remembered of a key may be from before its last writing or login; a list asks the drivers anew. */
async function readAnew(tokens: TokenPort, ref: TokenRef): Promise<TokenSummary> {
  await tokens.list();
  return tokens.get(ref);
}

function signingCertificate(summary: TokenSummary, wanted: CertificateWanted): SigningCertificate | null {
  const candidates = summary.certificates
    .filter((one) => one.purpose === 'sign' && (wanted.sha256Hex === undefined || one.sha256Hex === wanted.sha256Hex) && (wanted.serialHex === undefined || sameSerial(one.serialHex, wanted.serialHex)))
    .sort((one, other) => Date.parse(other.notAfterUtc) - Date.parse(one.notAfterUtc));
  const [certificate] = candidates;
  return certificate ? { summary, certificate } : null;
}

/** Serial numbers are written with and without leading zeros. */
export const sameSerial = (one: string, other: string) => one.replace(/^0+/, '').toLowerCase() === other.replace(/^0+/, '').toLowerCase();

/** Logs in once, signs once. @returns base64 @throws PIN_*, TOKEN_*, KEY_NOT_FOUND */
export async function signWithKey(tokens: TokenPort, use: KeyUse, { summary, certificate }: SigningCertificate, message: Uint8Array): Promise<string> {
  const pin = summary.pin.status === 'ok' ? summary.pin : (await readAnew(tokens, summary.ref)).pin;
  passPinGate(pin, use.confirmedFewTries ?? false);
  const session = await tokens.logIn(summary.ref, pinBytes(use.pin));
  try {
    return toBase64(await session.sign(certificate.containerId, 'sign', message));
  } finally {
    await session.close();
  }
}

/** The message of a challenge, once it is sure that it is the one that was asked for. @throws KEY_CHALLENGE_REFUSED */
export function checkedChallenge(challenge: KeyChallenge, purpose: ChallengePurpose, origin: string, certificate: TokenCertificate): Uint8Array {
  const message = fromBase64(challenge.message);
  const check = checkChallengeMessage(message, { purpose, origin, challengeId: challenge.challengeId, certificateSha256: fromHex(certificate.sha256Hex) });
  if (!check.fits) throw new AppError('KEY_CHALLENGE_REFUSED', { purpose, reason: check.reason });
  return message;
}
