/** Which keys are being written right now. Rule: one deed per key serial, whatever driver reports it. */
import { AppError } from '#shared/errors/app-error.ts';

/** Why a run has to stop after its present step. */
export type StopReason = 'cancel' | 'close';

export interface KeyHold {
  readonly serial: string;
  deedId: string | null;
  stop: StopReason | null;
  /** Settles when the key is free again. */
  readonly ended: Promise<void>;
  readonly end: () => void;
}

export interface KeyHolds {
  /** @throws DEED_RUNNING */
  take(serial: string): KeyHold;
  release(hold: KeyHold): void;
  ofDeed(deedId: string): KeyHold | null;
  stopAll(): Promise<void>;
}

export function createKeyHolds(): KeyHolds {
  const held = new Map<string, KeyHold>();
  return {
    take(serial) {
      const other = held.get(serial);
      if (other) throw new AppError('DEED_RUNNING', { deedId: other.deedId });
      let end: () => void = () => undefined;
      const ended = new Promise<void>((resolve) => (end = resolve));
      const hold: KeyHold = { serial, deedId: null, stop: null, ended, end };
      held.set(serial, hold);
      return hold;
    },
    release(hold) {
      if (held.get(hold.serial) === hold) held.delete(hold.serial);
      hold.end();
    },
    ofDeed: (deedId) => [...held.values()].find((hold) => hold.deedId === deedId) ?? null,
    async stopAll() {
      const all = [...held.values()];
      for (const hold of all) hold.stop ??= 'close';
      await Promise.all(all.map((hold) => hold.ended));
    },
  };
}
