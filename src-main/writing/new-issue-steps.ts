/**
 * The steps of a new issue after the start, in the order of docs/issuance.md. Rule: a step may be carried out again from its beginning at
 * any time – after a kill nobody knows how far it came – and then finds or repeats its own effect, on the key and at the CA.
 */
import type { Issuance } from '#shared/contract/rest/issuances.ts';
import type { NewIssueStep } from '#shared/contract/desktop/deeds.ts';
import { fromBase64, toBase64 } from '#shared/bytes/base64.ts';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { assert } from '#shared/errors/assert.ts';
import type { DeedFacts, DeedRecord } from '../journal/deed-record.ts';
import type { KeyContainer, TokenSession } from '../token/token-port.ts';
import { checkIssuedPair, type CheckedPair } from './issued-pair.ts';
import type { WritingPorts } from './ports.ts';
import { answerChallenge, proveDecryption, proveSigning } from './prove-keys.ts';

/** What a step works with. `issuance` is the service's view, renewed by the steps that change it. */
export interface StepContext {
  readonly ports: WritingPorts;
  readonly session: TokenSession;
  deed: DeedRecord;
  issuance: Issuance;
  /** Checked once per run; certificates of an issuance never change. */
  pair: CheckedPair | null;
}

/** Does the step and answers what the journal has to keep of it. */
type Step = (context: StepContext) => Promise<DeedFacts>;

export const STEPS_AFTER_START: Readonly<Record<Exclude<NewIssueStep, 'start'>, Step>> = {
  generate: generateKey,
  request: requestCertificates,
  'import-keys': importKeys,
  'import-certificates': importCertificates,
  prove: proveKeys,
  complete: completeIssuance,
};

/** The signing key pair is born on the token. Answers the one that is there, when a kill came between key and journal. */
async function generateKey({ session, deed }: StepContext): Promise<DeedFacts> {
  await session.generateSigningKeyPair(deed.containerId, deed.keyAlgorithm);
  return {};
}

/** Asks for the certificates with a request signed by the token, and checks them before anything of them is written. */
async function requestCertificates(context: StepContext): Promise<DeedFacts> {
  const { ports, deed } = context;
  const publicKeySpkiDer = await signPublicKey(context);
  const csrDer = await requestFor(context, publicKeySpkiDer);
  // Kept before it is sent: the same request goes out again after a kill, and a person can check it later.
  context.deed = ports.journal.note(deed.id, { csrDer });
  context.issuance = await ports.ca.submitCsr({ params: { issuanceId: context.issuance.id }, body: { csrDer: toBase64(csrDer) } });
  const pair = await checkedPair(context);
  return { signCertificateSha256Hex: pair.signSha256Hex, encryptionCertificateSha256Hex: pair.encryptionSha256Hex };
}

/** The request of the journal, when it is of this key; else a new one, whose signature is checked in software before it leaves. */
async function requestFor({ ports, session, deed, issuance }: StepContext, publicKeySpkiDer: Uint8Array): Promise<Uint8Array> {
  if (deed.csrDer) {
    const kept = await ports.certificates.verifyRequest(deed.csrDer);
    if (equalBytes(kept.publicKeySpkiDer, publicKeySpkiDer)) return deed.csrDer;
  }
  const csrDer = await ports.certificates.makeRequest(fromBase64(issuance.csrSubjectDer), publicKeySpkiDer, deed.keyAlgorithm, (message) => session.sign(deed.containerId, 'sign', message));
  await ports.certificates.verifyRequest(csrDer);
  return csrDer;
}

/** The encryption key comes enveloped and is opened inside the token. */
async function importKeys(context: StepContext): Promise<DeedFacts> {
  const pair = await checkedPair(context);
  assert(pair.source.envelopedEncryptionKey, 'a checked pair of a new issue has its envelope');
  await context.session.importEncryptionKey(context.deed.containerId, pair.source.envelopedEncryptionKey, pair.encryptionPublicKeySpkiDer);
  return {};
}

async function importCertificates(context: StepContext): Promise<DeedFacts> {
  const pair = await checkedPair(context);
  const { session, deed } = context;
  await session.importCertificate(deed.containerId, 'sign', pair.signCertificateDer);
  await session.importCertificate(deed.containerId, 'encrypt', pair.encryptionCertificateDer);
  requireSameCertificates(await containerOf(context), pair);
  return {};
}

/** Both keys are used on the token and checked in software; what the driver reads back is compared byte by byte. */
async function proveKeys(context: StepContext): Promise<DeedFacts> {
  const { ports, session, deed } = context;
  const pair = await checkedPair(context);
  requireSameCertificates(await containerOf(context), pair);
  const keys = { session, containerId: deed.containerId, algorithm: deed.keyAlgorithm };
  await proveSigning(keys, await signPublicKey(context), ports.crypto);
  await proveDecryption(keys, pair.encryptionPublicKeySpkiDer, ports.crypto);
  return {};
}

/** Proves to the CA, which cannot see the token; only then the pair becomes active. */
async function completeIssuance(context: StepContext): Promise<DeedFacts> {
  const { ports, session, deed } = context;
  const pair = await checkedPair(context);
  const keys = { session, containerId: deed.containerId, algorithm: deed.keyAlgorithm };
  const proof = await answerChallenge(keys, context.issuance.id, pair.source.challenge, ports.crypto);
  context.issuance = await ports.ca.completeIssuance({ params: { issuanceId: context.issuance.id }, body: proof });
  return { remainingQuantity: context.issuance.remainingQuantity };
}

async function checkedPair(context: StepContext): Promise<CheckedPair> {
  context.pair ??= await checkIssuedPair(context.issuance, await signPublicKey(context), context.ports);
  const { signCertificateSha256Hex, encryptionCertificateSha256Hex } = context.deed;
  // The journal remembers what was issued: another pair for the same issuance is not to be had.
  if (signCertificateSha256Hex !== null && signCertificateSha256Hex !== context.pair.signSha256Hex) throw new AppError('ISSUED_PAIR_INVALID', { reason: 'changed' });
  if (encryptionCertificateSha256Hex !== null && encryptionCertificateSha256Hex !== context.pair.encryptionSha256Hex) throw new AppError('ISSUED_PAIR_INVALID', { reason: 'changed' });
  return context.pair;
}

async function containerOf({ session, deed }: StepContext): Promise<KeyContainer> {
  const container = await session.readContainer(deed.containerId);
  if (!container) throw new AppError('CONTAINER_NOT_FOUND', { containerId: deed.containerId });
  return container;
}

async function signPublicKey(context: StepContext): Promise<Uint8Array> {
  const { sign } = await containerOf(context);
  if (!sign.hasPrivateKey || !sign.publicKeySpkiDer) throw new AppError('KEY_NOT_FOUND', { containerId: context.deed.containerId, purpose: 'sign' });
  return sign.publicKeySpkiDer;
}

function requireSameCertificates(container: KeyContainer, pair: CheckedPair): void {
  const same = (read: Uint8Array | null, written: Uint8Array) => read !== null && equalBytes(read, written);
  if (!same(container.sign.certificateDer, pair.signCertificateDer)) throw new AppError('KEY_PROOF_FAILED', { purpose: 'sign', reason: 'certificate-read-back' });
  if (!same(container.encrypt.certificateDer, pair.encryptionCertificateDer)) throw new AppError('KEY_PROOF_FAILED', { purpose: 'encrypt', reason: 'certificate-read-back' });
}
