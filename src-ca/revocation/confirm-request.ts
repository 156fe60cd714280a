/**
 * The holder's own word: a revocation or suspension confirmed by the certificate's own signing key, or by the code that was sent for it; done at once,
 * on the whole pair. A release is never confirmed by the key: the one who found a lost key has it, too.
 */
import { fromBase64 } from '#shared/bytes/base64.ts';
import type { KeyChallenge, RequestConfirmation } from '#shared/contract/rest/certificates.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { Caller } from '../caller.ts';
import { certificateView } from '../certificates/read-certificates.ts';
import type { ChallengeRecords } from '../challenges/challenge-port.ts';
import { makeChallenge, readAnswer, takeAnswer } from '../challenges/key-challenges.ts';
import type { Clock } from '../clock.ts';
import { spendRequestCode, type SpendRequestCodePorts } from '../codes/spend-request-code.ts';
import type { ReachFaultPoint } from '../issuance/fault-points.ts';
import type { CertificateRow } from '../issuance/issuance-port.ts';
import { callOnce, type OncePorts } from '../once/call-once.ts';
import type { OnceCall } from '../once/idempotency-port.ts';
import { applicant, moveRequest, tool, type MovePorts, type MoveScope, type Mover } from '../requests/move-request.ts';
import type { RequestRecords, RequestRow } from '../requests/request-port.ts';
import { nextRequestState, type RequestEvent } from '../requests/request-transitions.ts';
import { KeptRefusal, type Transactions } from '../transactions.ts';
import { changePair, type ChangePairScope, type PairChange } from './change-pair.ts';
import type { CrlPublisher } from './crl-publisher.ts';
import { nextPairState } from './pair-states.ts';

export interface ConfirmScope extends ChangePairScope, MoveScope {
  readonly audit: ChangePairScope['audit'];
  readonly challenges: ChallengeRecords;
}

export interface ConfirmPorts extends MovePorts, SpendRequestCodePorts, Omit<OncePorts<ConfirmScope>, 'transactions'> {
  readonly transactions: OncePorts<ConfirmScope>['transactions'] & Transactions<ConfirmScope>;
  readonly crlPublisher: Pick<CrlPublisher, 'changed'>;
  readonly crypto: CryptoPort;
  readonly reachFaultPoint: ReachFaultPoint;
  readonly service: { readonly publicUrl: string };
  readonly clock: Clock;
}

type ConfirmedKind = 'revocation' | 'suspension';

/** What a request of such a kind does to the pair. */
function changeOf(request: RequestRow & { readonly kind: ConfirmedKind }): PairChange {
  return request.kind === 'suspension' ? { event: 'suspend' } : { event: 'revoke', reason: request.revocationReason ?? 'unspecified' };
}

/** @throws NOT_FOUND, CONFIRMATION_NOT_BY_KEY, REQUEST_STATE, CERTIFICATE_STATE */
export async function challengeForConfirmation(ports: ConfirmPorts, caller: Caller, request: RequestRow): Promise<KeyChallenge> {
  const confirmed = confirmable(request);
  nextRequestState(confirmed.kind, confirmed.state, 'confirm-by-key', 'tool');
  return await ports.transactions.write(async (scope) => {
    const certificate = await certificateOf(scope, confirmed);
    nextPairState(certificate.state, changeOf(confirmed).event);
    return await makeChallenge(scope.challenges, ports.service.publicUrl, { purpose: confirmed.kind, certificateDer: certificate.certificateDer, accountId: caller.accountId, requestId: request.id }, ports.clock().getTime());
  });
}

