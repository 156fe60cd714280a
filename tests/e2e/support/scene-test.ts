/** Playwright's test with the scenes page: built once per worker, opened by the name of a scene; any error on the console fails the test. */
import { join } from 'node:path';
import { test as base, expect, type Page } from '@playwright/test';
import { build } from 'vite';
import { serveScreens } from '../../screens/serve-screens.ts';
import { failOnPageErrors } from './page-errors.ts';

const root = join(import.meta.dirname, '../../..');

interface SceneFixtures {
  /** Opens a scene at a page of the screens, for example `/keys`. */
  readonly openScene: (scene: string, path?: string) => Promise<Page>;
}

export const test = base.extend<SceneFixtures, { readonly scenesUrl: string }>({
  scenesUrl: [
    async ({}, use) => {
      await build({ configFile: join(root, 'tests/screens/vite.config.ts') });
      const served = await serveScreens(join(root, 'test-results/screens-harness'));
      await use(served.url);
      served.close();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  openScene: async ({ page, scenesUrl }, use) => {
    const noErrors = failOnPageErrors(page);
    await use(async (scene, path = '/') => {
      await page.goto(`${scenesUrl}?scene=${scene}#${path}`);
      return page;
    });
    noErrors();
  },
});
export { expect };
