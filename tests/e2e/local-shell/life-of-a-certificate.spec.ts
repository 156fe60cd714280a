/**
 * The life of a certificate by mouse over the real local shell and CA service: renewal on SoftHSM2 with RSA after a login by key, change on the software UKey with
 * SM2, unlock of a key that is really locked, suspension and revocation by the key itself; then ledger, diagnosis and bindings. Staff, payment and SMS are
 * played over the service's own API (support/ca-desk.ts).
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import type { LedgerDocument, SealedBidRecord } from '#shared/contract/desktop/ledger.ts';
import type { TokenList, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { openCaDesk, type CaDesk } from '../support/ca-desk.ts';
import { orderNumberOf, pendingRow, startLocalBidKey, type LocalBidKey } from '../support/local-bidkey.ts';
import { failOnPageErrors } from '../support/page-errors.ts';
import { keepScreenshot } from '../support/screenshot.ts';

test.describe.configure({ mode: 'serial', timeout: 180_000 });

const RSA_KEY = 'BidKey DEMO 1';
const SM2_KEY = 'BidKey DEMO SM2-1';
const TENDER = '滨江区地块测绘项目';
const NEW_PIN = '80463917';
const LOOK_AGAIN = { timeout: 30_000 };

let bidkey: LocalBidKey;
let desk: CaDesk;
let page: Page;
let noErrors: () => void;
/** PIN of the SM2 key; the unlock sets another. */
let sm2Pin: string;

test.beforeAll(async ({ browser }) => {
  bidkey = await startLocalBidKey({}, 'direct');
  desk = await openCaDesk(bidkey.caUrl, bidkey.demoLogin.password);
  sm2Pin = bidkey.demoPin;
  page = await browser.newPage();
  noErrors = failOnPageErrors(page);
  await page.goto(bidkey.link);
});
test.afterAll(async () => {
  await bidkey?.close();
});

const goTo = (path: string) => page.goto(`${new URL(bidkey.link).origin}/#${path}`);
const numberOfRequest = async () => (/申请 (\S+)/.exec(await page.getByRole('heading', { name: /^申请 \S+/ }).innerText())?.[1] ?? '').trim();
const chooseKey = (label: string) => page.locator('.bk-key-choice', { hasText: label }).getByRole('radio').check();

/** What can be done for the certificates of the chosen key; below it stands the list for lost keys. */
const rowsOfKey = () => page.locator('section', { has: page.getByRole('heading', { name: '待处理证书' }) });

async function enterPin(button: string, pin: string) {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('UKey口令').fill(pin);
  const confirm = dialog.getByRole('checkbox');
  if (await confirm.isVisible()) await confirm.check();
  await dialog.getByRole('button', { name: button, exact: true }).click();
}

async function write(label: string, algorithm: 'RSA' | 'SM2', model: RegExp) {
  await goTo('/pending');
  const row = pendingRow(page, algorithm);
  const orderNumber = await orderNumberOf(row);
  await row.getByRole('button', { name: /制证/ }).click();
  await page.getByRole('radio', { name: model }).first().check();
  await page.locator('.bk-key-choice', { hasText: label }).click();
  await page.getByLabel('授权码').fill(await bidkey.authorizationCode(orderNumber));
  await page.getByRole('button', { name: '确认制证' }).click();
  await enterPin('开始制证', bidkey.demoPin);
  await expect(page.getByRole('heading', { name: '制证完成' })).toBeVisible({ timeout: 60_000 });
}

async function readAndSignNotice(pin: string) {
  const text = page.locator('.bk-notice-text');
  await text.evaluate((box) => box.scrollTo(0, box.scrollHeight));
  await page.getByRole('checkbox', { name: /我已阅读/ }).check();
  await page.getByRole('button', { name: '用UKey签名确认' }).click();
  await enterPin('用UKey签名确认', pin);
  await expect(page.getByText(/已于 .* 用UKey签名确认/)).toBeVisible();
}

