/** The risk notice (必读): read, and accepted with a signature of the key whose certificates are about to be replaced. Signature and version of the text are kept with the request. */
import { RISK_NOTICE_LABEL, type Request, type RequestState } from '#shared/contract/rest/requests.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { assert } from '#shared/errors/assert.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Caller } from '../caller.ts';
import type { Clock } from '../clock.ts';
import { authorityFor, type Authorities } from '../issuance/authorities.ts';
import type { Transactions } from '../transactions.ts';
import { checkCertificateFor, ownedSigningCertificate } from './certificate-of-request.ts';
import type { MovePorts, MoveScope } from './move-request.ts';
import { ownedRequest } from './read-requests.ts';
import type { RequestRow } from './request-port.ts';
import { requestView, type RequestViewScope } from './request-view.ts';

type Scope = MoveScope & RequestViewScope;

export interface RiskNoticePorts extends MovePorts {
  readonly transactions: Transactions<Scope>;
  readonly authorities: Authorities;
  readonly clock: Clock;
}

/** Before the writing begins. */
const STATES: readonly RequestState[] = ['draft', 'submitted', 'in-review', 'approved', 'rejected', 'awaiting-payment', 'paid', 'code-sent'];
const KINDS: readonly RequestRow['kind'][] = ['renewal', 'change', 'reissue'];

/** `BidKey risk notice v1` ‖ 0x00 ‖ request id ‖ 0x00 ‖ notice version: the name in front keeps it from being a signature of anything else. */
export function riskNoticeMessage(requestId: string, noticeVersion: string): Uint8Array {
  return Buffer.from(`${RISK_NOTICE_LABEL}\0${requestId}\0${noticeVersion}`, 'utf8');
}

/** Again with another signature or version: the newest one is kept. @throws NOT_FOUND, REQUEST_STATE, REQUEST_CERTIFICATE_STATE, REQUEST_SIGNATURE */
export async function acceptRiskNotice(ports: RiskNoticePorts, caller: Caller, requestId: string, notice: { noticeVersion: string; certificateSerialHex: string; signature: Uint8Array }): Promise<Request> {
  const seen = await ports.transactions.read((scope) => acceptable(scope, caller, requestId, ports.clock().getTime()));
  const certificate = await ports.transactions.read(({ certificates }) => ownedSigningCertificate(certificates, caller.accountId, notice.certificateSerialHex));
  if (certificate.serialHex !== seen.certificateSerialHex) throw new AppError('REQUEST_SIGNATURE', { reason: 'certificate' });
  const signed = await authorityFor(ports.authorities, seen.keyAlgorithm).verifySubscriberSignature(certificate.publicKeySpkiDer, riskNoticeMessage(requestId, notice.noticeVersion), notice.signature);
  if (!signed) throw new AppError('REQUEST_SIGNATURE', { reason: 'signature' });
  return await ports.transactions.write(async (scope) => {
    const nowMs = ports.clock().getTime();
    const row = await acceptable(scope, caller, requestId, nowMs);
    const accepted = { riskNoticeVersion: notice.noticeVersion, riskNoticeSignature: Buffer.from(notice.signature), riskNoticeAtMs: nowMs, version: row.version + 1 };
    const changed = await scope.requests.change(row, accepted);
    assert(changed, 'nobody else changes a request inside this transaction');
    await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: caller.accountId, event: 'request.risk-notice-accepted', target: row.id, details: { noticeVersion: notice.noticeVersion, certificateSerialHex: certificate.serialHex } });
    return await requestView(scope, { ...row, ...accepted });
  });
}

async function acceptable(scope: Scope, caller: Caller, requestId: string, nowMs: number): Promise<RequestRow> {
  const row = await ownedRequest(scope.requests, caller, requestId);
  if (!KINDS.includes(row.kind) || !STATES.includes(row.state)) throw new AppError('REQUEST_STATE', { state: row.state, kind: row.kind });
  await checkCertificateFor(scope.certificates, row, nowMs);
  return row;
}
