/** Loads one library in a token host of its own, with a time limit, and asks it once for its keys. Whatever the library does, the answer comes. */
import { DriverWatch, type DriverConfig } from '../token/driver-watch.ts';
import type { CallLimits } from '../token/driver-process.ts';
import type { Machine } from '../token/find-library.ts';
import type { HostSpawner } from '../token/host-spawner.ts';
import { silentLog, systemClock } from '../token/token-host-ports.ts';
import type { UkeyModelProfile } from '../ukey-models/ukey-model-profile.ts';
import type { Facts } from './findings.ts';

export interface ProbePorts {
  readonly spawner: HostSpawner;
  readonly machine: Machine;
  /** In place of PROBE_LIMITS. */
  readonly limits?: CallLimits;
}

export type ProbeResult = { readonly loads: true; readonly keys: number } | { readonly loads: false; readonly code: string; readonly details: Facts };

/** Milliseconds. A library that takes longer to load or to list its keys cannot be worked with. */
const PROBE_LIMITS: CallLimits = { open: 10_000, poll: 10_000, close: 1_000 };

export async function probeDriver(config: DriverConfig & { readonly libraryPath: string }, model: UkeyModelProfile, ports: ProbePorts): Promise<ProbeResult> {
  let look: () => void = () => undefined;
  const watch = new DriverWatch({ ...config, driverId: `probe-${config.driverId}` }, model, {
    spawner: ports.spawner, clock: systemClock, log: silentLog, machine: ports.machine, limits: ports.limits ?? PROBE_LIMITS, onChange: () => look(),
  });
  const settled = new Promise<ProbeResult>((resolve) => {
    look = () => {
      const { status, errorCode, errorDetails } = watch.state;
      if (status === 'ready') resolve({ loads: true, keys: watch.tokens.length });
      // The first breakdown is the answer: nobody waits for the tries after it.
      else if (errorCode !== null) resolve({ loads: false, code: errorCode, details: plainFacts(errorDetails) });
    };
  });
  watch.start();
  const result = await settled;
  await watch.close();
  return result;
}

function plainFacts(details: Readonly<Record<string, unknown>>): Facts {
  return Object.fromEntries(Object.entries(details).flatMap(([name, value]) => (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [[name, value]] : [])));
}
