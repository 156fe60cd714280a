/**
 * The steps by which certificates come onto a key, shared by new issue, renewal, change and reissue. With the same keys (renewal and change may keep them) the
 * deed's container is the one with the old certificates, and the steps that make or bring keys are not in its plan.
 */
import { fromBase64, toBase64 } from '#shared/bytes/base64.ts';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { DeedFacts } from '../../journal/deed-record.ts';
import type { KeyContainer } from '../../token/token-port.ts';
import { checkIssuedPair, type CheckedPair } from '../issued-pair.ts';
import { answerChallenge, proveDecryption, proveSigning } from '../prove-keys.ts';
import { startIssuance } from '../start-issuance.ts';
import { containerOf, openIssuance, openSession, signPublicKey, type StepContext } from './step-context.ts';

/** The authorization code is spent on this key; a start that arrived before is taken up instead. */
export async function start(context: StepContext): Promise<DeedFacts> {
  const { issuance, containerId } = await startIssuance(context.deed, context.secrets.authorizationCode, openSession(context), context.ports);
  context.issuance = issuance;
  return { issuanceId: issuance.id, containerId, codeNeeded: false };
}

/** The signing key pair is born on the token. Answers the one that is there, when a kill came between key and journal. */
export async function generateKey(context: StepContext): Promise<DeedFacts> {
  await openSession(context).generateSigningKeyPair(context.deed.containerId, context.deed.keyAlgorithm);
  return {};
}

/** Asks for the certificates with a request signed by the token, and checks them before anything of them is written. */
export async function requestCertificates(context: StepContext): Promise<DeedFacts> {
  const { ports, deed } = context;
  const publicKeySpkiDer = await signPublicKey(context);
  const csrDer = await requestFor(context, publicKeySpkiDer);
  // Kept before it is sent: the same request goes out again after a kill, and a person can check it later.
  context.deed = ports.journal.note(deed.id, { csrDer });
  context.issuance = await ports.ca.submitCsr({ params: { issuanceId: openIssuance(context).id }, body: { csrDer: toBase64(csrDer) } });
  const pair = await checkedPair(context);
  return { signCertificateSha256Hex: pair.signSha256Hex, encryptionCertificateSha256Hex: pair.encryptionSha256Hex };
}

/** The request of the journal, when it is of this key; else a new one, whose signature is checked in software before it leaves. */
async function requestFor(context: StepContext, publicKeySpkiDer: Uint8Array): Promise<Uint8Array> {
  const { ports, deed } = context;
  if (deed.csrDer) {
    const kept = await ports.certificates.verifyRequest(deed.csrDer);
    if (equalBytes(kept.publicKeySpkiDer, publicKeySpkiDer)) return deed.csrDer;
  }
  const session = openSession(context);
  const csrDer = await ports.certificates.makeRequest(fromBase64(openIssuance(context).csrSubjectDer), publicKeySpkiDer, deed.keyAlgorithm, (message) => session.sign(deed.containerId, 'sign', message));
  await ports.certificates.verifyRequest(csrDer);
  return csrDer;
}

/** The encryption key comes enveloped and is opened inside the token. */
export async function importKeys(context: StepContext): Promise<DeedFacts> {
  const { source, encryptionPublicKeySpkiDer } = await checkedPair(context);
  if (!source.envelopedEncryptionKey) throw new AppError('ISSUED_PAIR_INVALID', { reason: 'envelope-missing' });
  await openSession(context).importEncryptionKey(context.deed.containerId, source.envelopedEncryptionKey, encryptionPublicKeySpkiDer);
  return {};
}

/** With the same keys this takes the place of the old certificates, which the journal keeps for giving up. */
export async function importCertificates(context: StepContext): Promise<DeedFacts> {
  const pair = await checkedPair(context);
  const { deed } = context;
  const session = openSession(context);
  await session.importCertificate(deed.containerId, 'sign', pair.signCertificateDer);
  await session.importCertificate(deed.containerId, 'encrypt', pair.encryptionCertificateDer);
  requireSameCertificates(await containerOf(context), pair);
  return {};
}

/** Both keys are used on the token and checked in software; what the driver reads back is compared byte by byte. */
export async function proveKeys(context: StepContext): Promise<DeedFacts> {
  const { ports, deed } = context;
  const pair = await checkedPair(context);
  requireSameCertificates(await containerOf(context), pair);
  const keys = { session: openSession(context), containerId: deed.containerId, algorithm: deed.keyAlgorithm };
  await proveSigning(keys, await signPublicKey(context), ports.crypto);
  await proveDecryption(keys, pair.encryptionPublicKeySpkiDer, ports.crypto);
  return {};
}

/** Proves to the CA, which cannot see the token; only then the new pair becomes active, and in the same moment the old one ends. */
export async function completeIssuance(context: StepContext): Promise<DeedFacts> {
  const { ports, deed } = context;
  const pair = await checkedPair(context);
  const issuance = openIssuance(context);
  const keys = { session: openSession(context), containerId: deed.containerId, algorithm: deed.keyAlgorithm };
  const proof = await answerChallenge(keys, issuance.id, pair.source.challenge, ports.crypto);
  context.issuance = await ports.ca.completeIssuance({ params: { issuanceId: issuance.id }, body: proof });
  return { remainingQuantity: context.issuance.remainingQuantity };
}

/** The pair of the issuance, found right for this key, and the same as in earlier runs. @throws ISSUED_PAIR_INVALID, KEY_NOT_FOUND */
export async function checkedPair(context: StepContext): Promise<CheckedPair> {
  context.pair ??= await checkIssuedPair(openIssuance(context), await keysOnToken(context), context.ports);
  const { signCertificateSha256Hex, encryptionCertificateSha256Hex } = context.deed;
  // The journal remembers what was issued: another pair for the same issuance is not to be had.
  if (signCertificateSha256Hex !== null && signCertificateSha256Hex !== context.pair.signSha256Hex) throw new AppError('ISSUED_PAIR_INVALID', { reason: 'changed' });
  if (encryptionCertificateSha256Hex !== null && encryptionCertificateSha256Hex !== context.pair.encryptionSha256Hex) throw new AppError('ISSUED_PAIR_INVALID', { reason: 'changed' });
  return context.pair;
}

/** Which keys the certificates have to be of. With the same keys the encryption key is on the token already, and a certificate of any other one is wrong. */
async function keysOnToken(context: StepContext): Promise<{ readonly signSpkiDer: Uint8Array; readonly keptEncryptionSpkiDer: Uint8Array | null }> {
  const signSpkiDer = await signPublicKey(context);
  if (context.deed.plan !== 'same-keys') return { signSpkiDer, keptEncryptionSpkiDer: null };
  const { encrypt } = await containerOf(context);
  if (!encrypt.hasPrivateKey || !encrypt.publicKeySpkiDer) throw new AppError('KEY_NOT_FOUND', { containerId: context.deed.containerId, purpose: 'encrypt' });
  return { signSpkiDer, keptEncryptionSpkiDer: encrypt.publicKeySpkiDer };
}

function requireSameCertificates(container: KeyContainer, pair: CheckedPair): void {
  const same = (read: Uint8Array | null, written: Uint8Array) => read !== null && equalBytes(read, written);
  if (!same(container.sign.certificateDer, pair.signCertificateDer)) throw new AppError('KEY_PROOF_FAILED', { purpose: 'sign', reason: 'certificate-read-back' });
  if (!same(container.encrypt.certificateDer, pair.encryptionCertificateDer)) throw new AppError('KEY_PROOF_FAILED', { purpose: 'encrypt', reason: 'certificate-read-back' });
}
