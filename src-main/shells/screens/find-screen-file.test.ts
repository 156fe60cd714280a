import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findScreenFile, screenPath } from './find-screen-file.ts';

let outer: string;
let folder: string;
beforeAll(async () => {
  outer = await mkdtemp(join(tmpdir(), 'bidkey-screens-'));
  folder = join(outer, 'renderer');
  await mkdir(join(folder, 'assets'), { recursive: true });
  await mkdir(join(outer, 'renderer2'));
  await writeFile(join(folder, 'index.html'), '<html></html>');
  await writeFile(join(folder, 'assets', 'index-1a.js'), 'x');
  await writeFile(join(folder, 'assets', 'notes.md'), 'x');
  await writeFile(join(outer, 'secret.txt'), 'secret');
  await writeFile(join(outer, 'renderer2', 'a.txt'), 'secret');
  await symlink(join(outer, 'secret.txt'), join(folder, 'link.txt'));
  await symlink(join(outer, 'renderer2'), join(folder, 'linked'));
});
afterAll(() => rm(outer, { recursive: true }));

describe('finding a file of the screens', () => {
  it.each([['/', 'index.html'], ['/index.html', 'index.html'], ['/orders/42', 'index.html'], ['/orders/', 'index.html'], ['/assets/index-1a.js', 'assets/index-1a.js']])('ok: %s is %s', (path, wanted) => {
    expect(screenPath(path)).toBe(wanted);
  });

  it('ok: serves files with their media type', async () => {
    expect((await findScreenFile(folder, '/'))?.mediaType).toBe('text/html; charset=utf-8');
    expect((await findScreenFile(folder, '/assets/index-1a.js'))?.mediaType).toBe('text/javascript; charset=utf-8');
  });

  it.each([
    ['parent', '/../secret.txt'], ['parent inside', '/assets/../../secret.txt'], ['encoded parent', '/%2e%2e/secret.txt'], ['encoded slash', '/..%2fsecret.txt'], ['twice encoded', '/%252e%252e/secret.txt'],
    ['backslash', '/..\\secret.txt'], ['encoded backslash', '/..%5csecret.txt'], ['null byte', '/index.html%00.js'], ['raw null byte', '/index.html\0.js'], ['overlong UTF-8', '/%c0%ae%c0%ae/secret.txt'],
    ['double slash', '//secret.txt'], ['absolute path', '//etc/passwd'], ['drive', '/C:/secret.txt'], ['alternate stream', '/index.html::$DATA'], ['dot file', '/.env.txt'], ['no leading slash', 'index.html'],
    ['sibling with the same beginning', '/../renderer2/a.txt'], ['long name', `/${'a'.repeat(300)}.txt`], ['deep path', `${'/a'.repeat(40)}.txt`],
    ['link to a file outside', '/link.txt'], ['file behind a linked folder', '/linked/a.txt'], ['unlisted type', '/assets/notes.md'], ['missing file', '/assets/none.js'],
  ])('refuses: %s', async (_name, path) => {
    expect(await findScreenFile(folder, path)).toBeNull();
  });
});
