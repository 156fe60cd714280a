/**
 * The main job by mouse over the real local shell and CA service, on every kind of key: SoftHSM2 with RSA, the software UKey over PKCS#11 with SM2 and with RSA, and
 * over SKF with SM2. One shell and one CA for all of them: each kind takes one key of the two demo orders. On each a wrong PIN comes first, spends no code
 * and costs one try where the key counts.
 */
import { expect, test, type Page } from '@playwright/test';
import { orderNumberOf, pendingRow, startLocalBidKey, SETUP_LIMIT_MS, type LocalBidKey } from '../support/local-bidkey.ts';
import { failOnPageErrors } from '../support/page-errors.ts';
import { keepScreenshot } from '../support/screenshot.ts';
import { installSkfDriver, type SkfDriver } from '../support/skf-driver.ts';

test.describe.configure({ mode: 'serial' });

interface Kind {
  readonly name: string;
  readonly algorithm: 'RSA' | 'SM2';
  readonly model: RegExp;
  readonly keyLabel: string;
  /** Null: the demo PIN. */
  readonly pin: string | null;
  /** What is said of the key after the wrong PIN; null where it does not count, or PKCS#11 has no word for the number. */
  readonly triesLeft: RegExp | null;
}

const SKF_KEY_LABEL = 'SKF key';
/** Chosen by the person: the key comes with its factory PIN. */
const SKF_KEY_PIN = '73915046';
/** In the order of the demo: two keys of each order. */
const KINDS: readonly Kind[] = [
  { name: 'SoftHSM2, RSA', algorithm: 'RSA', model: /SoftHSM2/, keyLabel: 'BidKey DEMO 1', pin: null, triesLeft: null },
  { name: 'soft UKey PKCS#11, SM2', algorithm: 'SM2', model: /标钥软件 UKey/, keyLabel: 'BidKey DEMO SM2-1', pin: null, triesLeft: null },
  { name: 'soft UKey PKCS#11, RSA', algorithm: 'RSA', model: /标钥软件 UKey/, keyLabel: 'BidKey DEMO SM2-2', pin: null, triesLeft: null },
  { name: 'soft UKey SKF, SM2', algorithm: 'SM2', model: /标钥软件 UKey/, keyLabel: SKF_KEY_LABEL, pin: SKF_KEY_PIN, triesLeft: /9\s*次/ },
];

let bidkey: LocalBidKey;
let skf: SkfDriver;
let page: Page;
let noErrors: () => void;
const orders = new Map<Kind['algorithm'], string>();

test.beforeAll(async ({ browser }) => {
  test.setTimeout(SETUP_LIMIT_MS);
  skf = await installSkfDriver(SKF_KEY_LABEL);
  bidkey = await startLocalBidKey(skf.key.env);
  page = await browser.newPage();
  noErrors = failOnPageErrors(page);
});
test.afterAll(async () => {
  await bidkey?.close();
  await skf?.key.dispose();
});

const goTo = (path: string) => page.goto(`${new URL(bidkey.link).origin}/#${path}`);

test('ok: an SKF driver is added by its path, and its key stands beside the four of the demo', async () => {
  await page.goto(bidkey.link);
  await expect(page.locator('.bk-home-key')).toHaveCount(4);
  await page.getByRole('link', { name: '设置' }).click();
  await page.getByRole('combobox', { name: /型号/ }).click();
  await page.getByTitle('标钥软件 UKey').click();
  await page.getByLabel(/路径/).fill(skf.libraryPath);
  await page.getByRole('button', { name: 'plus 添加', exact: true }).click();
  await expect(page.locator('.bk-drivers li', { hasText: skf.libraryPath })).toBeVisible();
  await page.getByRole('link', { name: '首页' }).click();
  await expect(page.locator('.bk-home-key')).toHaveCount(5);
  await keepScreenshot(page, 'each-kind-home');
});

