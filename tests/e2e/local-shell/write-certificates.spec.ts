/** The main job over the real local shell, CA service and SoftHSM2: log in, write the certificates of an order of two, with what goes wrong on the way. */
import { expect, test, type Page } from '@playwright/test';
import { orderNumberOf, pendingRow, startLocalBidKey, SETUP_LIMIT_MS, type LocalBidKey } from '../support/local-bidkey.ts';
import { failOnPageErrors } from '../support/page-errors.ts';
import { keepScreenshot } from '../support/screenshot.ts';

test.describe.configure({ mode: 'serial' });

let bidkey: LocalBidKey;
let page: Page;
let noErrors: () => void;
let order: string;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(SETUP_LIMIT_MS);
  bidkey = await startLocalBidKey();
  page = await browser.newPage();
  noErrors = failOnPageErrors(page);
});
test.afterAll(async () => {
  await bidkey?.close();
});

const serialText = /^[0-9A-Za-z]{4}( [0-9A-Za-z]{1,4})+$/;

async function enterPin(pin: string, button: string) {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('UKey口令').fill(pin);
  await dialog.getByRole('button', { name: button, exact: true }).click();
}

test('ok: home shows the demo, its four keys and the CA', async () => {
  await page.goto(bidkey.link);
  await expect(page.getByText('演示环境')).toBeVisible();
  await expect(page.getByText(/CA 服务已连接/)).toBeVisible();
  await expect(page.getByRole('link', { name: /新领制证/ })).toBeVisible();
  await expect(page.locator('.bk-home-key')).toHaveCount(4);
  await keepScreenshot(page, 'home');
});

test('ok: the four services each have their tile, and each tile its page', async () => {
  const addresses = [];
  for (const name of [/新领制证/, /Ukey证书延期/, /Ukey解锁/, /Ukey证书变更/]) addresses.push(await page.getByRole('link', { name }).first().getAttribute('href'));
  expect(new Set(addresses).size).toBe(4);
});

test('refuses: a wrong login password, and keeps the page', async () => {
  await page.getByRole('link', { name: /新领制证/ }).click();
  await page.getByLabel('手机号、邮箱或用户名').fill(bidkey.demoLogin.loginName);
  await page.getByLabel('登录密码').fill('wrong-password');
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await expect(page.getByRole('alert').getByText('LOGIN_FAILED', { exact: true })).toBeVisible();
  await keepScreenshot(page, 'login-refused');
});

test('ok: the demo login fills itself in and leads to the list', async () => {
  await page.getByRole('button', { name: '填入' }).click();
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await expect(page.getByRole('heading', { name: '待制作证书' })).toBeVisible();
  await expect(page.getByRole('row', { name: /新领/ })).toHaveCount(2);
  order = await orderNumberOf(pendingRow(page, 'RSA'));
  await keepScreenshot(page, 'pending');
});

test('ok: two models that can have RSA keys are plugged in: the person says which, and serials are read by themselves', async () => {
  await pendingRow(page, 'RSA').getByRole('button', { name: /制证/ }).click();
  await expect(page.getByText('剩余待制证数量:')).toBeVisible();
  await page.getByRole('radio', { name: /SoftHSM2/ }).first().check();
  await expect(page.getByText(/插入了 2 把同型号的UKey/)).toBeVisible();
  await expect(page.getByRole('button', { name: '确认制证' })).toBeDisabled();
  await expect(page.locator('#issue-missing')).toContainText('选择要写入的UKey');
  await keepScreenshot(page, 'new-issue-form', { fullPage: true });
  await page.locator('.bk-key-choice').first().click();
  await expect(page.locator('.bk-key-choice-chosen .bk-serial-large span').first()).toHaveText(serialText);
});

test('refuses: a wrong authorization code', async () => {
  const right = await bidkey.authorizationCode(order);
  await page.getByLabel('授权码').fill(right === '123456' ? '654321' : '123456');
  await page.getByRole('button', { name: '确认制证' }).click();
  await expect(page.getByRole('dialog').getByText(bidkey.demoPin)).toBeVisible();
  await keepScreenshot(page, 'pin-dialog');
  await enterPin(bidkey.demoPin, '开始制证');
  await expect(page.getByRole('alert').getByText('CODE_WRONG', { exact: true })).toBeVisible();
  await expect(page.getByRole('dialog')).toBeHidden();
  await keepScreenshot(page, 'code-refused', { fullPage: true });
});

test('refuses: a wrong PIN, once, and empties the field', async () => {
  await page.getByLabel('授权码').fill(`操作授权码：${await bidkey.authorizationCode(order)}，有效期7天`);
  await page.getByRole('button', { name: '确认制证' }).click();
  await enterPin('999999', '开始制证');
  await expect(page.getByRole('dialog').getByText('PIN_INCORRECT', { exact: true })).toBeVisible();
  await expect(page.getByRole('dialog').getByLabel('UKey口令')).toHaveValue('');
  await keepScreenshot(page, 'pin-refused');
});

test('ok: the network fails at the certification request; the deed stops there and says why', async () => {
  bidkey.relay.cut(/^PUT \/v1\/issuances\/[^/]+\/csr/);
  const confirm = page.getByRole('dialog').getByRole('checkbox');
  if (await confirm.isVisible()) await confirm.check();
  await enterPin(bidkey.demoPin, '开始制证');
  await expect(page.getByRole('heading', { name: '制证中断' })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('alert').getByText('CA_UNREACHABLE', { exact: true })).toBeVisible();
  await keepScreenshot(page, 'interrupted', { fullPage: true });
});

