/** What a first start with --demo puts in: a project, an account with a paid order of two keys and its code in the sandbox's inbox, and a staff account. Goes through the same deeds as any caller. */
import { unifiedSocialCreditCheckDigit } from '#shared/subject/unified-social-credit-code.ts';
import { registerAccount } from '../accounts/register-account.ts';
import type { Caller } from '../caller.ts';
import { createOrder } from '../orders/create-order.ts';
import { startPayment } from '../payments/start-payment.ts';
import { settlePayment } from '../payments/settle-payment.ts';
import type { CaPorts } from '../ports.ts';
import { DEMO_CATALOGUE, DEMO_ITEM_ID, DEMO_PROJECT_ID } from './demo-catalogue.ts';
import { DEMO_LOGIN_NAME, DEMO_ORDER_QUANTITY, DEMO_ORGANISATION, DEMO_PHONE, DEMO_STAFF_LOGIN_NAME, DEMO_UNIFIED_SOCIAL_CREDIT_CODE_BODY, demoSubject } from './demo-names.ts';

/** Each step looks first whether it is done, so a start that was killed in between is made whole by the next one. */
export async function seedDemo(ports: CaPorts, password: string): Promise<void> {
  const unifiedSocialCreditCode = `${DEMO_UNIFIED_SOCIAL_CREDIT_CODE_BODY}${unifiedSocialCreditCheckDigit(DEMO_UNIFIED_SOCIAL_CREDIT_CODE_BODY)}`;
  for (const { project, items } of DEMO_CATALOGUE) {
    await ports.transactions.write(async ({ catalogue }) => {
      if ((await catalogue.project(project.id)) === null) await catalogue.insertProject(project, items);
    });
  }
  await accountOnce(ports, DEMO_STAFF_LOGIN_NAME, () =>
    registerAccount(ports, { loginName: DEMO_STAFF_LOGIN_NAME, password, kind: 'person', displayName: '演示工作人员', phone: DEMO_PHONE }, 'staff'),
  );
  const accountId = await accountOnce(ports, DEMO_LOGIN_NAME, () =>
    registerAccount(ports, { loginName: DEMO_LOGIN_NAME, password, kind: 'organisation', displayName: '王小标', organisationName: DEMO_ORGANISATION, unifiedSocialCreditCode, phone: DEMO_PHONE }),
  );
  await demoOrder(ports, { accountId, role: 'subscriber', sessionId: 'demo-seed' }, unifiedSocialCreditCode);
}

async function accountOnce(ports: CaPorts, loginName: string, register: () => Promise<{ id: string }>): Promise<string> {
  const account = await ports.transactions.read(({ accounts }) => accounts.byLoginNameKey(loginName));
  return account?.id ?? (await register()).id;
}

async function demoOrder(ports: CaPorts, caller: Caller, unifiedSocialCreditCode: string): Promise<void> {
  const newest = await ports.transactions.read(({ orders }) => orders.page({ accountId: caller.accountId }, null, 1));
  const once = (step: string) => ({ accountId: caller.accountId, idempotencyKey: `demo-seed-${step}`, requestMacHex: ports.requestMac(`demo-seed-${step}`) });
  const line = { itemId: DEMO_ITEM_ID, quantity: DEMO_ORDER_QUANTITY, subject: demoSubject(unifiedSocialCreditCode) };
  const order = newest[0] ?? (await createOrder(ports, caller, { projectId: DEMO_PROJECT_ID, lines: [line] }, once('order')));
  if (order.state !== 'awaiting-payment') return;
  const payment = await startPayment(ports, caller, order.id, once(`payment-${order.id}`));
  await settlePayment(ports, payment.paymentId, 'pay');
}
