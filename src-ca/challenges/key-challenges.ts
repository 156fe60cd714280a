/**
 * The life of a challenge: made for one certificate and one purpose, good for two minutes, answered once.
 * A challenge counts by the service's clock, and a clock can be set back: the latest time that was seen stands in the store, and when the clock
 * falls behind it a new epoch begins, in which no older challenge counts. So neither an expired challenge nor a used one ever comes back.
 */
import { createHash, randomBytes } from 'node:crypto';
import { toBase64 } from '#shared/bytes/base64.ts';
import type { KeyChallenge } from '#shared/contract/rest/certificates.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { CHALLENGE_NONCE_BYTES, challengeMessage, type ChallengePurpose } from '#shared/crypto/signed-challenge.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';
import { parsePublicKeyInfo } from '#shared/x509/public-key-info.ts';
import { MINUTE_MS, SECOND_MS, utcText } from '../clock.ts';
import { newId } from '../identifiers.ts';
import { KeptRefusal, type Transactions } from '../transactions.ts';
import type { ChallengeRecords, KeyChallengeRow } from './challenge-port.ts';

export const CHALLENGE_LIFE_MS = 2 * MINUTE_MS;
/** Used and expired challenges are kept this long, so that a replay is told from a challenge that never was. */
export const CHALLENGES_KEPT_MS = 60 * MINUTE_MS;
/** Clocks are corrected by small steps all the time. */
const CLOCK_STEP_ALLOWED_MS = 5 * SECOND_MS;

export interface ChallengeWanted {
  readonly purpose: ChallengePurpose;
  readonly certificateDer: Uint8Array;
  readonly accountId: string | null;
  readonly requestId?: string;
  readonly projectId?: string;
}

/** Runs in the caller's transaction. @param origin of the service, as callers reach it */
export async function makeChallenge(challenges: ChallengeRecords, origin: string, wanted: ChallengeWanted, nowMs: number): Promise<KeyChallenge> {
  const id = newId();
  const certificateDer = Buffer.from(wanted.certificateDer);
  const fingerprint = createHash('sha256').update(certificateDer).digest();
  const message = challengeMessage({ purpose: wanted.purpose, origin, challengeId: id, certificateSha256: fingerprint }, randomBytes(CHALLENGE_NONCE_BYTES));
  const expiresAtMs = nowMs + CHALLENGE_LIFE_MS;
  await challenges.insert({
    id, purpose: wanted.purpose, accountId: wanted.accountId, requestId: wanted.requestId ?? null, projectId: wanted.projectId ?? null, certificateDer,
    certificateSha256: fingerprint.toString('hex'), message: Buffer.from(message), epoch: await currentEpoch(challenges, nowMs), createdAtMs: nowMs, expiresAtMs, usedAtMs: null,
  });
  return { challengeId: id, message: toBase64(message), expiresAtUtc: utcText(expiresAtMs) };
}

export interface ChallengeAnswer {
  readonly challengeId: string;
  readonly signature: Uint8Array;
}

/** For whom a challenge must have been made. */
export interface ChallengeOwner {
  readonly purpose: ChallengePurpose;
  readonly accountId: string | null;
  readonly requestId?: string;
}

/** An answer that was read and whose signature was looked at, but which does not count yet. */
export interface ReadAnswer {
  readonly row: KeyChallengeRow;
  readonly signed: boolean;
}

/** Finds the challenge and verifies the signature, outside of any transaction. Someone else's challenge is none. @throws CHALLENGE_UNKNOWN */
export async function readAnswer(ports: { readonly transactions: Transactions<{ challenges: ChallengeRecords }>; readonly crypto: CryptoPort }, owner: ChallengeOwner, answer: ChallengeAnswer): Promise<ReadAnswer> {
  const row = await ports.transactions.read(({ challenges }) => challenges.byId(answer.challengeId));
  if (row === null || row.purpose !== owner.purpose || row.accountId !== owner.accountId || row.requestId !== (owner.requestId ?? null)) throw new AppError('CHALLENGE_UNKNOWN');
  return { row, signed: await isSignedBy(ports.crypto, row.certificateDer, row.message, answer.signature) };
}

/**
 * Counts an answer, in the caller's transaction: the challenge is used up by it, whether its signature is right or not.
 * @returns null when it is good; else a refusal that must be returned from the transaction, so that it stays used. @throws CHALLENGE_USED
 */
export async function takeAnswer(challenges: ChallengeRecords, { row, signed }: ReadAnswer, nowMs: number): Promise<KeptRefusal | null> {
  if (!(await challenges.use(row.id, nowMs))) throw new AppError('CHALLENGE_USED');
  const epoch = await currentEpoch(challenges, nowMs);
  if (row.epoch !== epoch || nowMs >= row.expiresAtMs) return new KeptRefusal(new AppError('CHALLENGE_EXPIRED'));
  return signed ? null : new KeptRefusal(new AppError('CHALLENGE_SIGNATURE'));
}

/** RSA PKCS#1 v1.5 with SHA-256, or SM2 with SM3, by the key of the certificate. */
export async function isSignedBy(crypto: CryptoPort, certificateDer: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const { publicKeySpkiDer } = parseCertificate(certificateDer);
  const algorithm = parsePublicKeyInfo(publicKeySpkiDer).kind === 'rsa' ? 'rsa-sha256' : 'sm2-sm3';
  return await crypto.verify(algorithm, publicKeySpkiDer, message, signature);
}

async function currentEpoch(challenges: ChallengeRecords, nowMs: number): Promise<number> {
  const clock = (await challenges.clock()) ?? { id: 1 as const, latestMs: nowMs, epoch: 1 };
  const wentBack = nowMs < clock.latestMs - CLOCK_STEP_ALLOWED_MS;
  const epoch = wentBack ? clock.epoch + 1 : clock.epoch;
  await challenges.setClock({ id: 1, latestMs: wentBack ? nowMs : Math.max(nowMs, clock.latestMs), epoch });
  return epoch;
}