test('ok: after a kill of the whole shell the writing waits under 制证未完成 and is completed from there', async () => {
  noErrors();
  const link = await bidkey.killAndRestart();
  bidkey.relay.cut(null);
  await page.goto(link);
  // Of the cut itself the browser may complain; of what comes after it, not.
  noErrors = failOnPageErrors(page);
  await page.getByRole('link', { name: /1 项制证未完成/ }).click();
  await expect(page.getByRole('heading', { name: '制证未完成' })).toBeVisible();
  await keepScreenshot(page, 'unfinished', { fullPage: true });

  await page.getByRole('button', { name: '登录' }).first().click();
  await page.getByRole('button', { name: '填入' }).click();
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await expect(page.getByRole('heading', { name: '待制作证书' })).toBeVisible();
  await page.getByRole('link', { name: '首页' }).click();
  await page.getByRole('link', { name: /1 项制证未完成/ }).click();
  await page.getByRole('button', { name: '继续' }).click();
  await enterPin(bidkey.demoPin, '继续');
  await expect(page.getByText('没有未完成的制证').or(page.getByText('已完成', { exact: true }))).toBeVisible({ timeout: 60_000 });
});

test('ok: the second key of the order is written in one go and shows both certificates', async () => {
  await page.goto(`${new URL(page.url()).origin}/#/pending`);
  await pendingRow(page, 'RSA').getByRole('button', { name: /制证/ }).click();
  await page.getByRole('radio', { name: /SoftHSM2/ }).first().check();
  await page.locator('.bk-key-choice', { hasText: '尚无证书' }).click();
  await page.getByLabel('授权码').fill(await bidkey.authorizationCode(order));
  await page.getByRole('button', { name: '确认制证' }).click();
  await enterPin(bidkey.demoPin, '开始制证');
  await keepScreenshot(page, 'running', { fullPage: true });
  await expect(page.getByRole('heading', { name: '制证完成' })).toBeVisible({ timeout: 60_000 });
  await expect(page.locator('.bk-certificates li')).toHaveCount(2);
  await expect(page.getByText('本订单的UKey已全部制完。')).toBeVisible();
  await keepScreenshot(page, 'result', { fullPage: true });
});

test('ok: 我的UKey shows all keys with their certificates; details are one click away', async () => {
  await page.getByRole('link', { name: '查看我的UKey' }).click();
  await expect(page.locator('.bk-key-card')).toHaveCount(4);
  await expect(page.locator('.bk-certificates li')).toHaveCount(4);
  await keepScreenshot(page, 'my-keys', { fullPage: true });
  await page.getByRole('button', { name: /详情：签名证书/ }).first().click();
  await page.getByText('原始信息').click();
  await expect(page.getByText('BEGIN CERTIFICATE')).toBeVisible();
  await keepScreenshot(page, 'certificate-details');
  await page.keyboard.press('Escape');
});

test('ok: changes the PIN; each rule is ticked as it is kept; the new one works and the old one does not', async () => {
  const card = page.locator('.bk-key-card', { hasText: 'SoftHSM2' }).first();
  await card.getByRole('button', { name: '修改口令' }).last().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('当前口令').fill(bidkey.demoPin);
  await dialog.getByLabel('新口令', { exact: true }).fill('123456');
  await expect(dialog.locator('[data-rule=sequence]')).toHaveAttribute('data-state', 'broken');
  await keepScreenshot(page, 'change-pin');
  await dialog.getByLabel('新口令', { exact: true }).fill('739150');
  await dialog.getByLabel('再输入一次新口令').fill('739150');
  await expect(dialog.locator('[data-state=broken]')).toHaveCount(0);
  await dialog.getByRole('button', { name: '修改', exact: true }).click();
  await expect(page.getByText('口令已修改')).toBeVisible();

  await card.getByRole('button', { name: '修改口令' }).last().click();
  await dialog.getByLabel('当前口令').fill(bidkey.demoPin);
  await dialog.getByLabel('新口令', { exact: true }).fill('846207');
  await dialog.getByLabel('再输入一次新口令').fill('846207');
  await dialog.getByRole('button', { name: '修改', exact: true }).click();
  await expect(dialog.getByText('PIN_INCORRECT', { exact: true })).toBeVisible();
  await page.keyboard.press('Escape');
});

test('ok: switches to English and keeps it over a reload', async () => {
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.getByRole('heading', { name: 'My keys' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'My keys' })).toBeVisible();
  await page.getByRole('link', { name: 'Home' }).click();
  await keepScreenshot(page, 'home-english');
  await page.getByRole('link', { name: 'Settings' }).click();
  await keepScreenshot(page, 'settings-english', { fullPage: true });
  await page.getByRole('link', { name: 'Help' }).click();
  await keepScreenshot(page, 'help-english', { fullPage: true });
});

test('ok: logs out', async () => {
  await page.getByRole('button', { name: '王小标' }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await expect(page.getByRole('button', { name: 'Log in' })).toBeVisible();
  noErrors();
});
