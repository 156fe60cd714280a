/** For everybody: keyboard alone, names for screen readers, 200 % zoom, English complete, nothing from outside, PINs nowhere. */
import type { Page } from '@playwright/test';
import { expect, test } from '../support/scene-test.ts';
import { keepScreenshot } from '../support/screenshot.ts';

const PAGES = [['first-day', '/'], ['signed-out', '/login'], ['many-orders', '/pending'], ['two-keys', '/write/line-000001'], ['every-state', '/keys'], ['code-needed', '/unfinished'], ['first-day', '/settings'], ['first-day', '/help']] as const;

/** Presses Tab until the element that has the focus fits. */
async function tabTo(page: Page, wanted: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((selector) => document.activeElement?.matches(selector) ?? false, wanted)) return;
  }
  throw new Error(`Tab never reaches ${wanted}`);
}

test('ok: the whole job by keyboard alone', async ({ openScene }) => {
  const page = await openScene('signed-out');
  await tabTo(page, 'a.bk-tile');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: '登录', exact: true })).toBeVisible();
  await expect(page.getByLabel('手机号、邮箱或用户名')).toBeFocused();
  await page.keyboard.type('demo');
  await page.keyboard.press('Tab');
  await page.keyboard.type('demo-password');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: '待制作证书' })).toBeVisible();
  await tabTo(page, 'td button');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: '制证' })).toBeVisible();
  await tabTo(page, 'input[name="ukey-model"]');
  await tabTo(page, '#authorization-code');
  await page.keyboard.type('598983');
  await tabTo(page, '.bk-submit button');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog').getByLabel('UKey口令')).toBeFocused();
  await page.keyboard.type('246813');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: '制证完成' })).toBeFocused();
  await tabTo(page, '.bk-next-key button');
  await page.keyboard.press('Enter');
  await expect(page.getByText('已完成的UKey可以拔出了，请插入下一把。')).toBeVisible();
});

for (const [scene, path] of PAGES) {
  test(`ok: ${path} has a name for every control and one main heading`, async ({ openScene }) => {
    const page = await openScene(scene, path);
    await expect(page.locator('h1')).toHaveCount(1);
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('button, a[href], input, select, textarea')]
        .filter((control) => control.offsetParent !== null && !control.closest('[aria-hidden="true"]'))
        .filter((control) => {
          const labels = control instanceof HTMLInputElement || control instanceof HTMLTextAreaElement ? [...(control.labels ?? [])].map((label) => label.textContent) : [];
          return ![control.getAttribute('aria-label'), control.textContent, ...labels].some((name) => (name ?? '').trim() !== '');
        })
        .map((control) => control.outerHTML.slice(0, 160)),
    );
    expect(nameless).toEqual([]);
  });

  test(`ok: ${path} needs no sideways scrolling at 200 % zoom`, async ({ openScene, page: window }) => {
    await window.setViewportSize({ width: 683, height: 384 });
    const page = await openScene(scene, path);
    await expect(page.locator('h1')).toBeAttached();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(683);
    await keepScreenshot(page, `zoom-200${path.replaceAll('/', '-')}`);
  });

  test(`ok: ${path} is English all over in English`, async ({ openScene }) => {
    const page = await openScene(scene, path);
    await page.getByRole('button', { name: 'English' }).click();
    await expect(page.getByRole('button', { name: '中文' })).toBeVisible();
    await expect(page.locator('h1')).toBeAttached();
    const chinese = await page.evaluate(() => {
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const found: string[] = [];
      while (walker.nextNode()) if (/[\u4e00-\u9fff]/.test(walker.currentNode.textContent ?? '')) found.push((walker.currentNode.textContent ?? '').trim());
      return found;
    });
    // Names of people, companies, projects, services and the CA are data; languages stand in themselves.
    const data = /^(中文|简体中文|王小明|李评标|.*(有限公司|分公司|交易系统|双证书|演示证书中心).*)$/;
    expect(chinese.filter((text) => !data.test(text))).toEqual([]);
    await keepScreenshot(page, `english${path.replaceAll('/', '-')}`, { fullPage: true });
  });
}

test('ok: contrast of texts is at least 4.5 to 1 on home, list and keys', async ({ openScene }) => {
  for (const [scene, path] of [['every-state', '/'], ['many-orders', '/pending'], ['every-state', '/keys']] as const) {
    const page = await openScene(scene, path);
    await expect(page.locator('h1')).toBeAttached();
    await page.waitForLoadState('networkidle');
    expect(await page.evaluate(poorContrast)).toEqual([]);
  }
});

/** Runs in the page: texts whose colour is too near to the background behind them (WCAG 2.2, 1.4.3). Disabled controls are exempt. */
function poorContrast(): string[] {
  const channels = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (colour: string) => {
    const [r = 0, g = 0, b = 0] = channels(colour).slice(0, 3).map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = (element: Element | null): string => {
    for (let at = element; at !== null; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((channels(colour)[3] ?? 1) === 1 && colour !== 'transparent') return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const poor: string[] = [];
  for (const element of document.querySelectorAll<HTMLElement>('body *')) {
    const ownText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && (node.textContent ?? '').trim() !== '');
    if (!ownText || element.offsetParent === null || element.closest('[disabled], [aria-disabled="true"], [aria-hidden="true"], .bk-visually-hidden')) continue;
    const [light, dark] = [luminance(getComputedStyle(element).color), luminance(background(element))].sort((a, b) => b - a) as [number, number];
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < 4.5) poor.push(`${ratio.toFixed(2)} ${element.className} ${element.textContent?.slice(0, 30)}`);
  }
  return [...new Set(poor)];
}

test('ok: the PIN is in no storage and in no attribute after use, and fields refuse to be filled in by the browser', async ({ openScene }) => {
  const page = await openScene('first-day', '/write/line-000001');
  await page.getByLabel('授权码').fill('598983');
  await page.getByRole('button', { name: '确认制证' }).click();
  const field = page.getByRole('dialog').getByLabel('UKey口令');
  await expect(field).toHaveAttribute('autocomplete', 'off');
  await expect(field).toHaveAttribute('type', 'password');
  await field.fill('246813');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: '制证完成' })).toBeVisible();
  const traces = await page.evaluate(() => ({ html: document.documentElement.outerHTML, local: JSON.stringify(localStorage), session: JSON.stringify(sessionStorage), cookies: document.cookie, address: location.href }));
  for (const place of Object.values(traces)) expect(place).not.toContain('246813');
});

test('ok: nothing is loaded from outside, no style element is made', async ({ openScene, page }) => {
  const hosts = new Set<string>();
  page.on('request', (request) => {
    if (request.url().startsWith('http')) hosts.add(new URL(request.url()).hostname);
  });
  await openScene('every-state', '/keys');
  await expect(page.locator('.bk-key-card').first()).toBeVisible();
  expect([...hosts]).toEqual(['127.0.0.1']);
  expect(await page.locator('style').count()).toBe(0);
});
