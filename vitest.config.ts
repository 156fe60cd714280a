/** Unit tests stand beside their file; what crosses parts stands in tests/. Playwright journeys (tests/e2e) are not run from here. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'unit', include: ['src-*/**/*.test.ts', 'tools/**/*.test.ts'], environment: 'node', testTimeout: 60_000, hookTimeout: 60_000 } },
      { extends: true, test: { name: 'integration', include: ['tests/**/*.test.ts'], exclude: ['tests/e2e/**', 'tests/bench/**'], environment: 'node', testTimeout: 120_000, hookTimeout: 120_000 } },
    ],
    // A profile for everything: node:crypto answers as Electron's does, without national algorithms.
    setupFiles: process.env.BIDKEY_TEST_WITHOUT_SM ? ['tests/sm/without-national-algorithms.setup.ts'] : [],
    maxWorkers: 2,
    minWorkers: 1,
  },
});
