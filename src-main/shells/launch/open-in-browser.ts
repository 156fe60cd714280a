/**
 * Opens a one-time link in the person's browser. The link does not stand in the browser's arguments, where other users of the machine could
 * read it and be faster: the browser gets a small file of our own folder that leads there (as Jupyter does).
 */
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const FILE_NAME = 'open-bidkey.html';
/** Long enough for a cold browser. */
const FILE_LIFETIME_MS = 60_000;

const OPENERS: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  linux: ['xdg-open'],
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** A desktop that can show a browser. */
export function canOpenBrowser(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): boolean {
  if (environment['CI'] !== undefined || environment['SSH_CONNECTION'] !== undefined) return false;
  if (platform === 'linux') return (environment['DISPLAY'] ?? environment['WAYLAND_DISPLAY'] ?? '') !== '';
  return OPENERS[platform] !== undefined;
}

/** @returns false when no program could be started; the person then uses the printed link */
export async function openInBrowser(link: string, dataFolder: string): Promise<boolean> {
  const [program, ...programArguments] = OPENERS[process.platform] ?? [];
  if (program === undefined) return false;
  const file = join(dataFolder, FILE_NAME);
  writeFileSync(file, leadingPage(link), { mode: 0o600 });
  setTimeout(() => rmSync(file, { force: true }), FILE_LIFETIME_MS).unref();
  const child = spawn(program, [...programArguments, pathToFileURL(file).href], { detached: true, stdio: 'ignore' });
  return await new Promise((settled) => {
    child.once('error', () => settled(false));
    child.once('spawn', () => {
      child.unref();
      settled(true);
    });
  });
}

const leadingPage = (link: string) => `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>BidKey</title><meta http-equiv="refresh" content="0;url=${link}">\n`;