test('ok: logs in and sees one order of each algorithm', async () => {
  await page.getByRole('link', { name: /新领制证/ }).click();
  await page.getByRole('button', { name: '填入' }).click();
  await page.getByRole('button', { name: '登录', exact: true }).click();
  for (const algorithm of ['RSA', 'SM2'] as const) orders.set(algorithm, await orderNumberOf(pendingRow(page, algorithm)));
  await keepScreenshot(page, 'each-kind-pending');
});

test('refuses: to write to a key that still has its factory PIN; ok: the way there leads to changing it', async () => {
  await goTo('/pending');
  await pendingRow(page, 'SM2').getByRole('button', { name: /制证/ }).click();
  await page.getByRole('radio', { name: /标钥软件 UKey/ }).first().check();
  await page.locator('.bk-key-choice', { hasText: SKF_KEY_LABEL }).click();
  await expect(page.getByRole('button', { name: '确认制证' })).toBeDisabled();
  await expect(page.locator('#issue-missing')).toContainText('先修改UKey口令');
  await keepScreenshot(page, 'each-kind-factory-pin', { fullPage: true });
  await page.getByRole('alert').getByRole('link', { name: '我的UKey' }).click();
  await page.locator('.bk-key-card', { hasText: SKF_KEY_LABEL }).getByRole('button', { name: '修改口令' }).last().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('当前口令').fill(skf.key.pin);
  await dialog.getByLabel('新口令', { exact: true }).fill(SKF_KEY_PIN);
  await dialog.getByLabel('再输入一次新口令').fill(SKF_KEY_PIN);
  await dialog.getByRole('button', { name: '修改', exact: true }).click();
  await expect(page.getByText('口令已修改')).toBeVisible();
});

for (const [index, kind] of KINDS.entries()) {
  const picture = `kind-${index + 1}`;
  test(`ok: ${kind.name}: a wrong PIN spends nothing, the right one writes both certificates`, async () => {
    const pin = kind.pin ?? bidkey.demoPin;
    await goTo('/pending');
    await pendingRow(page, kind.algorithm).getByRole('button', { name: /制证/ }).click();
    await page.getByRole('radio', { name: kind.model }).first().check();
    await page.locator('.bk-key-choice', { hasText: kind.keyLabel }).click();
    await page.getByLabel('授权码').fill(await bidkey.authorizationCode(orders.get(kind.algorithm) ?? ''));
    await keepScreenshot(page, `${picture}-form`, { fullPage: true });
    await page.getByRole('button', { name: '确认制证' }).click();

    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('UKey口令').fill('99999999');
    await dialog.getByRole('button', { name: '开始制证', exact: true }).click();
    await expect(dialog.getByText('PIN_INCORRECT', { exact: true })).toBeVisible();
    if (kind.triesLeft !== null) await expect(dialog.getByText(kind.triesLeft).first()).toBeVisible();
    await keepScreenshot(page, `${picture}-pin-refused`);
    await dialog.getByLabel('UKey口令').fill(pin);
    const confirm = dialog.getByRole('checkbox');
    if (await confirm.isVisible()) await confirm.check();
    await dialog.getByRole('button', { name: '开始制证', exact: true }).click();

    await expect(page.getByRole('heading', { name: '制证完成' })).toBeVisible({ timeout: 60_000 });
    await expect(page.locator('.bk-certificates li')).toHaveCount(2);
    await keepScreenshot(page, `${picture}-result`, { fullPage: true });
  });
}

test('ok: 我的UKey shows two certificates on each written key, by the authority of its algorithm', async () => {
  await goTo('/keys');
  for (const kind of KINDS) {
    const card = page.locator('.bk-key-card', { hasText: kind.keyLabel });
    await expect(card.locator('.bk-certificates li')).toHaveCount(2);
    await card.getByRole('button', { name: /详情：签名证书/ }).click();
    await expect(page.getByRole('dialog').getByText(new RegExp(`Issuing CA ${kind.algorithm}`))).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
  }
  await keepScreenshot(page, 'each-kind-my-keys', { fullPage: true });
  noErrors();
});
