/** Which interface a library speaks, for libraries that a person names by path: told by the names that it exports, without loading it. */
import { readFileSync } from 'node:fs';
import type { TokenInterface } from '../ukey-models/ukey-model-profile.ts';

/** A function without which the interface is none. PKCS#11 first: a library with both does RSA only over that. */
const TELLING: readonly (readonly [TokenInterface, string])[] = [['pkcs11', 'C_GetFunctionList'], ['skf', 'SKF_EnumDev']];

/** @returns pkcs11 also for what cannot be read or is no library: opening it will say why */
export function interfaceOfLibrary(path: string): TokenInterface {
  const bytes = tryRead(path);
  return TELLING.find(([, name]) => bytes.includes(name))?.[0] ?? 'pkcs11';
}

function tryRead(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown) return Buffer.alloc(0);
    throw thrown;
  }
}
