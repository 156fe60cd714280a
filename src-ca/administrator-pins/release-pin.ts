/**
 * Unlock (解锁): an approved request and its code set the administrator PIN of one key free for one deed. The tool sets the new user PIN with it and puts
 * the next PIN in its place; the completion, signed by the key where it can sign, makes the next one the one in force.
 */
import type { AdministratorPinRelease } from '#shared/contract/rest/keys.ts';
import type { KeyChallenge, RequestConfirmation } from '#shared/contract/rest/certificates.ts';
import { fromBase64 } from '#shared/bytes/base64.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { assert } from '#shared/errors/assert.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Caller } from '../caller.ts';
import type { ChallengeRecords } from '../challenges/challenge-port.ts';
import { makeChallenge, readAnswer, takeAnswer, type ReadAnswer } from '../challenges/key-challenges.ts';
import { spendRequestCode, type SpendRequestCodePorts } from '../codes/spend-request-code.ts';
import type { CertificateRecords, CertificateRow } from '../issuance/issuance-port.ts';
import { callOnce, type OncePorts } from '../once/call-once.ts';
import type { OnceCall } from '../once/idempotency-port.ts';
import { followRequests } from '../orders/follow-requests.ts';
import type { OrderRecords } from '../orders/order-port.ts';
import { moveRequest, tool, type MovePorts, type MoveScope } from '../requests/move-request.ts';
import type { RequestRecords, RequestRow } from '../requests/request-port.ts';
import { nextRequestState } from '../requests/request-transitions.ts';
import { KeptRefusal, type Transactions } from '../transactions.ts';
import type { AdministratorPinReleaseRow, AdministratorPinRow } from './administrator-pin-port.ts';
import { hasWritingOn, putNextInForce, type DepositPorts, type DepositScope } from './deposit-pin.ts';
import { newAdministratorPin } from './new-administrator-pin.ts';
import { unwrapPin, wrapPin } from './wrapped-pins.ts';

interface Scope extends DepositScope, MoveScope {
  readonly audit: DepositScope['audit'];
  readonly orders: OrderRecords;
  readonly challenges: ChallengeRecords;
}

export interface ReleasePorts extends Omit<DepositPorts, 'transactions'>, Omit<OncePorts<Scope>, 'transactions'>, MovePorts, SpendRequestCodePorts {
  readonly transactions: OncePorts<Scope>['transactions'] & Transactions<Scope>;
  readonly crypto: CryptoPort;
  readonly service: { readonly publicUrl: string };
}

export interface ReleaseInput {
  /** Null: again, for the deed that has it already. */
  readonly authorizationCode: string | null;
  readonly tokenSerial: string;
  readonly deedId: string;
}

/**
 * First the permission (once, kept with its Idempotency-Key), then the delivery (audited each time): the kept answer holds no PIN.
 * @throws NOT_FOUND, REQUEST_STATE, REQUEST_OTHER_KEY, ADMINISTRATOR_PIN_NONE, ADMINISTRATOR_PIN_NOT_YOURS, ADMINISTRATOR_PIN_OTHER_DEED, ADMINISTRATOR_PIN_REPLACED, CODE_*
 */
export async function releaseAdministratorPin(ports: ReleasePorts, caller: Caller, requestId: string, input: ReleaseInput, once: OnceCall): Promise<AdministratorPinRelease> {
  await callOnce<Scope, { requestId: string }>(ports, once, async (scope) => {
    const request = await ownUnlock(scope.requests, caller, requestId);
    const release = await scope.administratorPins.release(request.id);
    if (release === null) return (await setFree(scope, ports, caller, request, input)) ?? { requestId };
    checkDeed(release, caller, input.deedId);
    return { requestId };
  });
  ports.reachFaultPoint('pin-release:committed');
  return await deliver(ports, caller, requestId, input.deedId);
}

