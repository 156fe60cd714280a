/** Making an authorization code and sending it by SMS. The six digits exist in clear only in the message. */
import { randomBytes, randomInt } from 'node:crypto';
import type { RequestKind } from '#shared/contract/rest/orders.ts';
import type { AuditRecords, AuditSeal } from '../audit/audit-port.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { DAY_MS } from '../clock.ts';
import { newId } from '../identifiers.ts';
import type { MessageProvider, MessageRecords } from '../messages/message-port.ts';
import type { CodeHasher, CodeRecords } from './code-port.ts';

export const CODE_LIFE_DAYS = 7;
export const CODE_TRIES = 5;
const CODE_DIGITS = 6;

export interface SendCodePorts {
  readonly codeHasher: CodeHasher;
  readonly messageProvider: MessageProvider;
  readonly auditSeal: AuditSeal;
}

export interface CodeAddressee {
  readonly accountId: string;
  readonly phone: string;
  readonly requestId: string;
  readonly requestNumber: string;
  readonly kind: RequestKind;
  readonly orderNumber: string | null;
  /** Empty when the request has no price. */
  readonly serviceName: string;
  readonly quantityLeft: number;
}

/** Runs in the caller's transaction: the code counts if and only if its message is sent. A code sent before for the same request is void. */
export async function sendCode(
  scope: { readonly codes: CodeRecords; readonly messages: MessageRecords; readonly audit: AuditRecords },
  ports: SendCodePorts,
  addressee: CodeAddressee,
  nowMs: number,
): Promise<{ expiresAtMs: number }> {
  const { requestId, kind: operation } = addressee;
  const code = String(randomInt(0, 10 ** CODE_DIGITS)).padStart(CODE_DIGITS, '0');
  const saltHex = randomBytes(16).toString('hex');
  const expiresAtMs = nowMs + CODE_LIFE_DAYS * DAY_MS;
  await scope.codes.voidAll(requestId, operation, nowMs);
  const id = newId();
  await scope.codes.insert({ id, requestId, operation, saltHex, codeMacHex: ports.codeHasher.mac(code, saltHex), triesLeft: CODE_TRIES, createdAtMs: nowMs, expiresAtMs, voidedAtMs: null });
  await ports.messageProvider.send(scope.messages, { channel: 'sms', to: addressee.phone, subject: null, text: codeText(code, addressee) }, nowMs);
  await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: addressee.accountId, event: 'code.sent', target: requestId, details: { codeId: id, operation, lifeDays: CODE_LIFE_DAYS } });
  return { expiresAtMs };
}

/** What the field calls the code of each kind, and where in the tool it is typed. */
const CODE_USES: Readonly<Record<RequestKind, { readonly name: string; readonly tile: string }>> = {
  'new-issue': { name: '操作授权码', tile: '新领制证' },
  renewal: { name: '更新码', tile: 'UKey证书延期' },
  change: { name: '替换码', tile: 'UKey证书变更' },
  unlock: { name: '解锁码', tile: 'UKey解锁' },
  revocation: { name: '吊销码', tile: '证书吊销' },
  suspension: { name: '挂失码', tile: '证书吊销' },
  release: { name: '解冻码', tile: '证书吊销' },
  reissue: { name: '补办码', tile: '证书补办' },
  'key-recovery': { name: '恢复码', tile: '证书补办' },
};

function codeText(code: string, { kind, orderNumber, requestNumber, serviceName, quantityLeft }: CodeAddressee): string {
  const { name, tile } = CODE_USES[kind];
  const about = kind === 'new-issue' ? `${orderNumber === null ? `申请${requestNumber}` : `订单${orderNumber}`}（${serviceName}）可制作${quantityLeft}把UKey。` : `这是申请${requestNumber}的${name}。`;
  return `【标钥】操作授权码：${code}，有效期${CODE_LIFE_DAYS}天。${about}请打开标钥证书管理工具，在“${tile}”中使用；工作人员不会向您索要授权码。`;
}

/** A phone number that its owner recognises and nobody else learns. */
export function maskedPhone(phone: string): string {
  const shown = phone.length >= 8 ? { head: phone.slice(0, phone.length - 8), tail: phone.slice(-4) } : { head: '', tail: phone.slice(-2) };
  return `${shown.head}****${shown.tail}`;
}
