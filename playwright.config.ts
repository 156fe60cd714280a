/** Journeys in Chromium: `scenes` over the engine in memory (tests/screens), `local-shell` over the real local shell, CA service and SoftHSM2. */
import { defineConfig } from '@playwright/test';
import { chromiumOptions } from './tests/support/chromium.ts';

export default defineConfig({
  testDir: 'tests/e2e',
  // Vitest and the screenshots keep theirs in test-results; this folder is emptied at every start.
  outputDir: 'test-results/playwright',
  workers: 1,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  use: {
    viewport: { width: 1366, height: 768 },
    locale: 'zh-CN',
    timezoneId: 'America/New_York',
    launchOptions: chromiumOptions(),
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'scenes', testMatch: 'scenes/*.spec.ts' },
    { name: 'local-shell', testMatch: 'local-shell/*.spec.ts' },
  ],
});
