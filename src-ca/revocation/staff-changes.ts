/** Staff revoke, suspend or release a pair, named by either certificate of it; its holder is told by SMS. */
import type { CertificateRecord } from '#shared/contract/rest/certificates.ts';
import type { RevocationReason } from '#shared/contract/rest/requests.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { assert } from '#shared/errors/assert.ts';
import type { AccountRecords } from '../accounts/account-port.ts';
import type { AuditSeal } from '../audit/audit-port.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Caller } from '../caller.ts';
import { certificateView } from '../certificates/read-certificates.ts';
import type { Clock } from '../clock.ts';
import type { CertificateRow } from '../issuance/issuance-port.ts';
import type { MessageProvider, MessageRecords } from '../messages/message-port.ts';
import type { Transactions } from '../transactions.ts';
import { changePair, type ChangePairScope, type PairChange } from './change-pair.ts';
import type { CrlPublisher } from './crl-publisher.ts';

type Scope = ChangePairScope & { readonly accounts: AccountRecords; readonly messages: MessageRecords };

export interface StaffChangesPorts {
  readonly transactions: Transactions<Scope>;
  readonly crlPublisher: Pick<CrlPublisher, 'changed'>;
  readonly messageProvider: MessageProvider;
  readonly auditSeal: AuditSeal;
  readonly clock: Clock;
}

/** @returns both certificates as they stand now. @throws NOT_FOUND, CERTIFICATE_STATE */
export async function changePairByStaff(ports: StaffChangesPorts, caller: Caller, serialHex: string, change: PairChange, note: string | undefined): Promise<{ items: CertificateRecord[] }> {
  const pair = await ports.transactions.write(async (scope) => {
    const certificate = (await scope.certificates.bySerial(serialHex)) ?? refuse('NOT_FOUND', { what: 'certificate' });
    const nowMs = ports.clock().getTime();
    await changePair(scope, ports.auditSeal, certificate, change, { actor: caller.accountId, way: 'staff', nowMs, ...(note === undefined ? {} : { note }) });
    await tellHolder(scope, ports, certificate, change, nowMs);
    return await scope.certificates.ofIssuance(certificate.issuanceId);
  });
  const [first] = pair;
  if (first !== undefined) ports.crlPublisher.changed(first.caId);
  return { items: pair.map(certificateView) };
}

/** The note of staff is for the audit log; the holder is told the reason. A certificate must be revoked also when no message can be sent. */
async function tellHolder(scope: Scope, ports: StaffChangesPorts, certificate: CertificateRow, change: PairChange, nowMs: number): Promise<void> {
  const account = await scope.accounts.byId(certificate.accountId);
  assert(account, 'every certificate belongs to an account');
  const text = `【标钥】您的证书（${certificate.projectName}，UKey尾号${certificate.tokenSerial.slice(-4)}）${changeText(change)}`;
  try {
    await ports.messageProvider.send(scope.messages, { channel: 'sms', to: account.phone, subject: null, text }, nowMs);
  } catch (thrown) {
    if (!(thrown instanceof AppError && thrown.code === 'PROVIDER_UNAVAILABLE')) throw thrown;
    await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: 'system', event: 'certificate.holder-not-told', target: certificate.serialHex, details: { change: change.event } });
  }
}

function changeText(change: PairChange): string {
  if (change.event === 'suspend') return '已由证书中心冻结，解除冻结前不能使用。如需解除，请在标钥证书管理工具中申请解除冻结。';
  if (change.event === 'release') return '已由证书中心解除冻结，可以继续使用。';
  return `已由证书中心吊销，不能再使用，原因：${REASON_TEXTS[change.reason]}。如有疑问，请联系证书中心。`;
}

const REASON_TEXTS: Readonly<Record<RevocationReason, string>> = {
  unspecified: '未说明', keyCompromise: '密钥泄露或遗失', affiliationChanged: '主体信息变更', superseded: '已有新证书代替', cessationOfOperation: '不再使用', privilegeWithdrawn: '使用资格被取消',
};
