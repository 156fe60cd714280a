/**
 * Opens the engine of national cryptography for a desktop process: the addon of dist/native when it loads, else portable TypeScript
 * with a notice. `BIDKEY_ENGINE=portable` forbids the addon, `BIDKEY_ENGINE=native` insists on it, `BIDKEY_ENGINE_PATH` names another file.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chooseEngine, type EngineChoice } from '#shared/sm/choose-engine.ts';

const FILE = join('native', 'bidkey-engine.node');

/** Bundled programs stand in dist/ beside native/; sources stand three levels below dist/'s parent. Electron's archive keeps addons unpacked. */
function findAddon(): string {
  const here = dirname(fileURLToPath(import.meta.url)).replace('app.asar', 'app.asar.unpacked');
  const places = [join(here, FILE), join(here, '..', FILE), join(here, '..', '..', 'dist', FILE)];
  const found = places.find((path) => existsSync(path));
  if (!found) throw new Error(`${FILE} is not there (looked in ${places.map((place) => dirname(place)).join(', ')})`);
  return found;
}

export function openSmEngine(environment: Readonly<Record<string, string | undefined>> = process.env): EngineChoice {
  return chooseEngine(() => createRequire(import.meta.url)(environment.BIDKEY_ENGINE_PATH ?? findAddon()) as unknown, environment.BIDKEY_ENGINE);
}
