import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listFolder, makeFolder } from './browse-folders.ts';

let outer: string;
let home: string;
beforeAll(async () => {
  outer = await mkdtemp(join(tmpdir(), 'bidkey-browse-'));
  home = join(outer, 'home');
  await mkdir(join(home, 'Documents', '投标'), { recursive: true });
  await mkdir(join(outer, 'home-of-another'));
  await mkdir(join(outer, 'secret'));
  for (const name of ['b.pdf', 'a.BID', 'c.txt', '.hidden']) await writeFile(join(home, 'Documents', name), name);
  await symlink(join(outer, 'secret'), join(home, 'Documents', 'way-out'));
});
afterAll(() => rm(outer, { recursive: true, force: true }));

describe('browsing folders', () => {
  it('ok: begins at home, knows its places, shows folders first and nothing hidden', async () => {
    const listing = await listFolder(null, undefined, home);
    expect(listing).toMatchObject({ path: home, parent: null });
    expect(listing.places.slice(0, 2).map(({ kind, path }) => [kind, path])).toEqual([['home', home], ['documents', join(home, 'Documents')]]);
    const documents = await listFolder(join(home, 'Documents'), undefined, home);
    expect(documents.parent).toBe(home);
    expect(documents.entries.map(({ name, kind }) => `${kind} ${name}`)).toEqual(['folder 投标', 'folder way-out', 'file a.BID', 'file b.pdf', 'file c.txt']);
    expect(documents.freeBytes).toBeGreaterThan(0);
  });
  it('ok: other endings are left out, folders never', async () => {
    expect((await listFolder(join(home, 'Documents'), ['.bid'], home)).entries.map(({ name }) => name)).toEqual(['投标', 'way-out', 'a.BID']);
  });
  it.each([['outside', () => outer], ['a sibling whose name begins the same', () => join(outer, 'home-of-another')], ['by ..', () => join(home, 'Documents', '..', '..', 'secret')], ['by a link', () => join(home, 'Documents', 'way-out')], ['not absolute', () => 'Documents']])('refuses: %s', async (_name, path) => {
    await expect(listFolder(path(), undefined, home)).rejects.toMatchObject({ code: 'FILE_PLACE_REFUSED' });
  });
  it('refuses: a folder that is not there, or a file', async () => {
    await expect(listFolder(join(home, 'none'), undefined, home)).rejects.toMatchObject({ code: 'FILE_FOLDER_UNREADABLE' });
    await expect(listFolder(join(home, 'Documents', 'b.pdf'), undefined, home)).rejects.toMatchObject({ code: 'FILE_FOLDER_UNREADABLE' });
  });
  it('ok: makes a folder; refuses names that lead elsewhere', async () => {
    expect((await makeFolder(home, '开标', home)).path).toBe(join(home, '开标'));
    await expect(makeFolder(home, '开标', home)).rejects.toMatchObject({ code: 'FILE_FOLDER_UNREADABLE' });
    for (const name of ['../x', 'a/b', 'con', '.']) await expect(makeFolder(home, name, home)).rejects.toMatchObject({ code: 'SEAL_NAME_REFUSED' });
    await expect(makeFolder(outer, 'x', home)).rejects.toMatchObject({ code: 'FILE_PLACE_REFUSED' });
  });
});
