/** The main job with national algorithms over the real local shell and CA service: SM2 certificates written to the software UKey by mouse, with a wrong PIN on the way. */
import { expect, test } from '@playwright/test';
import { orderNumberOf, pendingRow, startLocalBidKey, type LocalBidKey } from '../support/local-bidkey.ts';
import { failOnPageErrors } from '../support/page-errors.ts';
import { keepScreenshot } from '../support/screenshot.ts';

let bidkey: LocalBidKey;
test.beforeAll(async () => {
  bidkey = await startLocalBidKey();
});
test.afterAll(async () => {
  await bidkey?.close();
});

test('ok: SM2 certificates on the software UKey; refuses: a wrong PIN, which counts a try and spends no code', async ({ page }) => {
  test.setTimeout(240_000);
  const noErrors = failOnPageErrors(page);
  await page.goto(bidkey.link);
  await expect(page.locator('.bk-home-key')).toHaveCount(4);
  await page.getByRole('link', { name: /新领制证/ }).click();
  await page.getByRole('button', { name: '填入' }).click();
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await keepScreenshot(page, 'sm2-pending');
  const order = await orderNumberOf(pendingRow(page, 'SM2'));
  await pendingRow(page, 'SM2').getByRole('button', { name: /制证/ }).click();

  // SoftHSM2 knows no SM2: of what is plugged in, only the software UKey can have these keys.
  await expect(page.getByRole('radio', { name: /标钥软件 UKey/ }).first()).toBeChecked();
  await expect(page.getByText(/插入了 2 把同型号的UKey/)).toBeVisible();
  await page.locator('.bk-key-choice').first().click();
  await page.getByLabel('授权码').fill(await bidkey.authorizationCode(order));
  await keepScreenshot(page, 'sm2-new-issue-form', { fullPage: true });
  await page.getByRole('button', { name: '确认制证' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('UKey口令').fill('999999');
  await dialog.getByRole('button', { name: '开始制证', exact: true }).click();
  await expect(dialog.getByText('PIN_INCORRECT', { exact: true })).toBeVisible();
  await keepScreenshot(page, 'sm2-pin-refused');
  const confirm = dialog.getByRole('checkbox');
  if (await confirm.isVisible()) await confirm.check();
  await dialog.getByLabel('UKey口令').fill(bidkey.demoPin);
  await dialog.getByRole('button', { name: '开始制证', exact: true }).click();

  await expect(page.getByRole('heading', { name: '制证完成' })).toBeVisible({ timeout: 120_000 });
  await expect(page.locator('.bk-certificates li')).toHaveCount(2);
  await expect(page.locator('.bk-remaining strong')).toHaveText('1');
  await keepScreenshot(page, 'sm2-result', { fullPage: true });

  await page.getByRole('link', { name: '我的UKey', exact: true }).first().click();
  const card = page.locator('.bk-key-card').filter({ has: page.locator('.bk-certificates li') });
  await expect(card).toHaveCount(1);
  await card.getByRole('button', { name: /详情：签名证书/ }).click();
  await expect(page.getByRole('dialog').getByText(/Issuing CA SM2/)).toBeVisible();
  await keepScreenshot(page, 'sm2-certificate-details');
  noErrors();
});
