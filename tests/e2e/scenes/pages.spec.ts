/** The other pages in every state that they have to show well. */
import { expect, test } from '../support/scene-test.ts';
import { keepScreenshot } from '../support/screenshot.ts';

test('ok: home warns of what runs out, is locked or must be changed, most of it with a way to it', async ({ openScene }) => {
  const page = await openScene('every-state');
  await expect(page.getByText('口令已锁定。')).toBeVisible();
  await expect(page.getByText('还有 4 天到期')).toBeVisible();
  await expect(page.getByText('首次使用前需要修改口令')).toBeVisible();
  await expect(page.getByText(/本机时间比 CA 服务慢约 14 分钟/)).toBeVisible();
  await keepScreenshot(page, 'home-warnings', { fullPage: true });
});

test('ok: 我的UKey shows each state of a key, and disables with a reason what cannot work', async ({ openScene }) => {
  const page = await openScene('every-state', '/keys');
  await expect(page.locator('.bk-key-card')).toHaveCount(4);
  const locked = page.locator('.bk-key-card', { hasText: 'WatchKey' });
  await expect(locked.getByText('已锁定')).toBeVisible();
  await expect(locked.getByRole('button', { name: '修改口令' })).toBeDisabled();
  await expect(locked.getByRole('link', { name: '解锁' })).toBeVisible();
  await expect(page.getByText('剩余 6 次')).toBeVisible();
  await expect(page.getByText(/剩余 19 天，请准备延期/).first()).toBeVisible();
  await keepScreenshot(page, 'my-keys-states', { fullPage: true });
});

test('ok: driver for the wrong processor says wanted and found', async ({ openScene }) => {
  const page = await openScene('wrong-processor', '/keys');
  await expect(page.getByText('arm64')).toBeVisible();
  await page.getByText(/未安装的驱动/).click();
  await expect(page.getByText('/opt/apps/longmai-gm3000/liblongmai-gm3000.so')).toBeVisible();
  await keepScreenshot(page, 'drivers', { fullPage: true });
});

test('ok: the list pages through many orders', async ({ openScene }) => {
  const page = await openScene('many-orders', '/pending');
  await expect(page.getByText('第 1 页')).toBeVisible();
  await keepScreenshot(page, 'pending-many');
  await page.getByRole('button', { name: '下一页' }).click();
  await page.getByRole('button', { name: '下一页' }).click();
  await expect(page.getByText('2026112000000023')).toBeVisible();
  await expect(page.getByRole('button', { name: '下一页' })).toBeDisabled();
  await page.getByRole('button', { name: '上一页' }).click();
  await expect(page.getByText('第 2 页')).toBeVisible();
  await expect(page.getByText('2026112000000011')).toBeVisible();
});

test('ok: an empty list teaches', async ({ openScene }) => {
  const page = await openScene('no-orders', '/pending');
  await expect(page.getByText('请确认登录的是下单时使用的账号。')).toBeVisible();
  await keepScreenshot(page, 'pending-empty');
});

test('ok: a page that needs an account asks for it and leads back', async ({ openScene }) => {
  const page = await openScene('signed-out', '/pending');
  await expect(page.getByRole('heading', { name: '登录', exact: true })).toBeVisible();
  await keepScreenshot(page, 'login');
  await page.getByLabel('手机号、邮箱或用户名').fill('demo');
  await page.getByLabel('登录密码').fill('demo-password');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: '待制作证书' })).toBeVisible();
});

test('ok: a CA that is away or not set is said on home, with the way to the settings', async ({ openScene }) => {
  const page = await openScene('ca-not-set');
  await expect(page.getByText('还没有设置 CA 服务的地址')).toBeVisible();
  await expect(page.getByText('演示环境')).toBeHidden();
  await keepScreenshot(page, 'home-no-ca');
  await page.getByRole('link', { name: '去处理' }).first().click();
  await page.getByLabel('服务地址').fill('ca.example.cn');
  await expect(page.getByText('请填写以 http:// 或 https:// 开头的地址。')).toBeVisible();
  await page.getByLabel('服务地址').fill('https://ca.example.cn');
  await page.getByRole('button', { name: '保存并检查' }).click();
  await expect(page.getByText('CA_NOT_CONFIGURED', { exact: true })).toBeVisible();
  await keepScreenshot(page, 'settings-ca', { fullPage: true });
});

test('ok: adds and removes a driver library by path', async ({ openScene }) => {
  const page = await openScene('first-day', '/settings');
  await page.getByLabel('UKey型号').click();
  await page.getByTitle('其他 PKCS#11 密钥').click();
  await page.getByLabel('驱动库的完整路径').fill('/opt/vendor/libtoken.so');
  await page.getByRole('button', { name: /添加$/ }).click();
  await expect(page.getByText('/opt/vendor/libtoken.so')).toBeVisible();
  await keepScreenshot(page, 'settings', { fullPage: true });
  await page.getByRole('button', { name: '移除 /opt/vendor/libtoken.so' }).click();
  await expect(page.getByText('/opt/vendor/libtoken.so')).toBeHidden();
});

test('ok: help answers, and the report is copied', async ({ openScene, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await openScene('first-day', '/help');
  await page.getByText('制证中途断电、断网或拔出了UKey').click();
  await expect(page.getByText('不要重新下单。')).toBeVisible();
  await page.getByRole('button', { name: '复制报告' }).click();
  await expect(page.getByText('报告已复制')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('BidKey report');
  await keepScreenshot(page, 'help', { fullPage: true });
});

test('ok: the error panel copies its report even where the clipboard permission is refused', async ({ openScene }) => {
  const page = await openScene('signed-out', '/login');
  await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: { writeText: () => Promise.reject(new Error('refused')) } }));
  await page.getByLabel('手机号、邮箱或用户名').fill('demo');
  await page.getByLabel('登录密码').fill('wrong');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: '复制报告' }).click();
  await expect(page.getByText('报告已复制')).toBeVisible();
});
