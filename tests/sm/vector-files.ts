/** Reads the vector files of tests/vectors/sm. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex } from '#shared/bytes/hex.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { VectorCase, VectorFile } from '../../tools/generators/sm-vectors/vector-file.ts';

const folder = join(import.meta.dirname, '..', 'vectors', 'sm');

export const readVectorText = (name: string): string => readFileSync(join(folder, name), 'utf8');
export const readVectors = (name: string): readonly VectorCase[] => (JSON.parse(readVectorText(name)) as VectorFile).cases;

/** A field of bytes. */
export function bytesOf(one: VectorCase, field: string): Uint8Array {
  const text = one[field];
  if (text === undefined) throw new Error(`${one.id} has no field ${field}`);
  return fromHex(text);
}

/** `OK`, `false`, or the code of what was thrown. */
export async function outcomeOf(deed: () => Promise<boolean | void>): Promise<string> {
  try {
    return (await deed()) === false ? 'false' : 'OK';
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown.code;
    throw thrown;
  }
}
