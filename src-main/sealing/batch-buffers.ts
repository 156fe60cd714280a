/** Large buffers that one opening hands on to the next: a session of many bids would otherwise make and collect megabytes for each. Lives as long as the session that made it. */

export interface BatchBuffers {
  /** At least so many octets, with whatever was in them. */
  take(bytes: number): Uint8Array;
  /** Nobody reads or writes it any more. */
  giveBack(buffer: Uint8Array): void;
}

const STEP_BYTES = 1 << 20;

export function createBatchBuffers(): BatchBuffers {
  const free: Uint8Array[] = [];
  return {
    take(bytes) {
      const found = free.findIndex(({ length }) => length >= bytes);
      if (found >= 0) return free.splice(found, 1)[0] ?? new Uint8Array(bytes);
      // Those that are free are all too small for this bid; the next ones are likely to be of its size.
      free.length = 0;
      return new Uint8Array(Math.ceil(bytes / STEP_BYTES) * STEP_BYTES);
    },
    giveBack: (buffer) => void free.push(buffer),
  };
}
