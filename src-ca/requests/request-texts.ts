/** What an applicant is told by SMS at each step of a request, in the words of the field. Codes have a text of their own (`codes/send-code.ts`). */
import type { RequestKind } from '#shared/contract/rest/orders.ts';
import type { RequestEvent } from './request-transitions.ts';

export const KIND_NAMES: Readonly<Record<RequestKind, string>> = {
  'new-issue': '证书新领', renewal: '证书延期', change: '证书变更', unlock: 'UKey解锁', revocation: '证书吊销', suspension: '证书挂失', release: '解除冻结', reissue: '证书补办', 'key-recovery': '密钥恢复',
};

export interface RequestTextFacts {
  readonly kind: RequestKind;
  readonly number: string;
  readonly reason: string | null;
  readonly totalFen: number;
  readonly refundFen: number;
  readonly quantityLeft: number;
  /** Of the key that is being written; the text shows its end only. */
  readonly tokenSerial: string | null;
}

const yuan = (fen: number) => `¥${(fen / 100).toFixed(2)}`;
const refund = ({ refundFen }: RequestTextFacts) => (refundFen > 0 ? `已支付的 ${yuan(refundFen)} 将原路退回。` : '');
const tail = ({ tokenSerial }: RequestTextFacts) => (tokenSerial ?? '').slice(-4);

/** Null: another message of the same moment says it (the order of payment, the code), or it is the applicant's own note (a draft). */
const TEXTS: Readonly<Record<RequestEvent, ((facts: RequestTextFacts) => string) | null>> = {
  order: () => '已提交，请在30天内支付；支付后您会收到操作授权码。',
  draft: null,
  submit: () => '已提交，正在等待审核。',
  withdraw: () => '已撤销。',
  claim: () => '正在审核。',
  'release-claim': () => '已重新排队等待审核。',
  approve: ({ kind }) => (kind === 'key-recovery' ? '审核已通过，恢复密钥还需两位工作人员同意。' : '审核已通过。'),
  reject: ({ reason }) => `未通过审核，原因：${reason ?? ''}。您可以修改后重新提交，或撤销申请。`,
  'ask-payment': ({ totalFen }) => `请在30天内支付 ${yuan(totalFen)}；支付后您会收到操作授权码。`,
  pay: null,
  'send-code': null,
  'begin-writing': (facts) => `正在UKey（尾号${tail(facts)}）上办理。如非本人操作，请立即联系证书中心。`,
  'give-up-one': () => '一把UKey的制证已取消，授权码可再次使用。',
  'give-writing-up': () => '办理已取消，授权码可再次使用。',
  'finish-one': ({ quantityLeft }) => `一把UKey制证完成，剩余待制证数量：${quantityLeft}。`,
  'finish-writing': () => '已完成。请妥善保管UKey和口令。',
  'confirm-by-key': () => '已由您的UKey确认并完成。如非本人操作，请立即联系证书中心。',
  'confirm-by-code': () => '已用授权码确认并完成。如非本人操作，请立即联系证书中心。',
  'carry-out': () => '已完成。',
  cancel: (facts) => `已退单。${refund(facts)}`,
  'cancel-rest': (facts) => `剩余数量已退单。${refund(facts)}`,
  'cancel-by-staff': (facts) => `已由证书中心结束，原因：${facts.reason ?? ''}。${refund(facts)}如仍需办理，请重新申请。`,
  expire: (facts) => `已过期。${refund(facts)}`,
  'expire-rest': (facts) => `剩余数量已过期。${refund(facts)}`,
  'pay-late': ({ refundFen }) => `已结束，之后收到的付款 ${yuan(refundFen)} 将原路退回。`,
};

/** Null when nothing is to be said. */
export function requestText(event: RequestEvent, facts: RequestTextFacts): string | null {
  const text = TEXTS[event];
  return text === null ? null : `【标钥】您的申请${facts.number}（${KIND_NAMES[facts.kind]}）${text(facts)}`;
}
