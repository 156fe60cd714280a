/** Sharing a run among those who ask at the same time. */
import { expect, it } from 'vitest';
import { shareRun } from './share-run.ts';

it('ok: who asks during a run gets its answer; who asks later gets a new one, also after a failure', async () => {
  const ends: { settle: (answer: string) => void; fail: (error: Error) => void }[] = [];
  const shared = shareRun(() => new Promise<string>((settle, fail) => { ends.push({ settle, fail }); }));
  const together = [shared(), shared(), shared()];
  expect(ends).toHaveLength(1);
  ends[0]?.settle('first');
  expect(await Promise.all(together)).toEqual(['first', 'first', 'first']);
  const failing = shared();
  ends[1]?.fail(new Error('torn'));
  await expect(failing).rejects.toThrow('torn');
  const again = shared();
  ends[2]?.settle('third');
  expect([await again, ends.length]).toEqual(['third', 3]);
});
