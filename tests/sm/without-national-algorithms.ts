/**
 * Makes node:crypto answer as Electron's does: no SM2, SM3, SM4. Calls that name them throw, lists do not show them, for every importer.
 * Import of this module changes nothing; as a vitest setup file use without-national-algorithms.setup.ts.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';

type AnyFunction = (...parameters: never[]) => unknown;
type CryptoModule = Record<string, AnyFunction>;

const NATIONAL = /sm[234]/i;
const LISTS = ['getHashes', 'getCiphers', 'getCurves'] as const;
const CALLS = ['createHash', 'createHmac', 'createCipheriv', 'createDecipheriv', 'createSign', 'createVerify', 'sign', 'verify', 'hkdf', 'hkdfSync', 'pbkdf2', 'pbkdf2Sync', 'generateKeyPair', 'generateKeyPairSync', 'createECDH', 'getCipherInfo', 'hash'] as const;

/** @returns puts everything back */
export function removeNationalAlgorithms(): () => void {
  const crypto = createRequire(import.meta.url)('node:crypto') as CryptoModule;
  const kept = new Map<string, AnyFunction>();
  const replace = (name: string, make: (original: AnyFunction) => AnyFunction) => {
    const original = crypto[name];
    if (typeof original !== 'function') return;
    kept.set(name, original);
    crypto[name] = make(original);
  };
  for (const name of LISTS) replace(name, (original) => () => (original() as string[]).filter((one) => !NATIONAL.test(one)));
  for (const name of CALLS) {
    replace(name, (original) => (...parameters) => {
      if (parameters.some(namesNational)) throw new Error(`node:crypto.${name}: national algorithms are not there`);
      return original(...parameters);
    });
  }
  syncBuiltinESMExports();
  return () => {
    for (const [name, original] of kept) crypto[name] = original;
    syncBuiltinESMExports();
  };
}

function namesNational(parameter: unknown): boolean {
  if (typeof parameter === 'string') return NATIONAL.test(parameter);
  return typeof parameter === 'object' && parameter !== null && 'namedCurve' in parameter && NATIONAL.test(String(parameter.namedCurve));
}