async function setFree(scope: Scope, ports: ReleasePorts, caller: Caller, request: RequestRow, { authorizationCode, tokenSerial, deedId }: ReleaseInput): Promise<KeptRefusal | null> {
  const nowMs = ports.clock().getTime();
  // Before a try is counted: whether there is anything to spend the code on.
  nextRequestState(request.kind, request.state, 'begin-writing', 'tool');
  if (request.tokenSerial !== tokenSerial) throw new AppError('REQUEST_OTHER_KEY', { wanted: 'same' });
  if (!(await hasWritingOn(scope, caller, tokenSerial))) throw new AppError('REQUEST_OTHER_KEY', { wanted: 'own' });
  const pins = (await scope.administratorPins.byToken(tokenSerial)) ?? refuse('ADMINISTRATOR_PIN_NONE');
  if (!(await mayHave(scope, caller, pins))) throw new AppError('ADMINISTRATOR_PIN_NOT_YOURS');
  if (authorizationCode === null) throw new AppError('CODE_NOT_FOR_THIS');
  const refused = await spendRequestCode(scope, ports, request, { code: authorizationCode, tokenSerial }, nowMs);
  if (refused !== null) return refused;
  const moved = await moveRequest(scope, ports, request, { event: 'begin-writing', by: tool(caller), nowMs, changes: { openQuantity: 1 }, tokenSerial });
  await followRequests(scope, moved.orderId);
  if (pins.wrappedNext === null) await scope.administratorPins.save({ ...pins, phase: 'unlock', wrappedNext: wrapPin(ports.keyManagementCentre, tokenSerial, newAdministratorPin()), changedAtMs: nowMs });
  else await scope.administratorPins.save({ ...pins, phase: 'unlock', changedAtMs: nowMs });
  await scope.administratorPins.insertRelease({ requestId: request.id, accountId: caller.accountId, tokenSerial, deedId, state: 'open', deliveries: 0, releasedAtMs: nowMs });
  await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: caller.accountId, event: 'administrator-pin.released', target: tokenSerial, details: { requestId: request.id, deedId } });
  return null;
}

/** Which key was written is the tool's word alone: whoever names the serial number of another's key must not get the PIN that its holder handed over. */
async function mayHave(scope: Scope, caller: Caller, { depositorAccountId }: AdministratorPinRow): Promise<boolean> {
  return depositorAccountId === caller.accountId || (await scope.accounts.byId(depositorAccountId))?.role === 'staff';
}

async function deliver(ports: ReleasePorts, caller: Caller, requestId: string, deedId: string): Promise<AdministratorPinRelease> {
  return await ports.transactions.write(async (scope) => {
    const nowMs = ports.clock().getTime();
    const request = await ownUnlock(scope.requests, caller, requestId);
    const release = await scope.administratorPins.release(requestId);
    if (release === null || request.state !== 'writing' || release.state !== 'open') throw new AppError('REQUEST_STATE', { state: request.state });
    checkDeed(release, caller, deedId);
    const { pins, wrappedNext } = await pinsOfUnlock(scope, release);
    await scope.administratorPins.countDelivery(requestId);
    await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: caller.accountId, event: 'administrator-pin.delivered', target: release.tokenSerial, details: { deed: 'unlock', requestId, deedId, delivery: release.deliveries + 1 } });
    return { requestId, tokenSerial: release.tokenSerial, ...pinsInClear(ports, pins, wrappedNext), proofWanted: (await activeOnKey(scope.certificates, release.tokenSerial, nowMs)).length > 0 };
  });
}

/**
 * A key has one unlock that is being written, so the phase says whether the PINs are still those that it got: a deposit by staff in the meantime has put others in their place.
 * @throws ADMINISTRATOR_PIN_REPLACED
 */
async function pinsOfUnlock(scope: Scope, { tokenSerial }: AdministratorPinReleaseRow): Promise<{ pins: AdministratorPinRow; wrappedNext: Buffer }> {
  const pins = await scope.administratorPins.byToken(tokenSerial);
  if (pins?.phase !== 'unlock') throw new AppError('ADMINISTRATOR_PIN_REPLACED');
  assert(pins.wrappedNext, 'an unlock has a next PIN');
  return { pins, wrappedNext: pins.wrappedNext };
}

function pinsInClear({ keyManagementCentre }: ReleasePorts, { tokenSerial, wrappedCurrent }: AdministratorPinRow, wrappedNext: Buffer): { administratorPin: string | null; nextAdministratorPin: string } {
  return {
    administratorPin: wrappedCurrent === null ? null : unwrapPin(keyManagementCentre, tokenSerial, wrappedCurrent),
    nextAdministratorPin: unwrapPin(keyManagementCentre, tokenSerial, wrappedNext),
  };
}

/** For the newest certificate on the key that is being unlocked. @throws REQUEST_STATE, CERTIFICATE_STATE when it has none that is active */
export async function challengeForUnlock(ports: ReleasePorts, caller: Caller, request: RequestRow): Promise<KeyChallenge> {
  if (request.state !== 'writing' || request.tokenSerial === null) throw new AppError('REQUEST_STATE', { state: request.state });
  const { tokenSerial } = request;
  return await ports.transactions.write(async (scope) => {
    const nowMs = ports.clock().getTime();
    const [newest] = await activeOnKey(scope.certificates, tokenSerial, nowMs);
    if (newest === undefined) throw new AppError('CERTIFICATE_STATE', { reason: 'no active certificate on the key' });
    return await makeChallenge(scope.challenges, ports.service.publicUrl, { purpose: 'unlock', certificateDer: newest.certificateDer, accountId: caller.accountId, requestId: request.id }, nowMs);
  });
}

