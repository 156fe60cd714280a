/** A tender package is made and signed, a bidder takes it over, fills it in, signs, seals and rehearses: by mouse and keyboard in Chromium, on software UKeys, without any network. */
import { readFile, stat } from 'node:fs/promises';
import { expect, test, type Page } from '@playwright/test';
import { makeForeignTender } from '../../bids/support/foreign-bids.ts';
import { BIDDER, DEPUTY, startBidBidKey, TENDERER, type BidBidKey } from '../support/bid-bidkey.ts';
import { failOnPageErrors } from '../support/page-errors.ts';
import { keepScreenshot } from '../support/screenshot.ts';

test.describe.configure({ mode: 'serial' });

let bidkey: BidBidKey;
let page: Page;
let noErrors: () => void;
test.beforeAll(async ({ browser }) => {
  bidkey = await startBidBidKey();
  page = await browser.newPage();
  page.setDefaultTimeout(15_000);
  noErrors = failOnPageErrors(page);
  await bidkey.pdf('招标公告.pdf', '招标公告');
  await bidkey.pdf('商务标.pdf', '商务标', 3);
  await bidkey.pdf('技术标.pdf', '技术标');
});
test.afterAll(async () => {
  await bidkey?.close();
});

const STRANGER = '某某招标代理有限公司';
const inDays = (days: number) => new Date(Date.now() + 8 * 3_600_000 + days * 86_400_000).toISOString().slice(0, 16);
const openingTime = inDays(2);
const laterTime = inDays(3);

const bidTool = () => page.getByRole('navigation', { name: '主导航' }).getByRole('link', { name: /投标工具/ });

async function chooseKey(holder: string) {
  await page.locator('.bk-key-choice', { hasText: holder }).first().click();
}
async function enterPin(button: string) {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('UKey口令').fill(bidkey.pin);
  await dialog.getByRole('button', { name: button, exact: true }).click();
}
async function addByBrowser(part: string, file: string) {
  await page.getByRole('button', { name: `添加本机文件：${part}` }).click();
  const dialog = page.getByRole('dialog', { name: part });
  await dialog.getByRole('button', { name: '文档' }).click();
  await dialog.getByRole('button', { name: /^投标/ }).click();
  await dialog.getByRole('button', { name: new RegExp(`^${file}`) }).click();
  await dialog.getByRole('button', { name: '选择', exact: true }).click();
}

test('ok: the tenderer makes and signs a tender package', async () => {
  await page.goto(bidkey.link);
  await bidTool().click();
  await expect(page.getByRole('heading', { name: '投标工具' })).toBeVisible();
  await page.getByRole('link', { name: /制作招标文件/ }).click();
  await page.getByRole('button', { name: '新建招标文件' }).click();
  await page.getByRole('dialog').getByLabel('招标项目名称').fill('某某道路改造工程');
  await page.getByRole('dialog').getByRole('button', { name: '新建', exact: true }).click();
  await expect(page.getByRole('heading', { name: '某某道路改造工程' })).toBeVisible();
  await page.getByRole('textbox', { name: '招标编号' }).fill('ZB-2026-0088');
  await page.getByRole('textbox', { name: '招标人' }).fill(TENDERER);
  await page.getByLabel('开标时间（北京时间）').fill(openingTime);
  await page.getByRole('textbox', { name: '标段' }).fill('一标段 道路\n二标段 桥梁');
  await page.getByRole('button', { name: '保存', exact: true }).click();
  await expect(page.getByText('已保存')).toBeVisible();
  await addByBrowser('招标文件', '招标公告.pdf');
  await expect(page.locator('.bk-documents li')).toHaveCount(1);
  await page.getByRole('button', { name: /添加解密证书/ }).click();
  await page.getByRole('dialog').getByRole('checkbox', { name: TENDERER }).check();
  await keepScreenshot(page, 'tender-add-opener');
  await page.getByRole('dialog').getByRole('button', { name: '添加所选' }).click();
  await expect(page.locator('.bk-openers li')).toHaveCount(1);
  await chooseKey(TENDERER);
  await page.getByLabel('保存到文件夹').fill(bidkey.path(''));
  await page.getByRole('button', { name: '生成招标文件包' }).click();
  await enterPin('生成招标文件包');
  await expect(page.getByText(/已生成：/)).toBeVisible();
  await keepScreenshot(page, 'tender-made', { fullPage: true });
});

