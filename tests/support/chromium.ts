/** The Chromium of the system for every test that needs a real browser; Playwright brings none of its own here. */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type LaunchOptions } from '@playwright/test';

/** Where distributions put it; BIDKEY_CHROMIUM names another one. */
const PATHS = [process.env['BIDKEY_CHROMIUM'] ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Containers have no user namespace for the sandbox and no GPU; the rest keeps the browser from talking to anyone but us. */
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** @throws when there is no Chromium; `tools/setup.mjs --for test` installs it */
export function chromiumOptions(): LaunchOptions {
  const executablePath = PATHS.find((path) => path !== '' && existsSync(path));
  if (executablePath === undefined) throw new Error('Chromium is not installed (Debian: apt-get install chromium)');
  return { executablePath, args: ARGUMENTS, headless: true };
}

/** @param moreArguments for one test, for example a name that leads to this machine */
export function launchChromium(moreArguments: readonly string[] = []): Promise<Browser> {
  const options = chromiumOptions();
  return chromium.launch({ ...options, args: [...(options.args ?? []), ...moreArguments] });
}