/** @throws NOT_FOUND, CONFIRMATION_NOT_BY_KEY, REQUEST_STATE, CERTIFICATE_STATE, CHALLENGE_* */
export async function confirmRequestByKey(ports: ConfirmPorts, caller: Caller, requestId: string, input: { challengeId: string; signature: string }): Promise<RequestConfirmation> {
  const { kind } = confirmable(await ports.transactions.read(({ requests }) => ownRequest(requests, caller, requestId)));
  const answer = await readAnswer(ports, { purpose: kind, accountId: caller.accountId, requestId }, { challengeId: input.challengeId, signature: fromBase64(input.signature) });
  return await published(ports, () => ports.transactions.write(async (scope) => {
    const nowMs = ports.clock().getTime();
    const refused = await takeAnswer(scope.challenges, answer, nowMs);
    if (refused !== null) return refused;
    const request = confirmable(await ownRequest(scope.requests, caller, requestId));
    const certificate = await certificateOf(scope, request);
    // The draft may have been turned to another certificate since the challenge was made.
    if (certificate.sha256Hex !== answer.row.certificateSha256) return new KeptRefusal(new AppError('CHALLENGE_UNKNOWN'));
    return await carryOut(scope, ports, request, certificate, { event: 'confirm-by-key', by: tool(caller), way: 'key', nowMs });
  }));
}

/** @throws NOT_FOUND, CONFIRMATION_NOT_BY_KEY, REQUEST_STATE, CERTIFICATE_STATE, CODE_* */
export async function confirmRequestByCode(ports: ConfirmPorts, caller: Caller, requestId: string, authorizationCode: string, once: OnceCall): Promise<RequestConfirmation> {
  return await published(ports, () => callOnce<ConfirmScope, RequestConfirmation>(ports, once, async (scope) => {
    const nowMs = ports.clock().getTime();
    const request = confirmable(await ownRequest(scope.requests, caller, requestId));
    nextRequestState(request.kind, request.state, 'confirm-by-code', 'applicant');
    const certificate = await certificateOf(scope, request);
    const refused = await spendRequestCode(scope, ports, request, { code: authorizationCode, tokenSerial: certificate.tokenSerial }, nowMs);
    if (refused !== null) return refused;
    return await carryOut(scope, ports, request, certificate, { event: 'confirm-by-code', by: applicant(caller), way: 'code', nowMs });
  }));
}

async function carryOut(
  scope: ConfirmScope,
  ports: ConfirmPorts,
  request: RequestRow & { readonly kind: ConfirmedKind },
  certificate: CertificateRow,
  how: { readonly event: RequestEvent; readonly by: Mover; readonly way: string; readonly nowMs: number },
): Promise<RequestConfirmation> {
  await changePair(scope, ports.auditSeal, certificate, changeOf(request), { actor: request.accountId, way: how.way, requestId: request.id, nowMs: how.nowMs });
  const moved = await moveRequest(scope, ports, request, { event: how.event, by: how.by, nowMs: how.nowMs });
  ports.reachFaultPoint('pair-change:in-transaction');
  return { requestId: request.id, state: moved.state, certificates: (await scope.certificates.ofIssuance(certificate.issuanceId)).map(certificateView) };
}

/** The new list is signed as soon as the change stands. */
async function published(ports: ConfirmPorts, deed: () => Promise<RequestConfirmation>): Promise<RequestConfirmation> {
  const confirmation = await deed();
  ports.reachFaultPoint('pair-change:committed');
  const [first] = confirmation.certificates;
  const row = first === undefined ? null : await ports.transactions.read(({ certificates }) => certificates.bySerial(first.serialHex));
  if (row !== null) ports.crlPublisher.changed(row.caId);
  return confirmation;
}

/** @throws CONFIRMATION_NOT_BY_KEY */
function confirmable(request: RequestRow): RequestRow & { readonly kind: ConfirmedKind } {
  const { kind } = request;
  if (kind !== 'revocation' && kind !== 'suspension') throw new AppError('CONFIRMATION_NOT_BY_KEY', { kind });
  return { ...request, kind };
}

/** @throws NOT_FOUND, also when the request is another account's */
export async function ownRequest(requests: RequestRecords, caller: Caller, requestId: string): Promise<RequestRow> {
  const request = await requests.byId(requestId);
  return request !== null && request.accountId === caller.accountId ? request : refuse('NOT_FOUND', { what: 'request' });
}

/** The certificate that the request is about; only its own account may end it. @throws NOT_FOUND */
async function certificateOf(scope: ConfirmScope, request: RequestRow): Promise<CertificateRow> {
  const row = request.certificateSerialHex === null ? null : await scope.certificates.bySerial(request.certificateSerialHex);
  return row !== null && row.accountId === request.accountId ? row : refuse('NOT_FOUND', { what: 'certificate' });
}