/** From a submitted request to the page on which it is carried out. */
async function throughTheDesk(picture: string, also?: (requestNumber: string) => Promise<void>): Promise<string> {
  const number = await numberOfRequest();
  await page.getByRole('button', { name: '提交申请' }).click();
  await expect(page.getByText('待审核').first()).toBeVisible();
  await desk.approve(number);
  await also?.(number);
  const pay = page.getByRole('button', { name: '支付', exact: true });
  const carryOut = page.getByRole('link', { name: '去UKey上办理' });
  await expect(pay.or(carryOut)).toBeVisible(LOOK_AGAIN);
  if (await pay.isVisible()) {
    await pay.click();
    await expect(page.getByRole('link', { name: '打开支付页面' })).toBeVisible();
    await desk.payAll();
  }
  await expect(carryOut).toBeVisible(LOOK_AGAIN);
  await keepScreenshot(page, `${picture}-request`, { fullPage: true });
  await carryOut.click();
  return number;
}

test('ok: two keys are written', async () => {
  await page.getByRole('link', { name: /新领制证/ }).click();
  await page.getByRole('button', { name: '填入' }).click();
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await expect(page.getByRole('heading', { name: '待制作证书' })).toBeVisible();
  await write(RSA_KEY, 'RSA', /SoftHSM2/);
  await write(SM2_KEY, 'SM2', /标钥软件 UKey/);
});

