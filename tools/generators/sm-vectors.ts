#!/usr/bin/env node
/**
 * Writes the vectors of national cryptography into tests/vectors/sm: cases that must pass and cases with exactly one failure, each with
 * the code that is expected. Deterministic: nonces and keys come from counted SM3, so a second run gives the same files.
 * Run: `node --import tsx tools/generators/sm-vectors.ts`. What is expected follows from how a case is built, never from what our code says of it.
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { envelopedKeyCases } from './sm-vectors/enveloped-key-cases.ts';
import { sm2DecryptCases } from './sm-vectors/sm2-decrypt-cases.ts';
import { sm2VerifyCases } from './sm-vectors/sm2-verify-cases.ts';
import { sm4Cases } from './sm-vectors/sm4-cases.ts';
import type { VectorFile } from './sm-vectors/vector-file.ts';

export const SM_VECTOR_FILES: Readonly<Record<string, () => VectorFile>> = {
  'sm2-verify.json': sm2VerifyCases,
  'sm2-decrypt.json': sm2DecryptCases,
  'sm4-modes.json': sm4Cases,
  'sm2-enveloped-key.json': envelopedKeyCases,
};

export const vectorText = (file: VectorFile): string => `${JSON.stringify(file, null, 1)}\n`;

const here = fileURLToPath(import.meta.url);
if (process.argv[1] === here) {
  const folder = join(dirname(here), '..', '..', 'tests', 'vectors', 'sm');
  for (const [name, make] of Object.entries(SM_VECTOR_FILES)) writeFileSync(join(folder, name), vectorText(make()));
}
