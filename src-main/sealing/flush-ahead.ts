/** Brings a growing file to the disk while it is written, so that the flush at its end finds little left to do. The caller still flushes at the end: this only spares it the waiting. */
import type { FileHandle } from 'node:fs/promises';

/** Smaller files are flushed once, at the end. */
const STEP_BYTES = 64 << 20;

export class FlushAhead {
  readonly #handle: FileHandle;
  #unflushed = 0;
  #running: Promise<void> | null = null;
  #fault: Error | null = null;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** So many octets more were written. @throws what an earlier flush said: a system tells a lost write only once */
  wrote(bytes: number): void {
    if (this.#fault) throw this.#fault;
    this.#unflushed += bytes;
    if (this.#running || this.#unflushed < STEP_BYTES) return;
    this.#unflushed = 0;
    this.#running = this.#flush();
  }

  /** Before the file is flushed for good or closed. @throws what a flush said */
  async settle(): Promise<void> {
    await this.#running;
    if (this.#fault) throw this.#fault;
  }

  async #flush(): Promise<void> {
    try {
      await this.#handle.datasync();
    } catch (thrown) {
      this.#fault = thrown instanceof Error ? thrown : new Error(String(thrown));
    } finally {
      this.#running = null;
    }
  }
}
