/** The settings file on a real disk. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, openSettings } from './settings-store.ts';

let folder = '';
const now = () => new Date('2026-01-02T03:04:05Z');
const path = () => join(folder, 'settings.json');
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'bidkey-settings-')); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('settings', () => {
  it('ok: absent fields stay, and the file is for its owner only', () => {
    const store = openSettings(path(), now);
    expect(store.get()).toEqual(DEFAULT_SETTINGS);
    store.update({ caBaseUrl: 'https://ca.example.cn' });
    store.update({ language: 'en-US' });
    expect(openSettings(path(), now).get()).toEqual({ caBaseUrl: 'https://ca.example.cn', language: 'en-US', extraDrivers: [] });
    if (process.platform !== 'win32') expect(statSync(path()).mode & 0o777).toBe(0o600);
  });

  it.each(['', '{', '{"caBaseUrl":"javascript:alert(1)","language":"zh-CN","extraDrivers":[]}', '{"language":"zh-CN"}', '[]'])('refuses: %j is set aside and defaults are used', (text) => {
    writeFileSync(path(), text);
    const store = openSettings(path(), now);
    expect(store.get()).toEqual(DEFAULT_SETTINGS);
    expect(readFileSync(store.setAsideAs ?? '', 'utf8')).toBe(text);
  });
});
