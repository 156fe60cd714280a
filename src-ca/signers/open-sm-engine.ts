/**
 * Opens the engine of national cryptography for the CA service: the addon of dist/native when it loads, else portable TypeScript with a notice.
 * The choice is `src-shared/sm/choose-engine.ts`; only where the addon lies is known here. `BIDKEY_ENGINE=portable` forbids the addon,
 * `BIDKEY_ENGINE=native` insists on it, `BIDKEY_ENGINE_PATH` names another file.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chooseEngine, type EngineChoice } from '#shared/sm/choose-engine.ts';

/** From the bundle in dist/, and from this source file. */
const PLACES = ['./native/bidkey-engine.node', '../../dist/native/bidkey-engine.node'] as const;

/** @throws SM_ENGINE_FAILED with `BIDKEY_ENGINE=native` when the addon does not load */
export function openSmEngine(environment: Readonly<Record<string, string | undefined>> = process.env): EngineChoice {
  return chooseEngine(() => createRequire(import.meta.url)(environment.BIDKEY_ENGINE_PATH ?? findAddon()) as unknown, environment.BIDKEY_ENGINE);
}

function findAddon(): string {
  const places = PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  const found = places.find((path) => existsSync(path));
  if (!found) throw new Error(`the engine is not there (looked for ${places.join(', ')})`);
  return found;
}