test('ok: the bidder sees who signed the package and takes it over', async () => {
  await bidTool().click();
  await page.getByRole('button', { name: '导入招标文件新建' }).click();
  const dialog = page.getByRole('dialog', { name: '导入招标文件新建' });
  await dialog.getByLabel('招标文件包（.tender）').fill(bidkey.path('ZB-2026-0088_某某道路改造工程.tender'));
  await expect(dialog.getByText('签名有效，签名人：')).toBeVisible();
  await expect(dialog.locator('.bk-certificate-line')).toContainText(TENDERER);
  await dialog.getByLabel('标段').click();
  await page.getByTitle('一标段 道路').click();
  await keepScreenshot(page, 'bid-import');
  await dialog.getByRole('button', { name: '新建项目' }).click();
  await expect(page.getByRole('heading', { name: '某某道路改造工程' })).toBeVisible();
  await expect(page.getByRole('tab', { name: /投标文件/ })).toBeVisible();
});

test('ok: a form with checks becomes documents', async () => {
  await page.getByLabel('投标人名称').fill(BIDDER);
  await page.getByLabel('法定代表人或授权代理人').fill('王小明');
  await page.getByLabel('投标总报价（元）').fill('12,000');
  await page.getByRole('button', { name: '保存表单' }).click();
  await expect(page.getByText('请填写数字，金额最多两位小数')).toBeVisible();
  await page.getByLabel('投标总报价（元）').fill('12000500.50');
  await expect(page.getByText('壹仟贰佰万零伍佰元伍角')).toBeVisible();
  await page.getByLabel('工期（日历天）').fill('180');
  await page.getByLabel('日期').fill('2026-11-20');
  await page.getByRole('button', { name: '保存表单' }).click();
  await expect(page.getByText('投标函.pdf')).toBeVisible();
  await keepScreenshot(page, 'bid-form', { fullPage: true });
});

test('ok: documents by the folder browser and by upload; a protected PDF is refused', async () => {
  await addByBrowser('商务标', '商务标.pdf');
  await expect(page.getByText('商务标.pdf')).toBeVisible();
  await page.locator('section', { hasText: '技术标' }).locator('input[type=file]').setInputFiles(bidkey.path('技术标.pdf'));
  await expect(page.getByText('技术标.pdf')).toBeVisible();
  await page.locator('section', { hasText: '技术标' }).locator('input[type=file]').setInputFiles({ name: '坏.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7\nbroken') });
  await expect(page.getByText('BID_PDF_UNREADABLE', { exact: true })).toBeVisible();
  await keepScreenshot(page, 'bid-parts', { fullPage: true });
});

test('ok: the preview draws pages with pdf.js under the strict policy', async () => {
  await page.getByRole('button', { name: '预览：商务标.pdf' }).click();
  const canvas = page.locator('.bk-preview canvas');
  await expect(canvas).toBeVisible();
  await expect(page.getByText(/第 1 \/ \d+ 页/)).toBeVisible();
  await expect.poll(() => canvas.evaluate((one: HTMLCanvasElement) => new Set(one.getContext('2d')?.getImageData(0, 0, one.width, one.height).data ?? []).size)).toBeGreaterThan(20);
  await page.getByRole('button', { name: '下一页' }).click();
  await expect(page.getByText(/第 2 \/ \d+ 页/)).toBeVisible();
  await keepScreenshot(page, 'bid-preview');
  await page.keyboard.press('Escape');
  await expect(page.locator('.bk-preview')).toBeHidden();
});

test('ok: one PIN signs everything, named in the dialog', async () => {
  await page.getByRole('tab', { name: /标书签章/ }).click();
  await chooseKey(BIDDER);
  await page.getByRole('button', { name: /^签章（4 个文件）/ }).click();
  await expect(page.getByRole('dialog').getByText('将对以下 4 个文件签名：')).toBeVisible();
  await keepScreenshot(page, 'bid-sign-pin');
  await enterPin('签章');
  await expect(page.getByRole('tab', { name: /标书签章 ✓/ })).toBeVisible();
  await keepScreenshot(page, 'bid-signed', { fullPage: true });
});

