/** What a start with --demo puts in: a project per key algorithm, an account with a paid order of two keys in each and their codes in the sandbox's inbox, and two staff accounts. Goes through the same deeds as any caller. */
import { unifiedSocialCreditCheckDigit } from '#shared/subject/unified-social-credit-code.ts';
import { registerAccount } from '../accounts/register-account.ts';
import type { Caller } from '../caller.ts';
import { createOrder } from '../orders/create-order.ts';
import { startPayment } from '../payments/start-payment.ts';
import { settlePayment } from '../payments/settle-payment.ts';
import type { CaPorts } from '../ports.ts';
import type { CatalogueItemRow, CatalogueRecords, OrderRow, ProjectRow } from '../orders/order-port.ts';
import { DEMO_CATALOGUE, type DemoProject } from './demo-catalogue.ts';
import { DEMO_LOGIN_NAME, DEMO_ORDER_QUANTITY, DEMO_ORGANISATION, DEMO_PHONE, DEMO_SECOND_STAFF_LOGIN_NAME, DEMO_STAFF_LOGIN_NAME, DEMO_UNIFIED_SOCIAL_CREDIT_CODE_BODY, demoSubject } from './demo-names.ts';

const ORDERS_PER_PAGE = 100;

/** Each step looks first whether it is done, so a start that was killed in between is made whole by the next one, and an older demo gets what it lacks. */
export async function seedDemo(ports: CaPorts, password: string): Promise<void> {
  const unifiedSocialCreditCode = `${DEMO_UNIFIED_SOCIAL_CREDIT_CODE_BODY}${unifiedSocialCreditCheckDigit(DEMO_UNIFIED_SOCIAL_CREDIT_CODE_BODY)}`;
  // A project is offered when there is an authority for it.
  const offered = DEMO_CATALOGUE.filter(({ project }) => ports.authorities.has(project.keyAlgorithm));
  for (const { project, items } of offered) {
    await ports.transactions.write(({ catalogue }) => seedProject(catalogue, project, items));
  }
  for (const [loginName, displayName] of [[DEMO_STAFF_LOGIN_NAME, '演示工作人员甲'], [DEMO_SECOND_STAFF_LOGIN_NAME, '演示工作人员乙']] as const) {
    await accountOnce(ports, loginName, () => registerAccount(ports, { loginName, password, kind: 'person', displayName, phone: DEMO_PHONE }, 'staff'));
  }
  const accountId = await accountOnce(ports, DEMO_LOGIN_NAME, () =>
    registerAccount(ports, { loginName: DEMO_LOGIN_NAME, password, kind: 'organisation', displayName: '王小标', organisationName: DEMO_ORGANISATION, unifiedSocialCreditCode, phone: DEMO_PHONE }),
  );
  // The first project of the catalogue last: its order is the newest, which lists show first.
  for (const demo of offered.toReversed()) await demoOrder(ports, { accountId, role: 'subscriber', sessionId: 'demo-seed' }, demo, unifiedSocialCreditCode);
}

/** An older demo gets the items and rules that it lacks. */
async function seedProject(catalogue: CatalogueRecords, project: ProjectRow, items: readonly CatalogueItemRow[]): Promise<void> {
  const found = await catalogue.project(project.id);
  if (found === null) return await catalogue.insertProject(project, items);
  const known = (await catalogue.items()).map(({ id }) => id);
  for (const item of items) if (!known.includes(item.id)) await catalogue.insertItem(item);
  if (found.rulesJson === '{}') await catalogue.setRules(project.id, project.rulesJson);
}

async function accountOnce(ports: CaPorts, loginName: string, register: () => Promise<{ id: string }>): Promise<string> {
  const account = await ports.transactions.read(({ accounts }) => accounts.byLoginNameKey(loginName));
  return account?.id ?? (await register()).id;
}

async function demoOrder(ports: CaPorts, caller: Caller, { project, orderedItemId }: DemoProject, unifiedSocialCreditCode: string): Promise<void> {
  const once = (step: string) => ({ accountId: caller.accountId, idempotencyKey: `demo-seed-${step}`, requestMacHex: ports.requestMac(`demo-seed-${step}`) });
  const line = { itemId: orderedItemId, quantity: DEMO_ORDER_QUANTITY, subject: demoSubject(unifiedSocialCreditCode) };
  const order = (await oldestOrderOf(ports, caller.accountId, project.id)) ?? (await createOrder(ports, caller, { projectId: project.id, lines: [line] }, once(`order-${project.id}`)));
  if (order.state !== 'awaiting-payment') return;
  const payment = await startPayment(ports, caller, order.id, once(`payment-${order.id}`));
  await settlePayment(ports, payment.paymentId, 'pay');
}

/** The order of the seed; later ones are the person's own. @returns null when there is none */
async function oldestOrderOf(ports: CaPorts, accountId: string, projectId: string): Promise<OrderRow | null> {
  let oldest: OrderRow | null = null;
  for (let after: OrderRow | null = null; ; ) {
    const page: OrderRow[] = await ports.transactions.read(({ orders }) => orders.page({ accountId }, after, ORDERS_PER_PAGE));
    oldest = page.findLast((order) => order.projectId === projectId) ?? oldest;
    after = page.at(-1) ?? null;
    if (page.length < ORDERS_PER_PAGE) return oldest;
  }
}