export interface UnlockCompletion {
  readonly deedId: string;
  readonly proof: { readonly challengeId: string; readonly signature: string } | null;
}

/** Again after completion, by the same deed: the same answer. @throws NOT_FOUND, REQUEST_STATE, ADMINISTRATOR_PIN_OTHER_DEED, ADMINISTRATOR_PIN_REPLACED, UNLOCK_PROOF_MISSING, CHALLENGE_* */
export async function completeUnlock(ports: ReleasePorts, caller: Caller, requestId: string, { deedId, proof }: UnlockCompletion): Promise<RequestConfirmation> {
  const { request, release } = await ports.transactions.read(async (scope) => ({ request: await ownUnlock(scope.requests, caller, requestId), release: await scope.administratorPins.release(requestId) }));
  if (release === null) throw new AppError('REQUEST_STATE', { state: request.state });
  checkDeed(release, caller, deedId);
  if (request.state === 'completed') return { requestId, state: request.state, certificates: [] };
  const answer = proof === null ? null : await readAnswer(ports, { purpose: 'unlock', accountId: caller.accountId, requestId }, { challengeId: proof.challengeId, signature: fromBase64(proof.signature) });
  const confirmation = await ports.transactions.write(async (scope) => {
    const nowMs = ports.clock().getTime();
    const now = (await scope.requests.byId(requestId)) ?? request;
    nextRequestState(now.kind, now.state, 'finish-writing', 'tool');
    const { pins } = await pinsOfUnlock(scope, release);
    const refused = await checkProof(scope, release, answer, nowMs);
    if (refused !== null) return refused;
    await scope.administratorPins.save(putNextInForce(pins, nowMs));
    await scope.administratorPins.finishRelease(requestId);
    const moved = await moveRequest(scope, ports, now, { event: 'finish-writing', by: tool(caller), nowMs, changes: { openQuantity: 0, writtenQuantity: 1 }, tokenSerial: release.tokenSerial });
    await followRequests(scope, moved.orderId);
    await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: caller.accountId, event: 'administrator-pin.confirmed', target: release.tokenSerial, details: { deed: 'unlock', requestId, provenByKey: answer !== null } });
    ports.reachFaultPoint('unlock-completion:in-transaction');
    return { requestId, state: moved.state, certificates: [] };
  });
  ports.reachFaultPoint('unlock-completion:committed');
  return confirmation;
}

/** A key with an active certificate can sign, so it must: the completion is then no mere word of the tool. */
async function checkProof(scope: Scope, release: AdministratorPinReleaseRow, answer: ReadAnswer | null, nowMs: number): Promise<KeptRefusal | null> {
  const active = await activeOnKey(scope.certificates, release.tokenSerial, nowMs);
  if (active.length === 0) return null;
  if (answer === null) throw new AppError('UNLOCK_PROOF_MISSING');
  const refused = await takeAnswer(scope.challenges, answer, nowMs);
  if (refused !== null) return refused;
  return active.some(({ sha256Hex }) => sha256Hex === answer.row.certificateSha256) ? null : new KeptRefusal(new AppError('CHALLENGE_SIGNATURE'));
}

/** Active signing certificates on a key, the newest first. */
export async function activeOnKey(certificates: CertificateRecords, tokenSerial: string, nowMs: number): Promise<CertificateRow[]> {
  const all = await certificates.onToken(tokenSerial);
  return all.filter(({ state, notBeforeMs, notAfterMs }) => state === 'active' && notBeforeMs <= nowMs && nowMs <= notAfterMs);
}

async function ownUnlock(requests: RequestRecords, caller: Caller, requestId: string): Promise<RequestRow> {
  const request = await requests.byId(requestId);
  return request !== null && request.accountId === caller.accountId && request.kind === 'unlock' ? request : refuse('NOT_FOUND', { what: 'unlock request' });
}

function checkDeed(release: AdministratorPinReleaseRow, caller: Caller, deedId: string): void {
  if (release.accountId !== caller.accountId || release.deedId !== deedId) throw new AppError('ADMINISTRATOR_PIN_OTHER_DEED');
}
