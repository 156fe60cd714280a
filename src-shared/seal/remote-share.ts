/**
 * Remote opening: an opening hall asks, an opener answers with its share encrypted to the hall, bound to that one question. Spec §10. Pure; tokens sign and unwrap by callback.
 * `Challenge ::= SEQUENCE { label, sealId, nonce, hall OCTET STRING, issuedAt, expiresAt Time }`
 * `Answer ::= SEQUENCE { label, challengeDigest, sealId, group INTEGER, fingerprint, answeredAt Time, envelope OCTET STRING }`
 */
import type { DerReader } from '../asn1/der-reader.ts';
import { derInteger, derOctetString, derSequence, derTime, derUtf8String } from '../asn1/der-writer.ts';
import { concatBytes, equalBytes, equalBytesConstantTime, wipeBytes } from '../bytes/byte-strings.ts';
import { toUtf8 } from '../bytes/utf8.ts';
import { openEnvelope, type EnvelopeRecipient } from '../cms/envelope.ts';
import { AppError, refuse } from '../errors/app-error.ts';
import { parseCertificate } from '../x509/certificate.ts';
import { SEAL_ID_BYTES } from './bid-identity.ts';
import { findOpener, unwrapOwnShare, type GroupShare } from './collect-shares.ts';
import { checkShare } from './key-schedule.ts';
import { DIGEST_BYTES, MAX_GROUPS, SHARE_BYTES } from './limits.ts';
import { signOne, verifyOne, type OneSignature, type SealSigner } from './one-signature.ts';
import type { Means } from './prepare-file.ts';
import type { SealHeader } from './seal-header.ts';
import { checkShareEnvelope, sealShareEnvelope } from './share-envelope.ts';
import { asPartAsync, readCount, readDigest, readStrict, readText, readTimeOf } from './strict-structure.ts';
import type { Suite } from './suites.ts';

const CHALLENGE_LABEL = 'BidKey share challenge 1';
const ANSWER_LABEL = 'BidKey share answer 1';
const MAX_MESSAGE_BYTES = 64 << 10;
/** A share and what binds it to its question. */
const ANSWER_CONTENT_BYTES = SHARE_BYTES + DIGEST_BYTES;

