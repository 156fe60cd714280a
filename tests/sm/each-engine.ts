/**
 * Runs a suite once for every way national cryptography can be computed: the native engine with each kernel this processor has, the
 * portable engine, and the portable engine with SM2, SM3 and SM4 taken out of node:crypto, as under Electron.
 */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { isNativeAddon, nativeEngine, type NativeAddon } from '#shared/sm/native-engine.ts';
import { portableEngine } from '#shared/sm/portable-engine.ts';
import type { SmEngine } from '#shared/sm/sm-engine.ts';
import { removeNationalAlgorithms } from './without-national-algorithms.ts';

const root = join(import.meta.dirname, '..', '..');

/** Builds when sources are newer; a broken build is a failed test, not a skipped one. BIDKEY_ENGINE_PATH names another build (sanitizers). */
export function loadNativeAddon(): NativeAddon {
  const other = process.env.BIDKEY_ENGINE_PATH;
  if (!other) execFileSync(process.execPath, [join(root, 'tools', 'native', 'build-engine.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] });
  const addon: unknown = createRequire(import.meta.url)(other ?? join(root, 'dist', 'native', 'bidkey-engine.node'));
  if (!isNativeAddon(addon)) throw new Error('the addon lacks calls');
  return addon;
}

const KERNELS = { scalar: 0, avx2: 1, avx512: 2 } as const;

export function eachEngine(suite: (engine: SmEngine) => void): void {
  const addon = loadNativeAddon();
  const best = addon.kernel() as keyof typeof KERNELS;
  for (const kernel of Object.keys(KERNELS) as (keyof typeof KERNELS)[]) {
    const missing = KERNELS[kernel] > KERNELS[best];
    describe.skipIf(missing)(`native engine, ${kernel} kernel${missing ? ' (this processor lacks it)' : ''}`, () => {
      beforeAll(() => void addon.testOnlyUseKernel(KERNELS[kernel]));
      afterAll(() => void addon.testOnlyUseKernel(KERNELS[best]));
      suite(nativeEngine(addon));
    });
  }
  describe('portable engine', () => suite(portableEngine));
  describe('portable engine, node:crypto without national algorithms', () => {
    let restore = () => undefined as void;
    beforeAll(() => {
      restore = removeNationalAlgorithms();
    });
    afterAll(() => restore());
    suite(portableEngine);
  });
}
