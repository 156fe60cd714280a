/** Which shell `npm start` takes, and the app that it puts together for a development Electron. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseShell } from '../../tools/setup/choose-shell.mjs';
import { prepareElectronApp } from '../../tools/setup/electron-app.mjs';

let root: string;
beforeEach(() => { root = mkdtempSync(join(tmpdir(), 'bidkey-choose-')); });
afterEach(() => rmSync(root, { recursive: true }));

function installElectron(folder = join(root, 'node_modules/electron/dist')): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'electron'), '');
}
const choose = (args: string[] = [], environment: Record<string, string> = { DISPLAY: ':0' }, userId = 1000) => chooseShell(root, args, environment, userId, 'linux');

describe('choosing the shell', () => {
  it('ok: local without the Electron binary, and says how to get it', () => {
    expect(choose()).toMatchObject({ name: 'local', reason: expect.stringContaining('npx install-electron') as string });
  });

  it('ok: Electron when its binary is there, also where ELECTRON_OVERRIDE_DIST_PATH says', () => {
    const elsewhere = join(root, 'vendor');
    installElectron(elsewhere);
    expect(choose([], { DISPLAY: ':0', ELECTRON_OVERRIDE_DIST_PATH: elsewhere })).toMatchObject({ name: 'electron', binary: join(elsewhere, 'electron') });
    installElectron();
    expect(choose()).toMatchObject({ name: 'electron', binary: join(root, 'node_modules/electron/dist/electron') });
    expect(choose([], { WAYLAND_DISPLAY: 'wayland-0' })).toMatchObject({ name: 'electron' });
  });

  it('ok: local all the same when asked for, without a display, or as root', () => {
    installElectron();
    expect(choose(['--local']).name).toBe('local');
    expect(choose(['--no-open']).name).toBe('local');
    expect(choose([], {}).name).toBe('local');
    expect(choose([], { DISPLAY: ':0' }, 0)).toMatchObject({ name: 'local', reason: expect.stringContaining('root') as string });
  });
});

describe('the app for a development Electron', () => {
  function aProject(): void {
    const file = (path: string, text: string) => {
      mkdirSync(join(root, path, '..'), { recursive: true });
      writeFileSync(join(root, path), text);
    };
    file('package.json', '{"type":"module","main":"dist/electron-main.js"}');
    file('dist/electron-main.js', "import native from 'better-sqlite3'; import other from 'other'; console.log(native, other);");
    file('resources/x.txt', 'x');
    for (const name of ['better-sqlite3', 'other', 'electron']) file(`node_modules/${name}/package.json`, `{"name":"${name}","version":"1.0.0","main":"index.cjs"}`);
    file('node_modules/better-sqlite3/index.cjs', "module.exports = require('fs').existsSync(__dirname + '/build') ? 'for node' : 'anew';");
    file('node_modules/better-sqlite3/build/x.node', '');
    file('node_modules/other/index.cjs', "module.exports = 'other';");
  }

  it('ok: finds its own native package and everybody else’s packages; builds once', () => {
    aProject();
    let builds = 0;
    const prepare = () => prepareElectronApp(root, () => undefined, () => { builds += 1; return true; });
    const app = prepare() as string;
    expect(spawnSync(process.execPath, [join(app, 'dist/electron-main.js')], { encoding: 'utf8' }).stdout).toBe('anew other\n');
    expect(prepare()).toBe(app);
    expect(builds).toBe(1);
  });

  it('refuses: when the native package cannot be built, and tries again next time', () => {
    aProject();
    expect(prepareElectronApp(root, () => undefined, () => false)).toBeNull();
    expect(prepareElectronApp(root, () => undefined, () => true)).not.toBeNull();
  });
});