test('ok: openers of the tender are fixed, an own one is added and tested', async () => {
  await page.getByRole('tab', { name: /解密证书/ }).click();
  await expect(page.getByText('由招标文件确定')).toBeVisible();
  await page.getByRole('button', { name: '添加解密证书：投标人' }).click();
  await page.getByRole('dialog').getByRole('checkbox', { name: BIDDER }).check();
  await page.getByRole('dialog').getByRole('button', { name: '添加所选' }).click();
  await expect(page.locator('.bk-openers li')).toHaveCount(2);
  await chooseKey(BIDDER);
  await page.getByRole('button', { name: '测试', exact: true }).click();
  await enterPin('测试');
  await expect(page.getByText(/测试通过/)).toBeVisible();
  await keepScreenshot(page, 'bid-openers', { fullPage: true });
});

test('ok: the check list passes, the bid is sealed with its backup', async () => {
  await page.getByRole('tab', { name: /生成标书/ }).click();
  await chooseKey(BIDDER);
  await expect(page.locator('[data-check="parts"]')).toHaveAttribute('data-verdict', 'ok');
  await expect(page.locator('[data-check="signatures"]')).toHaveAttribute('data-verdict', 'ok');
  await expect(page.locator('[data-check="several-openers"]')).toHaveAttribute('data-verdict', 'warning');
  await expect(page.locator('[data-verdict="blocked"]')).toHaveCount(0);
  await keepScreenshot(page, 'bid-check-list', { fullPage: true });
  await page.getByRole('button', { name: '生成标书', exact: true }).click();
  await enterPin('生成标书');
  await expect(page.getByRole('heading', { name: '标书已生成' })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText('开标前请务必保管好')).toBeVisible();
  await keepScreenshot(page, 'bid-sealed', { fullPage: true });
  const path = await page.locator('.bk-facts code', { hasText: '.bid' }).first().innerText();
  expect((await stat(path)).size).toBeGreaterThan(10_000);
  expect((await readFile(path)).subarray(0, 6).toString()).toBe('BIDKEY');
});

test('ok: the rehearsal opens the real file with the bidder’s key alone; the ledger knows', async () => {
  await page.getByRole('link', { name: '现在试解密' }).click();
  await expect(page.getByText('已插入').first()).toBeVisible();
  await page.locator('.bk-rehearse-keys li', { hasText: BIDDER }).getByRole('button').click();
  await enterPin('试解密');
  await expect(page.getByText('能够打开：密钥正确，首尾数据块解密成功。')).toBeVisible();
  await page.getByRole('button', { name: '核验文件' }).click();
  await expect(page.getByText('签名有效，文件完整。')).toBeVisible();
  await keepScreenshot(page, 'bid-rehearsed', { fullPage: true });
  await bidTool().click();
  await expect(page.getByText('已生成 1 次')).toBeVisible();
  await keepScreenshot(page, 'bid-projects');
  await page.getByRole('link', { name: /标书台账/ }).click();
  await expect(page.getByText('某某道路改造工程').first()).toBeVisible();
  noErrors();
});