export interface ShareChallenge {
  readonly sealId: Uint8Array;
  readonly nonce: Uint8Array;
  /** The hall's encryption certificate. */
  readonly hallCertificateDer: Uint8Array;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

export interface ShareAnswer {
  readonly challengeDigest: Uint8Array;
  readonly sealId: Uint8Array;
  readonly group: number;
  readonly fingerprint: Uint8Array;
  readonly answeredAt: Date;
  readonly envelopeDer: Uint8Array;
}

const writeChallenge = (one: ShareChallenge): Uint8Array =>
  derSequence(derUtf8String(CHALLENGE_LABEL), derOctetString(one.sealId), derOctetString(one.nonce), derOctetString(one.hallCertificateDer), derTime(one.issuedAt), derTime(one.expiresAt));

const writeAnswer = (one: ShareAnswer): Uint8Array =>
  derSequence(derUtf8String(ANSWER_LABEL), derOctetString(one.challengeDigest), derOctetString(one.sealId), derInteger(one.group), derOctetString(one.fingerprint), derTime(one.answeredAt), derOctetString(one.envelopeDer));

function readLabel(inside: DerReader, wanted: string): void {
  if (readText(inside, 'label', 1, 64) !== wanted) refuse('DER_MALFORMED', { reason: 'another kind of message' });
}

/** @returns the signed challenge, for the opener */
export function makeChallenge(header: SealHeader, hall: { readonly certificateDer: Uint8Array; readonly signer: SealSigner }, times: { readonly issuedAt: Date; readonly expiresAt: Date }, means: Means): Promise<Uint8Array> {
  const challenge = { sealId: header.core.identity.sealId, nonce: means.crypto.randomBytes(32), hallCertificateDer: hall.certificateDer, ...times };
  return signOne(hall.signer, { kind: 'attached', bytes: writeChallenge(challenge) }, times.issuedAt, means.crypto);
}

/** Who asks, for what: to be shown before a key is used. @throws SEAL_CHALLENGE_INVALID, SEAL_CHALLENGE_EXPIRED */
export async function openChallenge(message: Uint8Array, header: SealHeader, now: Date, means: Means): Promise<{ readonly challenge: ShareChallenge; readonly signature: OneSignature }> {
  const code = 'SEAL_CHALLENGE_INVALID';
  if (message.length > MAX_MESSAGE_BYTES) refuse(code, { reason: 'too large' });
  const { content, ...signature } = await verifyOne(message, null, code, means.crypto);
  const challenge = readStrict(content ?? refuse(code), MAX_MESSAGE_BYTES, code, readChallenge, writeChallenge);
  if (!equalBytes(challenge.sealId, header.core.identity.sealId)) refuse(code, { reason: 'for another bid' });
  if (now < challenge.issuedAt || now > challenge.expiresAt) refuse('SEAL_CHALLENGE_EXPIRED', { issuedAt: challenge.issuedAt.toISOString(), expiresAt: challenge.expiresAt.toISOString() });
  return { challenge, signature };
}

function readChallenge(outer: DerReader): ShareChallenge {
  const inside = outer.readSequence('challenge');
  readLabel(inside, CHALLENGE_LABEL);
  const [sealId, nonce] = [readDigest(inside, 'seal id', SEAL_ID_BYTES), readDigest(inside, 'nonce')];
  const hallCertificateDer = Uint8Array.from(inside.readOctetString('hall'));
  parseCertificate(hallCertificateDer);
  const [issuedAt, expiresAt] = [readTimeOf(inside, 'issued at'), readTimeOf(inside, 'expires at')];
  inside.end('challenge');
  return { sealId, nonce, hallCertificateDer, issuedAt, expiresAt };
}

/** The opener's part: unwraps the share and sends it to the hall, nothing else. @throws SEAL_CHALLENGE_…, SEAL_NOT_AN_OPENER, SEAL_ENVELOPE_MALFORMED, SEAL_UNWRAP_FAILED, SEAL_SHARE_WRONG */
export async function answerChallenge(message: Uint8Array, header: SealHeader, opener: { readonly recipient: EnvelopeRecipient; readonly signer: SealSigner }, now: Date, means: Means): Promise<Uint8Array> {
  const { suite, crypto, engine } = means;
  const { challenge } = await openChallenge(message, header, now, means);
  const place = findOpener(header, opener.recipient.certificateDer, suite) ?? refuse('SEAL_NOT_AN_OPENER');
  const bound = { challengeDigest: suite.digest(message), sealId: challenge.sealId, group: place.group, fingerprint: place.opener.fingerprint };
  const share = await unwrapOwnShare(header, place, opener.recipient, suite, engine);
  const content = concatBytes(share, bindingOf(bound, suite));
  wipeBytes(share);
  const envelopeDer = await sealShareEnvelope(content, challenge.hallCertificateDer, crypto, engine).finally(() => wipeBytes(content));
  return signOne(opener.signer, { kind: 'attached', bytes: writeAnswer({ ...bound, answeredAt: now, envelopeDer }) }, now, crypto);
}

const bindingOf = (one: Pick<ShareAnswer, 'challengeDigest' | 'sealId' | 'group' | 'fingerprint'>, suite: Suite): Uint8Array =>
  suite.digest(toUtf8(`${ANSWER_LABEL}\0`), one.challengeDigest, one.sealId, Uint8Array.of(one.group), one.fingerprint);

export interface AcceptedShare extends GroupShare {
  /** Of the opener's certificate, by the digest of the suite: which of its group answered. */
  readonly fingerprint: Uint8Array;
  readonly signature: OneSignature;
}

/**
 * The hall's part: the share of one group, if this answers this challenge. Who signed comes along: whether that is the opener's company is for the hall to judge.
 * @throws SEAL_ANSWER_INVALID, SEAL_CHALLENGE_…, SEAL_SHARE_WRONG
 */
export async function acceptAnswer(answerMessage: Uint8Array, challengeMessage: Uint8Array, header: SealHeader, hall: EnvelopeRecipient, now: Date, means: Means): Promise<AcceptedShare> {
  const code = 'SEAL_ANSWER_INVALID';
  const { suite, crypto, engine } = means;
  const { challenge } = await openChallenge(challengeMessage, header, now, means);
  if (answerMessage.length > MAX_MESSAGE_BYTES) refuse(code, { reason: 'too large' });
  const { content: signed, ...signature } = await verifyOne(answerMessage, null, code, crypto);
  const answer = readStrict(signed ?? refuse(code), MAX_MESSAGE_BYTES, code, readAnswer, writeAnswer);
  if (!equalBytes(answer.challengeDigest, suite.digest(challengeMessage))) refuse(code, { reason: 'answers another challenge' });
  if (!equalBytes(answer.sealId, challenge.sealId)) refuse(code, { reason: 'for another bid' });
  if (!header.groups[answer.group]?.some(({ fingerprint }) => equalBytes(fingerprint, answer.fingerprint))) refuse(code, { reason: 'not an opener of that group' });
  const content = await openAnswer(answer, hall, engine);
  // A copy, not a view of what is wiped below.
  const [share, binding] = [Uint8Array.from(content.subarray(0, SHARE_BYTES)), content.subarray(SHARE_BYTES)];
  const bound = content.length === ANSWER_CONTENT_BYTES && equalBytesConstantTime(binding, bindingOf(answer, suite));
  wipeBytes(content);
  if (!bound) return refuse(code);
  checkShare(suite, header, answer.group, share);
  return { group: answer.group, share, fingerprint: answer.fingerprint, signature };
}

async function openAnswer(answer: ShareAnswer, hall: EnvelopeRecipient, engine: Means['engine']): Promise<Uint8Array> {
  const { issuer, serialOctets } = parseCertificate(hall.certificateDer);
  checkShareEnvelope(answer.envelopeDer, { recipient: { issuerDer: issuer.der, serialOctets }, contentBytes: ANSWER_CONTENT_BYTES, certificateDer: hall.certificateDer, code: 'SEAL_ANSWER_INVALID' });
  return asPartAsync('SEAL_ANSWER_INVALID', async () => {
    try {
      return await openEnvelope(answer.envelopeDer, hall, engine);
    } catch (thrown) {
      if (thrown instanceof AppError && (thrown.code === 'DECRYPT_FAILED' || thrown.code === 'CMS_NO_RECIPIENT')) refuse('SEAL_ANSWER_INVALID');
      throw thrown;
    }
  });
}

function readAnswer(outer: DerReader): ShareAnswer {
  const inside = outer.readSequence('answer');
  readLabel(inside, ANSWER_LABEL);
  const [challengeDigest, sealId] = [readDigest(inside, 'challenge digest'), readDigest(inside, 'seal id', SEAL_ID_BYTES)];
  const group = readCount(inside, 'group', 0, MAX_GROUPS - 1);
  const fingerprint = readDigest(inside, 'fingerprint');
  const answeredAt = readTimeOf(inside, 'answered at');
  const envelopeDer = Uint8Array.from(inside.readOctetString('envelope'));
  inside.end('answer');
  return { challengeDigest, sealId, group, fingerprint, answeredAt, envelopeDer };
}
