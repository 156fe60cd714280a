/** Work that takes time, as the screens follow it: progress, cancelling, how it ended. Lives as long as the program; what is made is on the disk. */
import type { BidWork, SealedOutput } from '#shared/contract/desktop/bids.ts';
import { refuse, toAppError } from '#shared/errors/app-error.ts';
import type { WorkOptions } from '../sealing/sealing-means.ts';
import { newId } from './record-store.ts';

export interface WorkResult {
  readonly output?: SealedOutput;
  readonly madePath?: string;
}

export interface WorkDesk {
  /** Begins at once and answers before it is done. @throws BID_WORK_RUNNING when work under the same key runs */
  begin(kind: BidWork['kind'], about: { readonly projectId: string | null; readonly key: string }, deed: (options: WorkOptions) => Promise<WorkResult>): BidWork;
  get(workId: string): BidWork;
  list(): BidWork[];
  cancel(workId: string): BidWork;
  isRunning(key: string): boolean;
  /** Ends what runs and waits for it. */
  close(): Promise<void>;
}

interface Running {
  work: BidWork;
  readonly key: string;
  readonly abort: AbortController;
  ended: Promise<void>;
}

const NEWS_EVERY_MS = 200;
const MAX_KEPT = 200;

export function createWorkDesk(options: { readonly now: () => Date; readonly monotonicMs: () => number; readonly onChange: (work: BidWork) => void; readonly onFailure: (work: BidWork, thrown: unknown) => void }): WorkDesk {
  const all = new Map<string, Running>();
  const find = (workId: string) => all.get(workId) ?? refuse('BID_WORK_NOT_FOUND');
  const change = (running: Running, changes: Partial<BidWork>): void => {
    running.work = { ...running.work, ...changes, updatedAtUtc: options.now().toISOString() };
    options.onChange(running.work);
  };

  async function run(running: Running, deed: (options: WorkOptions) => Promise<WorkResult>): Promise<void> {
    let lastNewsMs = -Infinity;
    const onProgress = (doneBytes: number, totalBytes: number) => {
      const nowMs = options.monotonicMs();
      if (nowMs - lastNewsMs < NEWS_EVERY_MS) return;
      lastNewsMs = nowMs;
      change(running, { doneBytes, totalBytes: Math.max(totalBytes, doneBytes) });
    };
    try {
      const { output = null, madePath = null } = await deed({ signal: running.abort.signal, onProgress });
      change(running, { state: 'done', doneBytes: running.work.totalBytes, output, madePath });
    } catch (thrown) {
      const error = toAppError(thrown);
      options.onFailure(running.work, thrown);
      change(running, error.code === 'CANCELLED' ? { state: 'cancelled' } : { state: 'failed', error: error.toData() });
    }
  }

  return {
    begin(kind, { projectId, key }, deed) {
      if ([...all.values()].some((one) => one.key === key && one.work.state === 'running')) refuse('BID_WORK_RUNNING');
      const at = options.now().toISOString();
      const running: Running = {
        key, abort: new AbortController(), ended: Promise.resolve(),
        work: { id: newId(), kind, projectId, state: 'running', doneBytes: 0, totalBytes: 0, startedAtUtc: at, updatedAtUtc: at, error: null, output: null, madePath: null },
      };
      all.set(running.work.id, running);
      for (const [id, old] of all) if (all.size > MAX_KEPT && old.work.state !== 'running') all.delete(id);
      options.onChange(running.work);
      running.ended = run(running, deed);
      return running.work;
    },
    get: (workId) => find(workId).work,
    list: () => [...all.values()].map(({ work }) => work).reverse(),
    cancel(workId) {
      const running = find(workId);
      running.abort.abort();
      return running.work;
    },
    isRunning: (key) => [...all.values()].some((one) => one.key === key && one.work.state === 'running'),
    async close() {
      for (const { abort } of all.values()) abort.abort();
      await Promise.all([...all.values()].map(({ ended }) => ended));
    },
  };
}