test('ok: another key is added to the sealed bid; what is refused says why; the ledger names the new opener', async () => {
  await page.getByRole('button', { name: '某某道路改造工程 的操作' }).click();
  await page.getByRole('menuitem', { name: '换加开标人' }).click();
  await expect(page.getByRole('heading', { name: '换加开标人' })).toBeVisible();
  const submit = page.getByRole('button', { name: '换加并另存' });
  await expect(submit).toBeDisabled();
  await page.getByRole('button', { name: '添加解密证书：投标人' }).click();
  const dialog = page.getByRole('dialog', { name: '添加解密证书：投标人' });
  await dialog.locator('input[type=file]').setInputFiles({ name: '签名证书.cer', mimeType: 'application/pkix-cert', buffer: Buffer.from(bidkey.bidder.signCertificateDer) });
  await dialog.getByRole('button', { name: '添加所选' }).click();
  await expect(page.getByText('不是加密证书')).toBeVisible();
  await expect(page.getByText('所选证书中有不能使用的。')).toBeVisible();
  await page.getByRole('button', { name: `移除：${BIDDER}` }).last().click();
  await page.getByRole('button', { name: '添加解密证书：投标人' }).click();
  await dialog.locator('input[type=file]').setInputFiles({ name: '备用.cer', mimeType: 'application/pkix-cert', buffer: Buffer.from(bidkey.deputyCertificateDer) });
  await expect(dialog.getByRole('checkbox', { name: DEPUTY })).toBeChecked();
  await dialog.getByRole('button', { name: '添加所选' }).click();
  await expect(page.getByText('将加入')).toBeVisible();
  await expect(page.getByText('“招标人”组：由标书旁边的演练凭据代替')).toBeVisible();
  await expect(submit).toBeEnabled();
  await keepScreenshot(page, 'rewrap-chosen', { fullPage: true });
  await page.getByRole('button', { name: /English/ }).click();
  await expect(page.getByRole('heading', { name: 'Add an opener' })).toBeVisible();
  await keepScreenshot(page, 'rewrap-chosen-english', { fullPage: true });
  await page.getByRole('button', { name: '中文' }).click();
  await submit.click();
  await keepScreenshot(page, 'rewrap-pin');
  await enterPin('换加并另存');
  await expect(page.getByRole('heading', { name: '已换加开标人' })).toBeVisible();
  await expect(page.getByText('请在截止时间前重新上传新文件')).toBeVisible();
  await expect(page.locator('.bk-facts').last()).toContainText(DEPUTY);
  await keepScreenshot(page, 'rewrap-made', { fullPage: true });
  await page.getByRole('link', { name: '查看台账' }).click();
  await expect(page.locator('tr', { hasText: '某某道路改造工程' })).toContainText(DEPUTY);
});

test('ok: a CA is trusted after its fingerprint was compared, and removed again', async () => {
  await page.getByRole('link', { name: '设置' }).click();
  const section = page.getByRole('region', { name: '受信任的CA' });
  await expect(section.getByText('还没有受信任的CA。')).toBeVisible();
  await section.locator('input[type=file]').setInputFiles({ name: '单位证书.cer', mimeType: 'application/pkix-cert', buffer: Buffer.from(bidkey.bidder.signCertificateDer) });
  await expect(section.getByText('AUTHORITY_NOT_A_CA', { exact: true })).toBeVisible();
  await section.locator('input[type=file]').setInputFiles({ name: 'ca.pem', mimeType: 'application/x-pem-file', buffer: Buffer.from(bidkey.caPem) });
  const dialog = page.getByRole('dialog', { name: '核对后再信任这个CA' });
  await expect(dialog.getByText('SM3 指纹')).toBeVisible();
  const trust = dialog.getByRole('button', { name: '信任这个CA' });
  await expect(trust).toBeDisabled();
  await dialog.getByRole('checkbox').check();
  await keepScreenshot(page, 'authority-confirm');
  await trust.click();
  await expect(section.getByText('直接信任')).toBeVisible();
  await keepScreenshot(page, 'authorities', { fullPage: true });
  await page.getByRole('button', { name: /English/ }).click();
  await expect(page.getByRole('region', { name: 'Trusted CAs' })).toBeVisible();
  await keepScreenshot(page, 'authorities-english', { fullPage: true });
  await page.getByRole('button', { name: '中文' }).click();
  await section.getByRole('button', { name: /^移除受信任的CA/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: '移除', exact: true }).click();
  await expect(section.getByText('还没有受信任的CA。')).toBeVisible();
  noErrors();
});

test('ok: the tenderer moves the opening, takes a part away, chooses other algorithms, and makes the addendum', async () => {
  await bidTool().click();
  await page.getByRole('link', { name: /制作招标文件/ }).click();
  await page.getByRole('link', { name: '某某道路改造工程' }).click();
  await page.getByLabel('开标时间（北京时间）').fill(laterTime);
  await expect(page.getByRole('radio', { name: /国密/ })).toBeChecked();
  await page.getByRole('radio', { name: /国际/ }).check();
  await page.getByRole('button', { name: '移除：技术标' }).click();
  await page.getByRole('button', { name: '保存', exact: true }).click();
  await expect(page.getByText('已保存')).toBeVisible();
  await keepScreenshot(page, 'tender-suite', { fullPage: true });
  await chooseKey(TENDERER);
  await page.getByLabel('保存到文件夹').fill(bidkey.path(''));
  await page.getByRole('button', { name: '生成招标文件包' }).click();
  await enterPin('生成招标文件包');
  await expect(page.getByText(/已生成：.*_2\.tender/)).toBeVisible();
});

