/** Builds the screens into dist/renderer. Addresses are relative (base './'), so that the same files serve Electron's own protocol and the local shell. */
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin, type UserConfig } from 'vite';

const root = import.meta.dirname;

/**
 * Ant Design writes its styles at run time as <style> elements, which a strict Content-Security-Policy (style-src 'self') refuses.
 * The two modules that do so are exchanged for ours, which use constructed style sheets: no 'unsafe-inline', no nonce.
 */
export function adoptedStyles(): Plugin {
  const replaced = [
    { source: /dynamicCSS(\.js)?$/, file: /[\\/]@rc-component[\\/]util[\\/](es|lib)[\\/]Dom[\\/]dynamicCSS\.js$/, ours: 'src-renderer/lib/adopted-styles.ts' },
    { source: /cssUtils(\.js)?$/, file: /[\\/]@ant-design[\\/]icons[\\/](es|lib)[\\/]cssUtils\.js$/, ours: 'src-renderer/lib/adopted-icon-styles.ts' },
  ];
  return {
    name: 'bidkey-adopted-styles',
    enforce: 'pre',
    async resolveId(source, importer, options) {
      const row = replaced.find((candidate) => candidate.source.test(source));
      if (!row) return null;
      const found = await this.resolve(source, importer, { ...options, skipSelf: true });
      return found && row.file.test(found.id) ? join(root, row.ours) : null;
    },
  };
}

/** A build asked for by a test runs under NODE_ENV=test, which would put React's slow development build into the product. */
export function buildForProduction(): void {
  process.env['NODE_ENV'] = 'production';
}

export default defineConfig((): UserConfig => {
  buildForProduction();
  return {
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
  };
});
