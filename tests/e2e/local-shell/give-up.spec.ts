/** Giving an interrupted writing up over the real shell: the key is cleared, the quantity and the code come back, and both serve a new writing. */
import { expect, test } from '@playwright/test';
import { orderNumberOf, pendingRow, startLocalBidKey, SETUP_LIMIT_MS, type LocalBidKey } from '../support/local-bidkey.ts';
import { failOnPageErrors } from '../support/page-errors.ts';

let bidkey: LocalBidKey;
test.beforeAll(async () => {
  test.setTimeout(SETUP_LIMIT_MS);
  bidkey = await startLocalBidKey();
});
test.afterAll(async () => {
  await bidkey?.close();
});

test('ok: gives up after the network failed, and writes the same key with the same code again', async ({ page }) => {
  const noErrors = failOnPageErrors(page);
  await page.goto(bidkey.link);
  await page.getByRole('link', { name: /新领制证/ }).click();
  await page.getByRole('button', { name: '填入' }).click();
  await page.getByRole('button', { name: '登录', exact: true }).click();
  const order = await orderNumberOf(pendingRow(page, 'RSA'));
  await pendingRow(page, 'RSA').getByRole('button', { name: /制证/ }).click();
  await page.getByRole('radio', { name: /SoftHSM2/ }).first().check();

  bidkey.relay.cut(/^PUT \/v1\/issuances\/[^/]+\/csr/);
  const write = async () => {
    await page.locator('.bk-key-choice').first().click();
    await page.getByLabel('授权码').fill(await bidkey.authorizationCode(order));
    await page.getByRole('button', { name: '确认制证' }).click();
    await page.getByRole('dialog').getByLabel('UKey口令').fill(bidkey.demoPin);
    await page.keyboard.press('Enter');
  };
  await write();
  await expect(page.getByRole('heading', { name: '制证中断' })).toBeVisible({ timeout: 60_000 });
  await expect(page.locator('.bk-remaining strong')).toHaveText('1');

  bidkey.relay.cut(null);
  await page.getByRole('button', { name: '放弃制证' }).click();
  await page.getByRole('tooltip').getByRole('button', { name: '放弃制证' }).click();
  await page.getByRole('dialog').getByLabel('UKey口令').fill(bidkey.demoPin);
  await page.getByRole('dialog').getByRole('button', { name: '放弃制证' }).click();
  await expect(page.getByRole('button', { name: '确认制证' })).toBeVisible({ timeout: 60_000 });
  await expect(page.locator('.bk-remaining strong')).toHaveText('2');

  await write();
  await expect(page.getByRole('heading', { name: '制证完成' })).toBeVisible({ timeout: 60_000 });
  await expect(page.locator('.bk-certificates li')).toHaveCount(2);
  noErrors();
});
