/** The staff page in a real browser: log in, claim, reject with a reason, approve; what an applicant wrote is text and never markup. */
import type { Browser } from '@playwright/test';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEMO_STAFF_LOGIN_NAME } from '../../src-ca/demo/demo-names.ts';
import { launchChromium } from '../support/chromium.ts';
import { COMPANY, customer, newSerial, paidOrder, start, type Customer } from './support/journeys.ts';
import { approvedRequest, codeOf, heldSm2Key, staffMember } from './support/key-holders.ts';
import { draft, now, submit } from './support/request-journeys.ts';
import { newKey, testCa, type TestCa } from './support/test-ca.ts';

let ca: TestCa;
let browser: Browser;
let who: Customer;
beforeAll(async () => {
  ca = await testCa();
  browser = await launchChromium();
  who = await customer(ca);
});
afterAll(async () => {
  await browser.close();
  await ca.stop();
});

const request = async (handlerName: string) => submit(ca, who, await draft(ca, who, { kind: 'new-issue', projectId: 'demo-zhejiang-land-rsa', itemId: 'demo-organisation-1-year', subject: { ...COMPANY, handlerName } }));

it('ok: a reviewer claims, rejects one with a reason and approves another', async () => {
  const [one, two] = [await request('<img src=x onerror=alert(1)>'), await request('李四')];
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && !message.text().includes('favicon') && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => complaints.push(`dialog ${dialog.message()}`));
  await page.route('**/favicon.ico', (route) => route.fulfill({ status: 204, body: '' }));
  await page.goto(`${ca.url}/staff`);
  const { sandbox } = await ca.call('getServiceInfo');
  await page.getByLabel('用户名').fill(DEMO_STAFF_LOGIN_NAME);
  await page.getByLabel('密码').fill(sandbox?.demoLogin?.password ?? '');
  await page.getByRole('button', { name: '登录' }).click();
  const card = (number: string) => page.locator('#requests > li', { hasText: number });
  await card(one.number).getByText('<img src=x onerror=alert(1)>').waitFor();
  for (const { number } of [one, two]) {
    await card(number).getByRole('button', { name: '领取' }).click();
    await card(number).waitFor({ state: 'detached' });
  }
  await page.getByRole('button', { name: '审核中' }).click();
  await card(one.number).getByLabel('未通过原因').fill('经办人姓名不对');
  await card(one.number).getByRole('button', { name: '不通过' }).click();
  await card(one.number).waitFor({ state: 'detached' });
  await card(two.number).getByRole('button', { name: '通过 Approve' }).click();
  await card(two.number).waitFor({ state: 'detached' });
  expect(await now(ca, who, one)).toMatchObject({ state: 'rejected', rejectionReason: '经办人姓名不对' });
  expect((await now(ca, who, two)).state).toBe('awaiting-payment');
  await page.getByRole('button', { name: '退出' }).click();
  await page.getByLabel('密码').waitFor();
  expect(await page.locator('#requests > li').count()).toBe(0);
  expect(complaints).toEqual([]);
});

it('ok: an unlock in writing is ended from the page, with a reason; a new issue in writing shows no such button', async () => {
  const held = await heldSm2Key(ca);
  await ca.call('depositAdministratorPin', { token: held.who.token, params: { tokenSerial: held.tokenSerial }, body: { currentAdministratorPin: null } });
  const unlock = await approvedRequest(ca, held.who, await staffMember(ca), { kind: 'unlock', certificateSerialHex: held.signSerialHex, tokenSerial: held.tokenSerial, itemId: 'demo-sm2-unlock-organisation' });
  await ca.call('releaseAdministratorPin', { token: held.who.token, params: { requestId: unlock.id }, idempotencyKey: newKey(), body: { authorizationCode: await codeOf(ca, held.who, unlock.number), tokenSerial: held.tokenSerial, deedId: newKey() } });
  const begun = await start(ca, who, await paidOrder(ca, who, 1), newSerial());
  const newIssue = await now(ca, who, { id: begun.requestId });
  const page = await browser.newPage();
  await page.goto(`${ca.url}/staff`);
  const { sandbox } = await ca.call('getServiceInfo');
  await page.getByLabel('用户名').fill(DEMO_STAFF_LOGIN_NAME);
  await page.getByLabel('密码').fill(sandbox?.demoLogin?.password ?? '');
  await page.getByRole('button', { name: '登录' }).click();
  await page.getByRole('button', { name: '制证中' }).click();
  const card = (number: string) => page.locator('#requests > li', { hasText: number });
  await card(newIssue.number).waitFor();
  expect(await card(newIssue.number).getByRole('button', { name: '结束申请' }).count()).toBe(0);
  await card(unlock.number).getByLabel('结束原因').fill('管理员口令已锁定');
  await card(unlock.number).getByRole('button', { name: '结束申请' }).click();
  await card(unlock.number).waitFor({ state: 'detached' });
  expect((await now(ca, held.who, unlock)).state).toBe('cancelled');
});

it('refuses: an account that is not staff', async () => {
  const page = await browser.newPage();
  await page.goto(`${ca.url}/staff`);
  await page.getByLabel('用户名').fill(who.loginName);
  await page.getByLabel('密码').fill('three-blue-lanterns');
  await page.getByRole('button', { name: '登录' }).click();
  await page.getByRole('alert').getByText('不是工作人员').waitFor();
  expect(await page.locator('#desk').isVisible()).toBe(false);
});
