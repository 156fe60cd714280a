/** The addon in several threads of one process, and in threads that end while it works. */
import { Worker } from 'node:worker_threads';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toHex } from '#shared/bytes/hex.ts';
import { loadNativeAddon } from './each-engine.ts';

const addon = loadNativeAddon();
const addonPath = process.env.BIDKEY_ENGINE_PATH ?? join(import.meta.dirname, '..', '..', 'dist', 'native', 'bidkey-engine.node');
const ABC = '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0';

function startWorker(): { readonly worker: Worker; readonly digest: Promise<unknown> } {
  const worker = new Worker(join(import.meta.dirname, 'engine-worker.mjs'), { workerData: { addonPath }, execArgv: [] });
  const digest = new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return { worker, digest };
}

describe('threads', () => {
  it('ok: each thread has the addon for itself', async () => {
    const started = Array.from({ length: 3 }, startWorker);
    expect(await Promise.all(started.map(({ digest }) => digest))).toEqual([ABC, ABC, ABC]);
    await Promise.all(started.map(({ worker }) => worker.terminate()));
    expect(toHex(addon.sm3Sync(new TextEncoder().encode('abc')))).toBe(ABC);
  });

  it('ok: a thread that is terminated in mid-work takes nobody along', async () => {
    for (let i = 0; i < 5; i++) {
      const { worker, digest } = startWorker();
      await digest;
      const mine = addon.sm3(new Uint8Array(1 << 20));
      await worker.terminate();
      expect((await mine).length).toBe(32);
    }
    expect(toHex(await addon.sm3(new TextEncoder().encode('abc')))).toBe(ABC);
  });
});
