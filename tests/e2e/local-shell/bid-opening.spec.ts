/** The tenderer opens twenty bids in one session, one PIN; the program is killed on the way and goes on; the signed transcript stands at the end. */
import { copyFile, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { makeForeignBids } from '../../bids/support/foreign-bids.ts';
import { BIDDER, startBidBidKey, TENDERER, type BidBidKey } from '../support/bid-bidkey.ts';
import { failOnPageErrors } from '../support/page-errors.ts';
import { keepScreenshot } from '../support/screenshot.ts';

test.describe.configure({ mode: 'serial' });

const COUNT = 20;
let bidkey: BidBidKey;
let page: Page;
let noErrors: () => void;
test.beforeAll(async ({ browser }) => {
  bidkey = await startBidBidKey();
  await makeForeignBids({ folder: bidkey.path('一标段'), count: COUNT, groups: { tenderer: [bidkey.tenderer.encryptCertificateDer] }, opensAt: new Date(Date.now() - 3_600_000), documentBytes: 200_000 });
  page = await browser.newPage();
  page.setDefaultTimeout(15_000);
  noErrors = failOnPageErrors(page);
});
test.afterAll(async () => {
  await bidkey?.close();
});

test('ok: a session over a folder shows every bid before any key is used', async () => {
  await page.goto(bidkey.link);
  await page.getByRole('navigation', { name: '主导航' }).getByRole('link', { name: /投标工具/ }).click();
  await page.getByRole('link', { name: /^开标/ }).click();
  await page.getByRole('button', { name: '新建开标场次' }).click();
  const dialog = page.getByRole('dialog', { name: '新建开标场次' });
  await dialog.getByLabel('场次名称').fill('道路改造工程一标段开标');
  await dialog.getByRole('button', { name: '浏览' }).first().click();
  const browser = page.getByRole('dialog', { name: /标书所在文件夹/ });
  await browser.getByRole('button', { name: '文档' }).click();
  await browser.getByRole('button', { name: /^投标/ }).click();
  await browser.getByRole('button', { name: /^一标段/ }).click();
  await expect(browser.locator('.bk-browser-path')).toContainText('一标段');
  await keepScreenshot(page, 'opening-browse');
  await browser.getByRole('button', { name: '选择这个文件夹' }).click();
  await expect(dialog.getByLabel('解密后保存到')).toHaveValue(/一标段-opened$/);
  await dialog.getByRole('button', { name: '开始', exact: true }).click();
  await expect(page.getByRole('heading', { name: '道路改造工程一标段开标' })).toBeVisible();
  await expect(page.locator('[data-state="waiting"]')).toHaveCount(COUNT);
  await keepScreenshot(page, 'opening-begun');
});

test('refuses: a key that opens nothing here', async () => {
  await page.locator('.bk-key-choice', { hasText: '杭州标钥科技有限公司' }).first().click();
  await page.getByRole('button', { name: '开标解密' }).click();
  await page.getByRole('dialog').getByLabel('UKey口令').fill(bidkey.pin);
  await page.getByRole('dialog').getByRole('button', { name: '开标解密' }).click();
  await expect(page.getByRole('dialog').getByText('OPENING_KEY_USELESS', { exact: true })).toBeVisible();
  await page.getByRole('dialog').getByRole('button', { name: '取消' }).click();
});

test('ok: a bid that was replaced since the look at the folder waits and says why, all others open', async () => {
  const [other = ''] = await makeForeignBids({ folder: bidkey.path('迟到'), count: 1, groups: { tenderer: [bidkey.tenderer.encryptCertificateDer] }, opensAt: null });
  await copyFile(other, join(bidkey.path('一标段'), '投标单位05.bid'));
  await page.locator('.bk-key-choice', { hasText: TENDERER }).first().click();
  await expect(page.getByText(`这把UKey属于：招标人；有 ${COUNT} 份未开启的标书可以用它解密。`)).toBeVisible();
  await expect(page.getByLabel('全部打开后，用这把UKey签署开标记录')).toBeChecked();
  await page.getByRole('button', { name: '开标解密' }).click();
  await expect(page.getByRole('dialog').getByText(`一次口令，处理 ${COUNT} 份标书。`)).toBeVisible();
  await keepScreenshot(page, 'opening-pin');
  await page.getByRole('dialog').getByLabel('UKey口令').fill(bidkey.pin);
  await page.getByRole('dialog').getByRole('button', { name: '开标解密' }).click();
  await expect(page.locator('[data-state="opened"]')).toHaveCount(COUNT - 1, { timeout: 60_000 });
  await expect(page.locator('[data-state="waiting"]').getByText('SEAL_FILE_REPLACED')).toBeVisible();
  await expect(page.getByText('1 份标书这次没有打开')).toBeVisible();
  await keepScreenshot(page, 'opening-one-waits', { fullPage: true });
});

test('ok: looked at again, one PIN opens the rest and signs the transcript; after a restart it still stands', async () => {
  await page.getByRole('button', { name: '重新查找标书' }).click();
  await expect(page.locator('[data-state="waiting"]').getByText('SEAL_FILE_REPLACED')).toBeHidden();
  await page.getByRole('button', { name: '开标解密' }).click();
  await expect(page.getByRole('dialog').getByText('一次口令，处理 1 份标书。')).toBeVisible();
  await page.getByRole('dialog').getByLabel('UKey口令').fill(bidkey.pin);
  await page.getByRole('dialog').getByRole('button', { name: '开标解密' }).click();
  await expect(page.getByText('开标已结束，开标记录已签名')).toBeVisible({ timeout: 60_000 });
  await expect(page.locator('[data-state="opened"]')).toHaveCount(COUNT);
  await expect(page.getByText('投标单位20', { exact: true })).toBeVisible();
  await keepScreenshot(page, 'opening-finished', { fullPage: true });
  const out = `${bidkey.path('一标段')}-opened`;
  expect((await readdir(out)).filter((name) => name.startsWith('投标单位'))).toHaveLength(COUNT);
  expect(await readFile(`${out}/投标单位07/说明.txt`, 'utf8')).toBe('投标单位07');
  expect((await readdir(out)).filter((name) => /^开标记录.*\.(json|pdf)(\.p7s)?$/.test(name))).toHaveLength(4);
  noErrors();
  await page.goto(await bidkey.killAndRestart());
  await page.getByRole('link', { name: '开标', exact: true }).click();
  await expect(page.getByText(`${COUNT}/${COUNT}`)).toBeVisible();
  await keepScreenshot(page, 'opening-list');
});

test('ok: the last key is a bidder’s: nothing is signed until a person names the key', async () => {
  await makeForeignBids({ folder: bidkey.path('二标段'), count: 1, groups: { bidder: [bidkey.bidder.encryptCertificateDer], tenderer: [bidkey.tenderer.encryptCertificateDer] }, opensAt: null });
  await page.getByRole('button', { name: '新建开标场次' }).click();
  const dialog = page.getByRole('dialog', { name: '新建开标场次' });
  await dialog.getByLabel('场次名称').fill('二标段开标');
  await dialog.getByLabel(/标书所在文件夹/).fill(bidkey.path('二标段'));
  await dialog.getByLabel('解密后保存到').fill(bidkey.path('二标段-opened'));
  await dialog.getByRole('button', { name: '开始', exact: true }).click();
  const wanted = page.getByLabel('全部打开后，用这把UKey签署开标记录');
  const use = async (holder: string, button: string) => {
    await page.locator('.bk-key-choice', { hasText: holder }).first().click();
    await page.getByRole('button', { name: button }).click();
    await page.getByRole('dialog').getByLabel('UKey口令').fill(bidkey.pin);
    await page.getByRole('dialog').getByRole('button', { name: button }).click();
  };
  await use(TENDERER, '开标解密');
  await expect(page.locator('[data-state="share"]')).toHaveCount(1);
  await page.locator('.bk-key-choice', { hasText: BIDDER }).first().click();
  await expect(page.getByText('这把UKey属于：投标人；有 1 份未开启的标书可以用它解密。')).toBeVisible();
  await expect(wanted).not.toBeChecked();
  await use(BIDDER, '开标解密');
  await expect(page.getByText('标书已全部打开，开标记录还没有签署。')).toBeVisible();
  await page.getByRole('button', { name: '结束开标，生成记录' }).click();
  await expect(page.getByRole('dialog').getByText('这不是招标人的UKey；开标记录一般由招标人签署。')).toBeVisible();
  await keepScreenshot(page, 'opening-not-signed');
  await page.getByRole('dialog').getByRole('button', { name: '取消' }).click();
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.getByText('All bids are open; the transcript is not signed yet.')).toBeVisible();
  await keepScreenshot(page, 'opening-not-signed-en', { fullPage: true });
  await page.getByRole('button', { name: '中文' }).click();
  await use(TENDERER, '结束开标，生成记录');
  await expect(page.getByText('开标已结束，开标记录已签名')).toBeVisible();
  await expect(page.getByText(`${TENDERER} · `)).toBeVisible();
});
