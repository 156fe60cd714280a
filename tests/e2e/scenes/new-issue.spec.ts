/** 制证 in states that no software key can take: several keys, keys that come and go, few tries, certificates on the key, a step that fails. */
import type { Page } from '@playwright/test';
import { expect, test } from '../support/scene-test.ts';
import { keepScreenshot } from '../support/screenshot.ts';
import { key, pinOk } from './plain-keys.ts';

const CODE = '598983';
const PIN = '246813';

async function enterPin(page: Page, pin: string, button = '开始制证') {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('UKey口令').fill(pin);
  await dialog.getByRole('button', { name: button, exact: true }).click();
}

test('ok: the serial is read live when a key is plugged in, and disappears when it is pulled out', async ({ openScene }) => {
  const page = await openScene('no-key', '/write/line-000001');
  await page.getByRole('radio', { name: /SoftHSM2/ }).check();
  await expect(page.getByText('请插入“SoftHSM2 软件密钥”')).toBeVisible();
  await keepScreenshot(page, 'new-issue-no-key');
  await page.evaluate((token) => window.memory.plug(token), key('AB12CD34EF', 'softhsm2', pinOk()));
  await expect(page.locator('.bk-serial-large', { hasText: 'AB12 CD34 EF' })).toBeVisible();
  await page.evaluate(() => window.memory.unplug('AB12CD34EF'));
  await expect(page.getByText('请插入“SoftHSM2 软件密钥”')).toBeVisible();
});

test('ok: a model without driver can be chosen and teaches what is missing', async ({ openScene }) => {
  const page = await openScene('no-driver', '/write/line-000001');
  await page.getByRole('radio', { name: /GM3000/ }).check();
  await expect(page.getByText('缺少“龙脉 GM3000”的驱动')).toBeVisible();
  await expect(page.getByText('/usr/lib/liblongmai-gm3000.so')).toBeVisible();
  await expect(page.getByRole('link', { name: /到设置中指定/ })).toBeVisible();
  await keepScreenshot(page, 'new-issue-no-driver', { fullPage: true });
});

test('ok: another model is plugged in than chosen: one click corrects it', async ({ openScene }) => {
  const page = await openScene('two-keys', '/write/line-000001');
  await page.getByRole('radio', { name: /WatchKey/ }).check();
  await page.getByRole('button', { name: /改选已插入的“龙脉 GM3000”/ }).click();
  await expect(page.getByText('插入了 2 把同型号的UKey')).toBeVisible();
  await keepScreenshot(page, 'new-issue-two-keys', { fullPage: true });
});

test('ok: certificates on the key are named one by one, and all have to be confirmed', async ({ openScene }) => {
  const page = await openScene('key-with-certificates', '/write/line-000001');
  await page.getByLabel('授权码').fill(CODE);
  await expect(page.getByText('这把UKey中已有 2 张证书')).toBeVisible();
  const confirm = page.getByRole('button', { name: '确认制证' });
  await page.getByRole('checkbox', { name: /保留 签名证书/ }).check();
  await expect(confirm).toBeDisabled();
  await expect(page.locator('#issue-missing')).toContainText('确认保留UKey中已有的证书');
  await keepScreenshot(page, 'new-issue-consent', { fullPage: true });
  await page.getByRole('checkbox', { name: /保留 加密证书/ }).check();
  await expect(confirm).toBeEnabled();
  await confirm.click();
  await enterPin(page, PIN);
  await expect(page.getByRole('heading', { name: '制证完成' })).toBeVisible();
  // Only the new pair, not what was there before.
  await expect(page.locator('.bk-certificates li')).toHaveCount(2);
});

test('ok: the prompt grows more serious with every wrong password, asks at two tries left, and ends when locked', async ({ openScene }) => {
  const page = await openScene('few-tries', '/write/line-000001');
  await page.getByLabel('授权码').fill(CODE);
  await page.getByRole('button', { name: '确认制证' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText('还可以尝试 3 次')).toBeVisible();
  await keepScreenshot(page, 'pin-careful');
  await enterPin(page, '000000');
  await expect(dialog.getByText('只剩 2 次机会')).toBeVisible();
  await expect(dialog.getByLabel('UKey口令')).toHaveValue('');
  await dialog.getByLabel('UKey口令').fill('000001');
  await expect(dialog.getByRole('button', { name: '开始制证' })).toBeDisabled();
  await dialog.getByRole('checkbox', { name: /我已知道/ }).check();
  await keepScreenshot(page, 'pin-serious');
  await dialog.getByRole('button', { name: '开始制证' }).click();
  await expect(dialog.getByText('只剩最后 1 次机会')).toBeVisible();
  await expect(dialog.getByRole('checkbox', { name: /我已知道/ })).not.toBeChecked();
  await dialog.getByRole('checkbox', { name: /我已知道/ }).check();
  await enterPin(page, '000002');
  await expect(dialog.getByText('已锁定，需要解锁')).toBeVisible();
  await expect(dialog.getByLabel('UKey口令')).toBeDisabled();
  await keepScreenshot(page, 'pin-locked');
});

test('ok: progress names each step; the running writing can be given up where that is safe', async ({ openScene }) => {
  const page = await openScene('by-hand', '/write/line-000001');
  await page.getByLabel('授权码').fill(CODE);
  await page.getByRole('button', { name: '确认制证' }).click();
  await enterPin(page, PIN);
  await expect(page.getByText('写入过程中请不要拔出UKey。')).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: '当前步骤：生成密钥，已完成 1 / 7' })).toHaveCount(1);
  await page.evaluate(() => window.memory.advance());
  await expect(page.getByRole('status').filter({ hasText: '当前步骤：签发证书，已完成 2 / 7' })).toHaveCount(1);
  await keepScreenshot(page, 'running-by-hand');
  await page.getByRole('button', { name: '停止并放弃' }).click();
  await page.getByRole('tooltip').getByRole('button', { name: '放弃制证' }).click();
  await expect(page.getByText('已放弃，数量已退回订单。')).toBeVisible();
  await page.getByRole('button', { name: '重新开始' }).click();
  await expect(page.getByRole('button', { name: '确认制证' })).toBeVisible();
});