test('ok: a bid that was sealed for the RSA key elsewhere is read into the ledger', async () => {
  await goTo('/ledger');
  await page.getByLabel('读入台账').setInputFiles({ name: 'ledger.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(await ledgerWithABidOf(RSA_KEY))) });
  await expect(page.getByRole('row', { name: new RegExp(TENDER) })).toBeVisible();
  await page.getByRole('button', { name: /展开|Expand/ }).first().click();
  await expect(page.getByText('封标编号')).toBeVisible();
  await keepScreenshot(page, 'life-ledger', { fullPage: true });
});

test('ok: renewal on an RSA key after a login by that key: notice, code, new certificates beside the history key', async () => {
  await page.getByRole('button', { name: /王小标/ }).click();
  await page.getByRole('menuitem', { name: /退出/ }).click();
  await goTo('/');
  await page.getByRole('link', { name: /证书延期/ }).first().click();
  await chooseKey(RSA_KEY);
  await page.getByRole('button', { name: '用UKey登录' }).click();
  await enterPin('登录', bidkey.demoPin);
  await expect(page.getByRole('heading', { name: '待处理证书' })).toBeVisible();
  await keepScreenshot(page, 'life-renewal-certificates', { fullPage: true });
  await page.getByRole('link', { name: '延期', exact: true }).click();
  await page.getByRole('radio').first().check();
  await keepScreenshot(page, 'life-renewal-apply', { fullPage: true });
  await page.getByRole('button', { name: '保存，下一步' }).click();
  const number = await throughTheDesk('life-renewal');

  // What is on the way to an opening is named before anything begins, and more so when the old key would not be kept.
  await expect(page.locator('.bk-bid-answer', { hasText: TENDER })).toBeVisible();
  await keepScreenshot(page, 'life-renewal-ledger', { fullPage: true });
  await chooseKey(RSA_KEY);
  await page.getByRole('radio', { name: /不保留/ }).check();
  await expect(page.getByText('办理后有 1 份待开标的标书将无法打开！')).toBeVisible();
  await page.getByLabel('招标项目名称').fill('别的项目');
  await expect(page.locator('#carry-out-missing')).toContainText('确认对标书的影响');
  await keepScreenshot(page, 'life-renewal-would-lose', { fullPage: true });
  await page.getByRole('radio', { name: /^保留/ }).check();
  await readAndSignNotice(bidkey.demoPin);
  await page.getByLabel('授权码').fill(await desk.code(number));
  await keepScreenshot(page, 'life-renewal-form', { fullPage: true });
  await page.getByRole('button', { name: '开始延期' }).click();
  await enterPin('开始延期', bidkey.demoPin);
  await expect(page.getByRole('heading', { name: '延期完成' })).toBeVisible({ timeout: 60_000 });
  await keepScreenshot(page, 'life-renewal-result', { fullPage: true });
  await goTo('/keys');
  await expect(page.locator('.bk-key-card', { hasText: RSA_KEY }).getByText('历史密钥')).toBeVisible();
});

test('refuses: renewal of an SM2 certificate before its window, and says from when; ok: a change of its handler over the same keys', async () => {
  await goTo('/service/renewal');
  await chooseKey(SM2_KEY);
  await expect(page.getByText('现在不能办理')).toBeVisible();
  await keepScreenshot(page, 'life-renewal-too-early', { fullPage: true });

  await goTo('/service/change');
  await chooseKey(SM2_KEY);
  await page.getByRole('link', { name: '变更', exact: true }).click();
  await page.getByRole('radio', { name: /经办人或所在地变更/ }).check();
  await page.getByRole('radio', { name: /沿用原密钥/ }).check();
  await page.getByRole('button', { name: '保存，下一步' }).click();
  await page.getByLabel('经办人', { exact: true }).fill('赵小钱');
  await page.getByRole('button', { name: '保存信息' }).click();
  const scan = { name: '申请单.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7\n%demo scan\n') };
  await page.getByLabel('变更申请单（盖章）文件').setInputFiles(scan);
  await expect(page.getByText('申请单.pdf')).toBeVisible();
  await page.getByLabel('经办人身份证（盖章）文件').setInputFiles({ ...scan, name: '身份证.pdf' });
  await expect(page.getByText('身份证.pdf')).toBeVisible();
  await keepScreenshot(page, 'life-change-draft', { fullPage: true });
  const number = await throughTheDesk('life-change');
  await readAndSignNotice(sm2Pin);
  await page.getByLabel('授权码').fill(await desk.code(number));
  await page.getByRole('button', { name: '开始变更' }).click();
  await enterPin('开始变更', sm2Pin);
  await expect(page.getByRole('heading', { name: '变更完成' })).toBeVisible({ timeout: 60_000 });
  await keepScreenshot(page, 'life-change-result', { fullPage: true });
});

test('ok: a key that is really locked is unlocked with a code, under the rules of its model', async () => {
  lockKey(SM2_KEY);
  await goTo('/keys');
  await page.getByRole('button', { name: '重新扫描' }).click();
  const card = page.locator('.bk-key-card', { hasText: SM2_KEY });
  await expect(card.getByText('已锁定')).toBeVisible(LOOK_AGAIN);
  await keepScreenshot(page, 'life-locked', { fullPage: true });
  await card.getByRole('link', { name: '解锁' }).click();
  await chooseKey(SM2_KEY);
  await page.getByRole('link', { name: '申请解锁' }).first().click();
  await page.getByRole('button', { name: '保存，下一步' }).click();
  const number = await throughTheDesk('life-unlock');
  await page.getByLabel('授权码').fill(await desk.code(number));
  await page.getByRole('button', { name: '开始解锁' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('新口令', { exact: true }).fill(NEW_PIN);
  await dialog.getByLabel('再输入一次新口令').fill(NEW_PIN);
  await keepScreenshot(page, 'life-unlock-new-pin');
  await dialog.getByRole('button', { name: '开始解锁' }).click();
  await expect(page.getByRole('heading', { name: '解锁完成' })).toBeVisible({ timeout: 60_000 });
  sm2Pin = NEW_PIN;
});

test('ok: the holder suspends with the key in hand, at once', async () => {
  await goTo('/service/suspension');
  await chooseKey(SM2_KEY);
  await rowsOfKey().getByRole('link', { name: '挂失', exact: true }).click();
  await page.getByRole('button', { name: '保存，下一步' }).click();
  await page.getByRole('button', { name: '用UKey确认，立即生效' }).click();
  await enterPin('用UKey确认，立即生效', sm2Pin);
  await expect(page.getByText('已办完。')).toBeVisible(LOOK_AGAIN);
  await goTo('/keys');
  await expect(page.locator('.bk-key-card', { hasText: SM2_KEY }).getByText('已冻结').first()).toBeVisible();
  await keepScreenshot(page, 'life-suspended', { fullPage: true });
});

test('ok: a lost key is reissued on another one, with its old encryption key back from escrow', async () => {
  await goTo('/service/reissue');
  const lost = page.locator('section', { has: page.getByRole('heading', { name: /丢失或损坏/ }) });
  await expect(lost.getByRole('link', { name: '补办' })).toHaveCount(2);
  const serial = await signingSerialOf(SM2_KEY);
  await lost.getByRole('listitem').filter({ hasText: serial }).getByRole('link', { name: '补办' }).click();
  await page.getByRole('radio', { name: /私钥可能泄露/ }).check();
  await page.getByRole('radio', { name: /新UKey办好之前暂不吊销/ }).check();
  await page.getByRole('button', { name: '保存，下一步' }).click();
  const number = await throughTheDesk('life-reissue', (requestNumber) => desk.approveRecovery(requestNumber));
  await chooseKey('BidKey DEMO SM2-2');
  await page.getByLabel('授权码').fill(await desk.code(number));
  await keepScreenshot(page, 'life-reissue-form', { fullPage: true });
  await page.getByRole('button', { name: '开始补办' }).click();
  await enterPin('开始补办', bidkey.demoPin);
  await expect(page.getByRole('heading', { name: '补办完成' })).toBeVisible({ timeout: 60_000 });
  await goTo('/keys');
  const card = page.locator('.bk-key-card', { hasText: 'BidKey DEMO SM2-2' });
  await expect(card.getByText('历史密钥')).toBeVisible(LOOK_AGAIN);
  await keepScreenshot(page, 'life-reissued', { fullPage: true });
});

test('ok: the holder revokes with a reason; the key keeps what opens old bids', async () => {
  await goTo('/service/revocation');
  await chooseKey(RSA_KEY);
  await rowsOfKey().getByRole('link', { name: '吊销', exact: true }).click();
  await page.getByRole('radio', { name: '不再使用' }).check();
  await page.getByRole('button', { name: '保存，下一步' }).click();
  await page.getByRole('button', { name: '用UKey确认，立即生效' }).click();
  await keepScreenshot(page, 'life-revocation');
  await enterPin('用UKey确认，立即生效', bidkey.demoPin);
  // The login was by this very certificate: it ends with it, and the page waits behind the new login.
  await expect(page.getByText('已办理，立即生效', { exact: true })).toBeVisible(LOOK_AGAIN);
  await expect(page.getByText(/登录已失效，请重新登录/)).toBeVisible(LOOK_AGAIN);
  await keepScreenshot(page, 'life-revoked-logged-out');
  await page.getByRole('button', { name: '填入' }).click();
  await page.getByRole('button', { name: '登录', exact: true }).last().click();
  await expect(page.getByText('已办完。')).toBeVisible(LOOK_AGAIN);
});

test('ok: requests, bindings, ledger and diagnosis show what is so', async () => {
  await goTo('/requests');
  for (const kind of ['延期', '变更', '解锁', '挂失', '吊销']) await expect(page.getByRole('row', { name: new RegExp(kind) }).first()).toBeVisible();
  await keepScreenshot(page, 'life-requests', { fullPage: true });
  await goTo('/bindings');
  await expect(page.getByText('本账号签发').first()).toBeVisible();
  await keepScreenshot(page, 'life-bindings', { fullPage: true });
  await goTo('/ledger');
  await page.locator('.ant-segmented').getByText('全部', { exact: true }).click();
  await page.getByRole('button', { name: new RegExp(`${TENDER} 的操作`) }).click();
  await page.getByRole('menuitem', { name: '登记上传' }).click();
  await page.getByLabel('上传到哪个平台').fill('省公共资源交易平台');
  await page.getByLabel('回执编号（可不填）').fill('HZ-20261120-77');
  await page.getByRole('dialog').getByRole('button', { name: '登记', exact: true }).click();
  await expect(page.getByRole('dialog')).toBeHidden();
  await page.getByRole('button', { name: /展开|Expand/ }).first().click();
  await expect(page.getByText(/省公共资源交易平台，回执 HZ-20261120-77/)).toBeVisible();
  await page.locator('.ant-segmented').getByText('已撤回', { exact: true }).click();
  await expect(page.getByText('没有这种状态的标书。')).toBeVisible();
  await keepScreenshot(page, 'life-ledger-empty');
  await goTo('/diagnosis');
  await page.getByRole('button', { name: '开始诊断' }).click();
  await expect(page.getByText(/诊断完成于/)).toBeVisible({ timeout: 90_000 });
  await expect(page.locator('.bk-findings li').first()).toBeVisible();
  await keepScreenshot(page, 'life-diagnosis', { fullPage: true });
  noErrors();
});

/** What the driver shows of a plugged key. */
async function keyOf(label: string): Promise<TokenSummary> {
  const answer = await page.evaluate(async () => (await (await fetch('/api/call/tokens.list', { method: 'POST', headers: { 'content-type': 'application/json' }, body: 'null' })).json()) as unknown);
  const token = (answer as { value: TokenList }).value.tokens.find((one) => one.label === label);
  if (token === undefined) throw new Error(`no key ${label}`);
  return token;
}

const signingSerialOf = async (label: string) => (await keyOf(label)).certificates.find((one) => one.purpose === 'sign')?.serialHex ?? '';

/** An exported ledger with one bid that opens in two hours and names the key's encryption certificate among its openers. */
async function ledgerWithABidOf(label: string): Promise<unknown> {
  const certificate = (await keyOf(label)).certificates.find((one) => one.purpose === 'encrypt');
  if (certificate === undefined) throw new Error(`no encryption certificate on ${label}`);
  const opener = (group: string, fingerprintHex: string) => ({ group, fingerprintHex, fingerprintDigest: 'sha-256', label: certificate.subjectCommonName, issuer: certificate.issuer, serialHex: certificate.serialHex, notAfterUtc: certificate.notAfterUtc });
  const bid: SealedBidRecord = {
    sealId: '5e'.repeat(16), bidId: 'TB-1', tenderId: 'ZB-2026-11', lot: '一标段', tenderName: TENDER, bidderName: certificate.subjectCommonName, file: null,
    openingTimeUtc: new Date(Date.now() + 2 * 3_600_000).toISOString().replace(/\.\d{3}/, ''), sealedAtUtc: '2026-11-19T02:00:00Z',
    openers: [opener('bidder', certificate.sha256Hex), opener('tenderer', 'ab'.repeat(32))] as SealedBidRecord['openers'], state: 'to-open', rehearsals: [], uploads: [],
  };
  return { format: 'bidkey-ledger', version: 1, exportedAtUtc: '2026-11-19T03:00:00Z', bids: [bid] } satisfies LedgerDocument;
}

/** As if its PIN had been mistyped until nothing was left. */
function lockKey(label: string): void {
  const utility = join(import.meta.dirname, '../../../dist/native/ukeyctl');
  const keys = join(bidkey.dataFolder, 'demo-sm2-key');
  const listed = JSON.parse(execFileSync(utility, ['--dir', keys, 'list', '--json'], { encoding: 'utf8' })) as { serial: string; label: string }[];
  const serial = listed.find((key) => key.label === label)?.serial;
  if (serial === undefined) throw new Error(`no key ${label} in ${keys}`);
  execFileSync(utility, ['--dir', keys, 'lock', serial]);
}
