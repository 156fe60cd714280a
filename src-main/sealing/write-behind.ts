/**
 * Has the system begin to write a growing file to the disk without waiting for it, so that the flush at the end finds little left.
 * Linux has a call for that (sync_file_range); elsewhere, or where the call is missing, nothing happens and the flush does all the work.
 * It is a hint: what the flush promises does not hang on it, so its own answer is not looked at.
 */
const SYNC_FILE_RANGE_WRITE = 2;
/** Smaller steps cost calls, larger ones leave more for the end. */
const STEP_BYTES = 64 << 20;

type BeginWriting = (descriptor: number, from: number, length: number) => Promise<void>;

const leaveItToTheFlush: BeginWriting = () => Promise.resolve();

/** The call waits when the queue of the disk is full, so it runs on a thread of the pool. */
async function findBeginWriting(): Promise<BeginWriting> {
  if (process.platform !== 'linux') return leaveItToTheFlush;
  const { default: koffi } = await import('koffi');
  const call = koffi.load('libc.so.6').func('sync_file_range', 'int', ['int', 'int64', 'int64', 'uint']);
  return (descriptor, from, length) => new Promise((resolve) => call.async(descriptor, from, length, SYNC_FILE_RANGE_WRITE, () => resolve()));
}

let found: Promise<BeginWriting> | null = null;

/** Found once; a C library of another name or without the call is no fault. */
const beginWriting = (): Promise<BeginWriting> => (found ??= findBeginWriting().catch(() => leaveItToTheFlush));

/** For one file that grows from its start. */
export class WriteBehind {
  readonly #descriptor: number;
  #from = 0;
  #underWay: Promise<void> | null = null;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** So many octets stand in the file by now. */
  reached(length: number): void {
    if (this.#underWay || length - this.#from < STEP_BYTES) return;
    const from = this.#from;
    this.#from = length;
    this.#underWay = beginWriting().then((begin) => begin(this.#descriptor, from, length - from)).finally(() => (this.#underWay = null));
  }

  /** To be awaited before the descriptor is closed: its number may be another file's afterwards. */
  async settled(): Promise<void> {
    await this.#underWay;
  }
}
