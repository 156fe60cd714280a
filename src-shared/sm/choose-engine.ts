/** Which engine runs: the native one unless it is forbidden or does not load. A fall back is never silent: it comes with a notice to show. */
import { AppError, type ErrorData } from '../errors/app-error.ts';
import { isNativeAddon, nativeEngine } from './native-engine.ts';
import { portableEngine } from './portable-engine.ts';
import type { SmEngine } from './sm-engine.ts';

export interface EngineChoice {
  readonly engine: SmEngine;
  /** To be shown to people and in diagnosis; null with the native engine. */
  readonly notice: ErrorData | null;
}

/**
 * @param loadAddon gives the addon's exports or throws; only called when it is wanted
 * @param preference value of BIDKEY_ENGINE: `portable` forbids the addon, `native` refuses to run without it, anything else is automatic
 * @throws SM_ENGINE_FAILED with preference `native` when the addon does not load
 */
export function chooseEngine(loadAddon: () => unknown, preference: string | undefined): EngineChoice {
  if (preference === 'portable') return portableBecause('forced', null);
  const loaded = tryLoad(loadAddon);
  if (isNativeAddon(loaded.exports)) return { engine: nativeEngine(loaded.exports), notice: null };
  const reason = loaded.problem ? 'addon does not load' : 'addon of another version';
  if (preference === 'native') throw new AppError('SM_ENGINE_FAILED', { reason }, loaded.problem);
  return portableBecause(reason, loaded.problem?.message ?? null);
}

interface Loaded {
  readonly exports: unknown;
  readonly problem: Error | null;
}

/** The dynamic linker's refusal is data here: it goes into the notice. */
function tryLoad(loadAddon: () => unknown): Loaded {
  try {
    return { exports: loadAddon(), problem: null };
  } catch (thrown) {
    return { exports: null, problem: thrown instanceof Error ? thrown : new Error(String(thrown)) };
  }
}

function portableBecause(reason: string, loaderMessage: string | null): EngineChoice {
  return { engine: portableEngine, notice: { code: 'SM_ENGINE_PORTABLE', details: { reason, loaderMessage } } };
}