test('ok: the bidder sees what the addendum changes, takes it over, and loses nothing', async () => {
  await bidTool().click();
  await page.getByRole('link', { name: '某某道路改造工程' }).click();
  await page.getByRole('button', { name: '更新招标文件（补遗）' }).click();
  const dialog = page.getByRole('dialog', { name: '更新招标文件（补遗）' });
  const file = dialog.getByLabel('新的招标文件包（.tender）');
  await file.fill(bidkey.path('ZB-2026-0088_某某道路改造工程.tender'));
  await expect(dialog.getByText('BID_TENDER_SAME', { exact: true })).toBeVisible();
  await file.fill(bidkey.path('ZB-2026-0088_某某道路改造工程_2.tender'));
  await expect(dialog.getByText('与原招标文件是同一张签名证书。', { exact: false })).toBeVisible();
  await expect(dialog.getByText(`${openingTime.replace('T', ' ')} → ${laterTime.replace('T', ' ')}`, { exact: false })).toBeVisible();
  await expect(dialog.locator('.bk-differences li', { hasText: '技术标' })).toContainText('删除');
  await expect(dialog.getByText(/国密（SM4、SM3） → 国际/)).toBeVisible();
  await expect(dialog.getByText(/已生成的 1 份标书对应旧招标文件/)).toBeVisible();
  await keepScreenshot(page, 'bid-addendum', { fullPage: true });
  await dialog.getByRole('button', { name: '更新招标文件', exact: true }).click();
  await expect(dialog.getByText('招标文件已更新。')).toBeVisible();
  await keepScreenshot(page, 'bid-addendum-taken');
  await dialog.getByRole('button', { name: '去完善投标文件' }).click();
  await expect(page.getByText('已生成的标书是按旧招标文件生成的')).toBeVisible();
  const kept = page.getByRole('region', { name: '招标文件不再要求的内容' });
  await expect(kept.getByText('技术标.pdf')).toBeVisible();
  await keepScreenshot(page, 'bid-set-aside', { fullPage: true });
  await kept.getByRole('button', { name: '移到其他部分：技术标.pdf' }).click();
  await page.getByRole('menuitem', { name: '其他材料' }).click();
  await expect(kept).toBeHidden();
  await expect(page.locator('section', { hasText: '其他材料' }).getByText('技术标.pdf')).toBeVisible();
  await page.getByRole('tab', { name: /生成标书/ }).click();
  await expect(page.getByText('加密算法：国际（AES-256、SHA-256）')).toBeVisible();
  await expect(page.getByText('这份标书对应旧招标文件，请不要上传；请重新生成。')).toBeVisible();
  await keepScreenshot(page, 'bid-sealed-older', { fullPage: true });
  await page.getByRole('tab', { name: /项目信息/ }).click();
  await expect(page.getByText('已被替换的招标文件')).toBeVisible();
  await keepScreenshot(page, 'bid-info-replaced', { fullPage: true });
  await bidTool().click();
  await expect(page.getByText('招标文件已更新，请重新生成')).toBeVisible();
  await page.getByRole('link', { name: /标书台账/ }).click();
  await expect(page.getByText('对应旧招标文件')).toBeVisible();
  await keepScreenshot(page, 'ledger-older-tender');
  noErrors();
});

