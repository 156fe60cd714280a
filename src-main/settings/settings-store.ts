/**
 * The settings: one small JSON file, readable by its owner only. Rule: written as a whole beside the old file and then put in its place, so
 * that a power cut leaves the old or the new one; a file that cannot be read is set aside, never overwritten.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { Value } from '@sinclair/typebox/value';
import { Settings } from '#shared/contract/desktop/desktop-contract.ts';

export const DEFAULT_SETTINGS: Settings = { caBaseUrl: null, language: 'zh-CN', extraDrivers: [] };

export interface SettingsStore {
  get(): Settings;
  /** Absent fields stay. @returns the settings as they now are on disk */
  update(change: Partial<Settings>): Settings;
  /** Where a damaged file went at the opening; null when all is well. */
  readonly setAsideAs: string | null;
}

export function openSettings(path: string, now: () => Date): SettingsStore {
  const read = readSettings(path);
  let setAsideAs: string | null = null;
  if (read === 'damaged') {
    setAsideAs = `${path}.damaged-${now().toISOString().replace(/[:.]/g, '-')}`;
    renameSync(path, setAsideAs);
  }
  let settings = read === 'damaged' || read === 'absent' ? DEFAULT_SETTINGS : read;
  return {
    setAsideAs,
    get: () => settings,
    update(change) {
      const next = { ...settings, ...definedOnly(change) };
      writeWhole(path, `${JSON.stringify(next, null, 2)}\n`);
      settings = next;
      return settings;
    },
  };
}

function readSettings(path: string): Settings | 'absent' | 'damaged' {
  if (!existsSync(path)) return 'absent';
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return Value.Check(Settings, value) ? value : 'damaged';
  } catch {
    return 'damaged';
  }
}

function writeWhole(path: string, text: string): void {
  const beside = `${path}.new`;
  const file = openSync(beside, 'w', 0o600);
  writeSync(file, text);
  fsyncSync(file);
  closeSync(file);
  renameSync(beside, path);
}

function definedOnly(change: Partial<Settings>): Partial<Settings> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as Partial<Settings>;
}