test('ok: a step that fails says cause and next step, and goes on after the password', async ({ openScene }) => {
  const page = await openScene('fails-once', '/write/line-000001');
  await page.getByLabel('授权码').fill(CODE);
  await page.getByRole('button', { name: '确认制证' }).click();
  await enterPin(page, PIN);
  await expect(page.getByRole('heading', { name: '制证中断' })).toBeVisible();
  await expect(page.getByText('TOKEN_REMOVED', { exact: true })).toBeVisible();
  await keepScreenshot(page, 'interrupted-removed', { fullPage: true });
  await page.getByRole('button', { name: '继续', exact: true }).click();
  await enterPin(page, PIN, '继续');
  await expect(page.getByRole('heading', { name: '制证完成' })).toBeVisible();
});

test('ok: next key: pull out, plug in, and the form is ready for it with the same code', async ({ openScene }) => {
  const page = await openScene('first-day', '/write/line-000001');
  await page.getByLabel('授权码').fill(CODE);
  await page.getByRole('button', { name: '确认制证' }).click();
  await enterPin(page, PIN);
  await expect(page.getByText('还有 1 把待制证。')).toBeVisible();
  await expect(page.getByText('请拔出这把UKey，插入下一把。')).toBeVisible();
  await page.evaluate(() => window.memory.unplug('8f3a2b1c9d0e4f56'));
  await expect(page.getByText('请插入下一把UKey。')).toBeVisible();
  await page.evaluate((token) => window.memory.plug(token), key('AB12CD34EF', 'softhsm2', pinOk()));
  await expect(page.getByText('已检测到另一把UKey：')).toBeVisible();
  await keepScreenshot(page, 'next-key', { fullPage: true });
  await page.getByRole('button', { name: '制作下一把' }).click();
  await expect(page.locator('.bk-remaining strong')).toHaveText('1');
  await expect(page.locator('.bk-serial-large', { hasText: 'AB12 CD34 EF' })).toBeVisible();
  await page.getByRole('button', { name: '确认制证' }).click();
  await enterPin(page, PIN);
  await expect(page.getByText('本订单的UKey已全部制完。')).toBeVisible();
});

test('ok: continuing asks for the code when the CA never got the start', async ({ openScene }) => {
  const page = await openScene('code-needed', '/unfinished');
  await page.getByRole('button', { name: '继续', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('UKey口令').fill(PIN);
  await expect(dialog.getByRole('button', { name: '继续', exact: true })).toBeDisabled();
  await dialog.getByLabel('授权码（6位数字）').fill(CODE);
  await keepScreenshot(page, 'resume-with-code');
  await dialog.getByRole('button', { name: '继续', exact: true }).click();
  await expect(page.getByText('没有未完成的制证')).toBeVisible();
});

test('ok: an unfinished writing can be given up', async ({ openScene }) => {
  const page = await openScene('code-needed', '/unfinished');
  await page.getByRole('button', { name: '放弃制证' }).click();
  await page.getByRole('tooltip').getByRole('button', { name: '放弃制证' }).click();
  await expect(page.getByText('没有未完成的制证')).toBeVisible();
});

test('ok: a refusal of an SKF driver is told by its own sentence, with function, name and number', async ({ openScene }) => {
  const page = await openScene('driver-says', '/unfinished');
  const alert = page.getByRole('alert').filter({ hasText: 'DRIVER_FUNCTION_FAILED' });
  await expect(alert.getByText('送入 UKey 的数据内容不正确。')).toBeVisible();
  await expect(alert.getByText('SKF_ImportECCKeyPair SAR_INDATAERR 0x0a000011')).toBeVisible();
});
