/**
 * Unlock: the service gives out the administrator PIN of this key for this deed, the key gets a new user PIN with it, and another administrator PIN. Order and why:
 * docs/deeds.md. The administrator PINs are in memory for one run only; after a kill the same deed gets them again.
 */
import { randomUUID } from 'node:crypto';
import { fromBase64, toBase64 } from '#shared/bytes/base64.ts';
import { toHex } from '#shared/bytes/hex.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { DeedFacts } from '../../journal/deed-record.ts';
import type { KeyContainer, TokenSession } from '../../token/token-port.ts';
import { askAdministrator, rotateAdministratorPin } from '../administrator-pin.ts';
import { checkedChallenge } from '../../session/key-signature.ts';
import { passPinGate, pinBytes } from '../pin-gate.ts';
import { proveDecryption, proveSigning } from '../prove-keys.ts';
import { notePlan, type ReleasedPins, type StepContext } from './step-context.ts';

/** The code is spent on this key. A release that arrived before is found again without a code. */
export async function releasePins(context: StepContext): Promise<DeedFacts> {
  await releasedPins(context);
  return { codeNeeded: false };
}

/** Repeats safely: until the administrator PIN is rotated, the one that was given out fits, and the new user PIN is simply set again. */
export async function unblockUserPin(context: StepContext): Promise<DeedFacts> {
  const { current, next } = await releasedPins(context);
  const { newPin } = context.secrets;
  if (newPin === null) throw new AppError('DEED_NEW_PIN_NEEDED');
  // A change that was cut off, and then the new user PIN was forgotten: tries with the wrong one of the two would lock the administrator PIN.
  if (context.deed.planFacts.administratorPin === 'unknown') await rotateAdministratorPin(context, { current, next, currentFits: true });
  const { administratorPin: known, administratorPinRefused } = context.deed.planFacts;
  // An unlock that was ended may have put the next one there. One wrong try per run: the next one is tried by the run that the person agrees to after the refusal.
  const nextMayFit = known === undefined && administratorPinRefused === true && context.secrets.administratorPin === null;
  const rotated = known === 'next' || nextMayFit;
  await askAdministrator(context, () => context.ports.tokens.unblockPin(context.ref, pinBytes(rotated ? next : current), pinBytes(newPin)));
  if (nextMayFit) notePlan(context, { administratorPin: 'next' });
  return {};
}

export async function rotateAfterUnblock(context: StepContext): Promise<DeedFacts> {
  const { current, next } = await releasedPins(context);
  // `unblock` has shown that the current one fits, or the next one is there from a run that was cut off.
  await rotateAdministratorPin(context, { current, next, currentFits: true });
  return {};
}

/** The person's new PIN opens the key, and every pair on it still signs and decrypts. */
export async function proveUnlocked(context: StepContext): Promise<DeedFacts> {
  const session = await openWithNewPin(context);
  for (const container of await session.listContainers()) await proveContainer(context, session, container);
  return {};
}

export async function completeUnlock(context: StepContext): Promise<DeedFacts> {
  const { ports, deed } = context;
  const { proofWanted } = await releasedPins(context);
  const proof = proofWanted ? await signChallenge(context) : null;
  await ports.ca.completeUnlock({ params: { requestId: deed.requestId }, body: { deedId: deed.id, rotated: true, proof } });
  return { remainingQuantity: 0 };
}

async function releasedPins(context: StepContext): Promise<ReleasedPins> {
  if (context.released) return context.released;
  const { deed, ports, secrets } = context;
  const released = await ports.ca.releaseAdministratorPin({
    // Nothing is spent twice: the service knows the deed. A key of its own for each call, so that no answer with PINs has to be kept for it.
    idempotencyKey: randomUUID(),
    params: { requestId: deed.requestId }, body: { authorizationCode: secrets.authorizationCode, tokenSerial: deed.tokenSerial, deedId: deed.id },
  });
  if (released.tokenSerial !== deed.tokenSerial) throw new AppError('REQUEST_OTHER_KEY', { tokenSerial: released.tokenSerial });
  const current = released.administratorPin ?? secrets.administratorPin ?? ports.factoryAdministratorPin(context.ref);
  if (current === null) throw new AppError('ADMINISTRATOR_PIN_NEEDED');
  context.released = { current, next: released.nextAdministratorPin, proofWanted: released.proofWanted };
  return context.released;
}

/** The session stays open for the completion. A wrong PIN is not tried again: the person is asked. */
async function openWithNewPin(context: StepContext): Promise<TokenSession> {
  if (context.session) return context.session;
  const { newPin } = context.secrets;
  if (newPin === null) throw new AppError('DEED_NEW_PIN_NEEDED');
  await context.ports.tokens.list();
  passPinGate((await context.ports.tokens.get(context.ref)).pin, context.confirmedFewTries);
  context.session = await context.ports.tokens.logIn(context.ref, pinBytes(newPin));
  return context.session;
}

/** Containers of other programs may hold keys for uses of their own: those are left alone. */
async function proveContainer({ ports }: StepContext, session: TokenSession, { containerId, sign, encrypt }: KeyContainer): Promise<void> {
  if (!/^[0-9a-f]{32}$/.test(containerId)) return;
  for (const [side, prove] of [[sign, proveSigning], [encrypt, proveDecryption]] as const) {
    if (!side.hasPrivateKey || !side.certificateDer) continue;
    const { publicKeySpkiDer, keyAlgorithm } = ports.certificates.readCertificate(side.certificateDer);
    if (keyAlgorithm !== null) await prove({ session, containerId, algorithm: keyAlgorithm }, publicKeySpkiDer, ports.crypto);
  }
}

/** Signed by the key of a certificate that the service has as active; which one, the challenge names by its digest. @throws KEY_NOT_FOUND, KEY_CHALLENGE_REFUSED */
async function signChallenge(context: StepContext): Promise<{ challengeId: string; signature: string }> {
  const { ports, deed, ref } = context;
  const session = await openWithNewPin(context);
  const challenge = await ports.ca.createRequestChallenge({ params: { requestId: deed.requestId } });
  const named = digestIn(fromBase64(challenge.message));
  const certificate = (await ports.tokens.get(ref)).certificates.find((one) => one.purpose === 'sign' && one.sha256Hex === named);
  if (!certificate) throw new AppError('KEY_NOT_FOUND', { purpose: 'sign' });
  const message = checkedChallenge(challenge, 'unlock', ports.serviceOrigin(), certificate);
  return { challengeId: challenge.challengeId, signature: toBase64(await session.sign(certificate.containerId, 'sign', message)) };
}

/** SHA-256 of the certificate that a challenge is for: before its 32 random bytes. */
const digestIn = (message: Uint8Array) => toHex(message.subarray(Math.max(0, message.length - 64), Math.max(0, message.length - 32)));
