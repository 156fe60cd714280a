/** The service ends the session while a page is open: the login comes up in its place, and what was typed is there afterwards. */
import type { Page } from '@playwright/test';
import { expect, test } from '../support/scene-test.ts';
import { keepScreenshot } from '../support/screenshot.ts';

async function logIn(page: Page): Promise<void> {
  await page.getByLabel('手机号、邮箱或用户名').fill('demo');
  await page.getByLabel('登录密码').fill('demo-password');
  await page.getByRole('button', { name: '登录', exact: true }).last().click();
}

test('ok: an ended session asks for a new login in place of the page, which waits behind it with its input', async ({ openScene }) => {
  const page = await openScene('two-keys', '/write/line-000001');
  const code = page.locator('#authorization-code');
  await code.fill('598983');
  const address = page.url();
  await page.evaluate(() => window.memory.endSession());
  await expect(page.getByText('登录已失效，请重新登录：登录已过期，或登录所用的证书已吊销、挂失、解绑，或密码已修改。刚才的页面和填写的内容都还在。')).toBeVisible();
  await expect(code).toBeHidden();
  await keepScreenshot(page, 'session-ended');
  expect(page.url()).toBe(address);
  await logIn(page);
  await expect(code).toBeVisible();
  await expect(code).toHaveValue('598983');
  expect(page.url()).toBe(address);
  await keepScreenshot(page, 'session-again');
});