test('refuses: an addendum of somebody else, as long as its signer’s name is not typed; what it would change is shown', async () => {
  const field = (id: string, label: string, kind: 'text' | 'integer' | 'amount' | 'date', min: number | null = null) => ({ id, label, kind, required: true, maxLength: null, min, max: null, choices: [] });
  const part = { required: true, mediaTypes: ['application/pdf'], maxBytes: null, maxFiles: null, mustBeSigned: true, form: null };
  await makeForeignTender(bidkey.path('冒名.tender'), {
    signer: STRANGER, opener: STRANGER, documents: [{ path: bidkey.path('技术标.pdf'), name: '澄清.pdf', mediaType: 'application/pdf' }],
    description: {
      tenderId: 'ZB-2026-0088', title: '某某道路改造工程', tenderer: TENDERER, lots: [{ id: '二标段', title: '桥梁' }], opensAtUtc: null,
      parts: [
        { ...part, id: 'letter', title: '投标函', mediaTypes: [], form: [field('bidder', '投标人名称', 'text'), field('representative', '法定代表人或授权代理人', 'text'), field('total', '投标总报价（元）', 'amount'), field('date', '签署日期', 'date'), field('warranty', '质保期（月）', 'integer', 12)] },
        { ...part, id: 'plan', title: '施工组织设计' }, { ...part, id: 'commercial', title: '商务标', maxBytes: 20_000, maxFiles: 1 },
      ],
    },
  });
  await bidTool().click();
  await page.getByRole('link', { name: '某某道路改造工程' }).click();
  await page.getByRole('button', { name: '更新招标文件（补遗）' }).click();
  const dialog = page.getByRole('dialog', { name: '更新招标文件（补遗）' });
  await dialog.getByLabel('新的招标文件包（.tender）').fill(bidkey.path('冒名.tender'));
  await expect(dialog.getByText(`签名证书与原招标文件不同！原签名人：${TENDERER}`)).toBeVisible();
  await expect(dialog.getByText('所投标段“一标段”不再招标，更新后请重新选择标段。')).toBeVisible();
  await expect(dialog.getByText('商务标.pdf（太大）', { exact: false })).toBeVisible();
  const submit = dialog.getByRole('button', { name: '更新招标文件', exact: true });
  await expect(submit).toBeDisabled();
  await dialog.getByLabel('照写签名人名称').fill(TENDERER);
  await expect(submit).toBeDisabled();
  await page.setViewportSize({ width: 1366, height: 1500 });
  await keepScreenshot(page, 'bid-addendum-stranger');
  await page.setViewportSize({ width: 1366, height: 768 });
  await dialog.getByLabel('照写签名人名称').fill(STRANGER);
  await expect(submit).toBeEnabled();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  noErrors();
});

test('ok: every page of the bid tool has one heading, a name for every control, and fits at 200 % zoom, in English too', async () => {
  await bidTool().click();
  const project = (await page.getByRole('link', { name: '某某道路改造工程' }).getAttribute('href'))?.replace(/^#/, '') ?? '';
  await page.getByRole('button', { name: /English/ }).click();
  await page.setViewportSize({ width: 683, height: 384 });
  const origin = new URL(page.url()).origin;
  for (const path of ['/bids', ...['info', 'parts', 'sign', 'openers', 'seal'].map((step) => `${project}?step=${step}`), '/rehearse', '/rewrap', '/opening', '/tender', '/answer-challenge']) {
    await page.goto(`${origin}/#${path}`);
    await expect(page.locator('h1')).toHaveCount(1);
    await expect(page.locator('.bk-loading')).toHaveCount(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), path).toBeLessThanOrEqual(0);
    const nameless = await page.evaluate(() => [...document.querySelectorAll<HTMLElement>('main button, main a[href], main input:not([type=file]), main textarea')]
      .filter((control) => control.offsetParent !== null && !control.closest('[aria-hidden="true"]'))
      .filter((control) => ![control.getAttribute('aria-label'), control.textContent, ...(control instanceof HTMLInputElement || control instanceof HTMLTextAreaElement ? [...(control.labels ?? [])].map((label) => label.textContent) : [])].some((name) => (name ?? '').trim() !== ''))
      .map((control) => control.outerHTML.slice(0, 160)));
    expect(nameless, path).toEqual([]);
  }
  await keepScreenshot(page, 'bid-answer-english-200');
  await page.goto(`${origin}/#${project}?step=seal`);
  await expect(page.getByText('Check list')).toBeVisible();
  await keepScreenshot(page, 'bid-seal-english-200', { fullPage: true });
  await page.getByRole('button', { name: 'Update tender package (addendum)' }).click();
  await page.getByRole('dialog').getByLabel('New tender package (.tender)').fill(bidkey.path('冒名.tender'));
  await expect(page.getByText(`The package before was signed by ${TENDERER}.`, { exact: false })).toBeVisible();
  await page.setViewportSize({ width: 683, height: 1600 });
  await keepScreenshot(page, 'bid-addendum-english-200');
  noErrors();
});
