/**
 * A few key pairs made ahead of time, already wrapped, so that issuing does not wait for RSA key generation. Bounded; given out once; lost on a restart
 * without harm, because nobody was promised any of them.
 */
import type { EscrowedKey } from '../authority/authority-port.ts';

export interface KeyPool {
  /** A key pair of the pool, or a fresh one when it is empty. */
  take(): Promise<EscrowedKey>;
  /** How many wait. */
  readonly size: number;
  /** Resolves when nothing is being made: full, or closed. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** @param onFault hears of a generation that failed in the background; the pool pauses until the next `take` */
export function createKeyPool(capacity: number, generate: () => Promise<EscrowedKey>, onFault: (thrown: unknown) => void): KeyPool {
  const waiting: EscrowedKey[] = [];
  let filling: Promise<void> | null = null;
  let closed = false;

  async function fill(): Promise<void> {
    // One at a time: making keys must not take all threads from signing.
    while (!closed && waiting.length < capacity) waiting.push(await generate());
  }
  function refill(): void {
    if (closed || filling || waiting.length >= capacity) return;
    filling = fill().catch(onFault).finally(() => {
      filling = null;
    });
  }
  refill();
  return {
    async take() {
      const ready = waiting.shift();
      refill();
      return ready ?? generate();
    },
    get size() {
      return waiting.length;
    },
    settled: async () => filling ?? undefined,
    async close() {
      closed = true;
      waiting.length = 0;
      await filling;
    },
  };
}
