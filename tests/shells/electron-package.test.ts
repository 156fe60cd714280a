/** The package of the Electron shell: fuses and contents, read from electron-builder.yml itself. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const configuration = readFileSync(join(root, 'electron-builder.yml'), 'utf8');

/** `name: value` lines of one top-level block. */
function block(name: string): Record<string, string> {
  const body = new RegExp(`^${name}:\\n((?:[ ]+.*\\n)+)`, 'm').exec(configuration)?.[1] ?? '';
  return Object.fromEntries(body.split('\n').filter((line) => line.includes(':')).map((line) => [line.split(':')[0]?.trim(), line.split(':')[1]?.trim()]));
}

describe('electron-builder.yml', () => {
  it('ok: flips every fuse to its safe side', () => {
    expect(block('electronFuses')).toEqual({
      runAsNode: 'false', enableCookieEncryption: 'true', enableNodeOptionsEnvironmentVariable: 'false', enableNodeCliInspectArguments: 'false',
      enableEmbeddedAsarIntegrityValidation: 'true', onlyLoadAppFromAsar: 'true', grantFileProtocolExtraPrivileges: 'false',
    });
  });

  it('ok: packs into asar, with native modules beside it and without sources or maps', () => {
    expect(configuration).toMatch(/^asar: true$/m);
    for (const name of ['better-sqlite3', 'pkcs11js', '@koromix', '@node-rs']) expect(configuration).toContain(`node_modules/${name}/`);
    expect(configuration).toContain('"!dist/**/*.map"');
    expect(configuration).not.toMatch(/src-(main|ca|shared|renderer)/);
  });

  it('ok: the program that is packed is the one that is built', () => {
    const { main } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { main: string };
    expect(main).toBe('dist/electron-main.js');
    const build = readFileSync(join(root, 'tools/build.mjs'), 'utf8');
    expect(build).toContain("'electron-main': 'src-main/shells/electron/main.ts'");
    // And those that it starts as utility processes.
    const started = [...readFileSync(join(root, 'src-main/shells/electron/main.ts'), 'utf8').matchAll(/programFolder, '([a-z-]+)\.js'/g)].map(([, name]) => name);
    expect(started).toEqual(['token-host', 'pdf-reader']);
    for (const name of started) expect(build).toContain(`'${name}': 'src-main/`);
  });
});
