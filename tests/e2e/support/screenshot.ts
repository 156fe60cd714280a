/** Keeps a picture of the page in test-results/screens, for people to look at. */
import { join } from 'node:path';
import type { Page } from '@playwright/test';

const folder = join(import.meta.dirname, '../../../test-results/screens');

export async function keepScreenshot(page: Page, name: string, options: { fullPage?: boolean } = {}): Promise<void> {
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: options.fullPage ?? false });
}
