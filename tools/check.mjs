#!/usr/bin/env node
/** `npm run check`: runs tools/check/main.ts. */
import { runTypeScript } from './run-typescript.mjs';

process.exitCode = runTypeScript('tools/check/main.ts', process.argv.slice(2));
