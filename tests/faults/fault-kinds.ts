/** What can strike while a deed stands still at a step, and how it is mended; and which of many cases a run takes. */
import { expect } from 'vitest';
import type { RunningCa } from '../support/start-ca.ts';
import type { Case, EngineProcess } from './fault-world.ts';
import type { TcpGate } from './tcp-gate.ts';

export const MOMENTS = ['before', 'during', 'after'] as const;
export type Moment = (typeof MOMENTS)[number];

export interface Scene {
  readonly one: Case;
  readonly engine: EngineProcess;
  readonly hostPids: readonly number[];
}

export interface Fault {
  /** Strikes while the engine stands still. */
  strike(scene: Scene): Promise<void>;
  /** Once the deed came to rest. */
  mend(scene: Scene): Promise<void>;
  /** Whether the engine process is gone and another one goes on. */
  readonly endsEngine: boolean;
  /** Whether it strikes what all cases share, so that no other case may run meanwhile. */
  readonly strikesAll: boolean;
}

export const FAULT_NAMES = ['engine killed', 'token host killed', 'CA killed', 'network cut', 'key pulled out'] as const;
export type FaultName = (typeof FAULT_NAMES)[number];

/** @param shared the service and the way to it, once they are there */
export function faultKinds(shared: () => { readonly ca: RunningCa; readonly gate: TcpGate }): Readonly<Record<FaultName, Fault>> {
  return {
    'engine killed': { endsEngine: true, strikesAll: false, strike: ({ engine }) => engine.kill(), mend: async () => undefined },
    'token host killed': {
      endsEngine: false, strikesAll: false,
      strike: async ({ hostPids }) => {
        expect(hostPids.length).toBeGreaterThan(0);
        for (const pid of hostPids) process.kill(pid, 'SIGKILL');
      },
      mend: async () => undefined,
    },
    'CA killed': { endsEngine: false, strikesAll: true, strike: () => shared().ca.kill(), mend: () => shared().ca.restart() },
    'network cut': { endsEngine: false, strikesAll: true, strike: async () => shared().gate.cut(), mend: async () => shared().gate.mend() },
    'key pulled out': { endsEngine: false, strikesAll: false, strike: ({ one }) => one.key.remove(), mend: ({ one }) => one.key.insert() },
  };
}

export const allFaults = process.env['BIDKEY_FAULTS'] === 'all';

/** Of the values that take turns, the one whose turn it is; all of them with BIDKEY_FAULTS=all. */
export const inTurn = <T>(all: readonly T[], turn: number): readonly T[] => (allFaults ? all : all.filter((_, at) => at === turn % all.length));
