/**
 * Old encryption keys: room for a new pair beside them, proof that they still open what was sealed to them, what the person wants to be done with the old pair,
 * and old keys that come back from escrow. Rule: what could be decrypted before the deed can be decrypted after it; an old key goes only when the person said
 * so, only after the new pair is active, and only when its certificate's CA keeps it in escrow.
 */
import type { RestorableKey } from '#shared/contract/rest/issuances.ts';
import { fromBase64, toBase64 } from '#shared/bytes/base64.ts';
import { concatBytes, equalBytes } from '#shared/bytes/byte-strings.ts';
import { toHex } from '#shared/bytes/hex.ts';
import type { EnvelopedEncryptionKey } from '#shared/contract/rest/issuances.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { DeedFacts } from '../../journal/deed-record.ts';
import type { CertificateFacts } from '../ports.ts';
import { proveDecryption } from '../prove-keys.ts';
import { startKeyRecovery } from '../start-key-recovery.ts';
import { checkedPair } from './certificate-steps.ts';
import { containerOf, notePlan, openIssuance, openSession, type StepContext } from './step-context.ts';

/** Takes away what the person agreed to at the start, then asks the key whether the new pair fits. A key that does not tell is tried. @throws TOKEN_FULL */
export async function makeRoom(context: StepContext): Promise<DeedFacts> {
  const { deed, ports, ref } = context;
  for (const containerId of deed.planFacts.removeFirst ?? []) await openSession(context).deleteContainer(containerId);
  const { furtherPairs } = await ports.tokens.room(ref);
  // The pair that this deed made before it was stopped is there already.
  const begun = (await openSession(context).readContainer(deed.containerId)) !== null;
  if (furtherPairs[deed.keyAlgorithm] === 0 && !begun) throw new AppError('TOKEN_FULL', { furtherPairs: 0 });
  return {};
}

/** The old encryption key, used once more: it opens what is sealed to its certificate. @throws KEY_NOT_FOUND, KEY_PROOF_FAILED */
export async function keepHistory(context: StepContext): Promise<DeedFacts> {
  const { oldContainerId, oldPair } = context.deed.planFacts;
  if (oldContainerId == null || oldPair === 'keep-none') return {};
  const { encrypt } = await containerOf(context, oldContainerId);
  if (!encrypt.certificateDer) throw new AppError('KEY_NOT_FOUND', { containerId: oldContainerId, purpose: 'encrypt' });
  await proveOldKey(context, oldContainerId, context.ports.certificates.readCertificate(encrypt.certificateDer));
  return {};
}

/** Only now, with the new pair active, anything of the old one may go. */
export async function tidyOldPair(context: StepContext): Promise<DeedFacts> {
  const { oldContainerId, oldPair } = context.deed.planFacts;
  if (oldContainerId != null && oldPair === 'keep-none') await openSession(context).deleteContainer(oldContainerId);
  return {};
}

/** Reissue: every old key that the service has released for this issuance. The new signing key vouches for the key of the token that each is enveloped for. */
export async function restoreHistoryOfIssuance(context: StepContext): Promise<DeedFacts> {
  const { source } = await checkedPair(context);
  const issuanceId = openIssuance(context).id;
  await restoreAll(context, source.restorableKeys, { id: issuanceId, signingContainerId: context.deed.containerId, ask: (serialHex, body) => context.ports.ca.restoreKeyOnIssuance({ params: { issuanceId, serialHex }, body }) });
  return {};
}

/** Key recovery: begins it at the service, or finds it begun. */
export async function startRecovery(context: StepContext): Promise<DeedFacts> {
  const { recovery, containerId } = await startKeyRecovery(context.deed, context.secrets.authorizationCode, openSession(context), context.ports);
  context.recovery = recovery;
  return { containerId, codeNeeded: false };
}

/** Key recovery: the same, vouched for by the signing key of the working pair. */
export async function restoreHistoryOfRequest(context: StepContext): Promise<DeedFacts> {
  const { requestId, containerId } = context.deed;
  await restoreAll(context, await restorableOf(context), { id: requestId, signingContainerId: containerId, ask: (serialHex, body) => context.ports.ca.restoreKeyOnRequest({ params: { requestId, serialHex }, body }) });
  return {};
}

