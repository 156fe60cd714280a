/** Builds the scenes page into dist/screens-harness with the same plugins as the product's screens. */
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type UserConfig } from 'vite';
import { adoptedStyles, buildForProduction } from '../../vite.config.ts';

export default defineConfig((): UserConfig => {
  buildForProduction();
  return {
    root: import.meta.dirname,
    base: './',
    publicDir: false,
    plugins: [adoptedStyles(), react()],
    build: { outDir: join(import.meta.dirname, '../../test-results/screens-harness'), emptyOutDir: true, target: 'chrome120', assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 2000 },
    logLevel: 'warn',
  };
});
