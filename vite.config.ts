/** Builds the screens into dist/renderer. Addresses are relative (base './'), so that the same files serve Electron's own protocol and the local shell. */
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const root = import.meta.dirname;

/**
 * Ant Design writes its styles at run time as <style> elements, which a strict Content-Security-Policy (style-src 'self') refuses.
 * The one module that does so is exchanged for ours, which uses constructed style sheets: no 'unsafe-inline', no nonce.
 */
export function adoptedStyles(): Plugin {
  const replaced = /[\\/]@rc-component[\\/]util[\\/](es|lib)[\\/]Dom[\\/]dynamicCSS(\.js)?$/;
  return {
    name: 'bidkey-adopted-styles',
    enforce: 'pre',
    async resolveId(source, importer, options) {
      if (!source.endsWith('dynamicCSS') && !source.endsWith('dynamicCSS.js')) return null;
      const found = await this.resolve(source, importer, { ...options, skipSelf: true });
      return found && replaced.test(found.id) ? join(root, 'src-renderer/lib/adopted-styles.ts') : null;
    },
  };
}

export default defineConfig({
  root: join(root, 'src-renderer'),
  base: './',
  publicDir: false,
  plugins: [adoptedStyles(), react()],
  build: {
    outDir: join(root, 'dist/renderer'),
    emptyOutDir: true,
    target: 'chrome120',
    // Everything stays a file of its own: data: addresses for scripts and fonts are refused by the policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
});
