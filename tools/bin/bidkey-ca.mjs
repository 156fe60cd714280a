#!/usr/bin/env node
/** `bidkey-ca`: the CA service from the built program. `bidkey-ca --data DIR --help`-style options stand in src-ca/config.ts. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const program = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'dist', 'ca.js');
if (!existsSync(program)) {
  process.stderr.write('bidkey-ca is not built yet: run `npm run build` first.\n');
  process.exit(1);
}
await import(pathToFileURL(program).href);
