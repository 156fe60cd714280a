/** Builds the screens into dist/renderer. Addresses are relative (base './'), so that the same files serve Electron's own protocol and the local shell. */
import { readdirSync, readFileSync } from 'node:fs';
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

/** Character maps, standard fonts and a decoder that pdf.js reads by name while it shows a document: copied as they are, under the names that it asks for. */
export function pdfjsFiles(): Plugin {
  const from = join(root, 'node_modules/pdfjs-dist');
  const wanted = [{ folder: 'cmaps', ending: '.bcmap' }, { folder: 'standard_fonts', ending: '' }, { folder: 'wasm', ending: '_nowasm_fallback.js' }];
  return {
    name: 'bidkey-pdfjs-files',
    apply: 'build',
    generateBundle() {
      for (const { folder, ending } of wanted) {
        for (const name of readdirSync(join(from, folder)).filter((one) => one.endsWith(ending) && !one.startsWith('LICENSE'))) {
          this.emitFile({ type: 'asset', fileName: `pdfjs/${folder}/${name}`, source: readFileSync(join(from, folder, name)) });
        }
      }
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
    plugins: [adoptedStyles(), pdfjsFiles(), react()],
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