/** Every restored key opens what is sealed to its certificate. */
export async function proveHistory(context: StepContext): Promise<DeedFacts> {
  for (const key of await restorableOf(context)) {
    const facts = context.ports.certificates.readCertificate(fromBase64(key.certificateDer));
    const containerId = await holderOf(context, facts);
    if (containerId === null) throw new AppError('KEY_NOT_FOUND', { certificateSerialHex: key.certificateSerialHex, purpose: 'encrypt' });
    await proveOldKey(context, containerId, facts);
  }
  return {};
}

export async function completeRecovery(context: StepContext): Promise<DeedFacts> {
  await context.ports.ca.completeKeyRecovery({ params: { requestId: context.deed.requestId } });
  return {};
}

async function restorableOf(context: StepContext): Promise<readonly RestorableKey[]> {
  context.recovery ??= await context.ports.ca.getKeyRecovery({ params: { requestId: context.deed.requestId } });
  return context.recovery.restorableKeys;
}

/** Under what a restoration runs: an issuance or a request. */
interface RestoredUnder {
  readonly id: string;
  readonly signingContainerId: string;
  ask(serialHex: string, body: { openingPublicKeySpkiDer: string; signature: string }): Promise<{ readonly envelopedEncryptionKey: EnvelopedEncryptionKey }>;
}

async function restoreAll(context: StepContext, keys: readonly RestorableKey[], under: RestoredUnder): Promise<void> {
  for (const key of keys) await restoreKey(context, key, under);
}

/** A key that is on the token already stays as it is. The container's name comes from the certificate, so that a restoration that was cut off is found again. */
async function restoreKey(context: StepContext, key: RestorableKey, under: RestoredUnder): Promise<void> {
  const { ports, deed } = context;
  const session = openSession(context);
  const certificateDer = fromBase64(key.certificateDer);
  const facts = ports.certificates.readCertificate(certificateDer);
  const there = await holderOf(context, facts);
  if (there !== null) return void (await proveOldKey(context, there, facts));
  const containerId = toHex(ports.crypto.digest('sha-256', certificateDer)).slice(0, 32);
  // Named before it is made: giving up takes away what the deed has made, and nothing else.
  if (!(deed.planFacts.restored ?? []).includes(containerId)) notePlan(context, { restored: [...(deed.planFacts.restored ?? []), containerId] });
  const opening = await session.historyOpeningKey(containerId, deed.keyAlgorithm);
  const message = concatBytes(new TextEncoder().encode(`BidKey restore v1\0${under.id}\0${key.certificateSerialHex}\0`), ports.crypto.digest('sha-256', opening.publicKeySpkiDer));
  const signature = await session.sign(under.signingContainerId, 'sign', message);
  const { envelopedEncryptionKey } = await under.ask(key.certificateSerialHex, { openingPublicKeySpkiDer: toBase64(opening.publicKeySpkiDer), signature: toBase64(signature) });
  await session.importHistoryKey(containerId, envelopedEncryptionKey, facts.publicKeySpkiDer, certificateDer);
  await proveOldKey(context, containerId, facts);
  ports.log.info('old encryption key restored', { deedId: deed.id, certificateSerialHex: key.certificateSerialHex });
}

/** The container in which that encryption key works, with its certificate. */
async function holderOf(context: StepContext, { publicKeySpkiDer }: CertificateFacts): Promise<string | null> {
  const containers = await openSession(context).listContainers();
  const holder = containers.find(({ encrypt }) => encrypt.hasPrivateKey && encrypt.certificateDer !== null && encrypt.publicKeySpkiDer !== null && equalBytes(encrypt.publicKeySpkiDer, publicKeySpkiDer));
  return holder?.containerId ?? null;
}

async function proveOldKey(context: StepContext, containerId: string, { publicKeySpkiDer, keyAlgorithm }: CertificateFacts): Promise<void> {
  await proveDecryption({ session: openSession(context), containerId, algorithm: keyAlgorithm ?? context.deed.keyAlgorithm }, publicKeySpkiDer, context.ports.crypto);
}
