/** The state machine of every plan under faults at every single call, and under any sequence of them. World: model-world.ts, model-deeds.ts; the real parts stand in tests/faults. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEED_PLANS } from '#shared/contract/desktop/deed-plans.ts';
import { toAppError } from '#shared/errors/app-error.ts';
import { PIN, SERIAL } from './model-key.ts';
import { attempt, boot, expectAllWell, isDone, MODEL_DEEDS, NEW_PIN, newJournal, standstill, startInput } from './model-deeds.ts';

it('ok: the model knows every plan', () => {
  expect([...new Set(MODEL_DEEDS.map(({ plan }) => plan))].sort()).toEqual(Object.keys(DEED_PLANS).sort());
});

for (const [index, deed] of MODEL_DEEDS.entries()) {
  describe(`${deed.plan} (${index}): state machine`, () => {
    it('ok: without a fault the deed completes with one login and one use of the code', async () => {
      const scene = await deed.prepare();
      const loginsBefore = scene.world.key.logins;
      const journal = newJournal();
      expect(await attempt(scene, journal, null)).toMatchObject({ error: null, wrongAdminTries: 0 });
      expectAllWell(deed, scene, journal);
      expect(scene.world.key.logins - loginsBefore).toBe(scene.adopts ? 0 : 1);
    });

    it.each(['power', 'network', 'token'] as const)('ok: a %s fault at every single call, before and after its effect, is mended by going on', async (kind) => {
      const { calls } = await attempt(await deed.prepare(), newJournal(), null);
      expect(calls).toBeGreaterThan(deed.plan === 'administrator-pin' ? 10 : 18);
      for (let atCall = 1; atCall <= calls; atCall += 1) {
        for (const when of ['before', 'after'] as const) {
          const scene = await deed.prepare();
          const loginsBefore = scene.world.key.logins;
          const journal = newJournal();
          const wrong = [(await attempt(scene, journal, { atCall, when, kind })).wrongAdminTries];
          for (let round = 0; journal.listUnfinished().length > 0 || !isDone(scene); round += 1) {
            expect(round, `call ${atCall} ${when}: still unfinished`).toBeLessThan(3);
            wrong.push((await attempt(scene, journal, null)).wrongAdminTries);
          }
          expectAllWell(deed, scene, journal);
          // One login per attempt at the most: a PIN is never tried again by itself; and at most one wrong try of the administrator PIN.
          expect(scene.world.key.logins - loginsBefore).toBeLessThanOrEqual(3);
          expect(Math.max(...wrong), `call ${atCall} ${when}`).toBeLessThanOrEqual(1);
        }
      }
    });

    it('ok: any sequence of faults ends well once they stop', async () => {
      const fault = fc.record({ atCall: fc.integer({ min: 1, max: 60 }), when: fc.constantFrom('before' as const, 'after' as const), kind: fc.constantFrom('power' as const, 'network' as const, 'token' as const) });
      await fc.assert(fc.asyncProperty(fc.array(fault, { maxLength: 6 }), async (faults) => {
        const scene = await deed.prepare();
        const journal = newJournal();
        for (const one of faults) expect((await attempt(scene, journal, one)).wrongAdminTries).toBeLessThanOrEqual(1);
        for (let round = 0; round < 3; round += 1) await attempt(scene, journal, null);
        expectAllWell(deed, scene, journal);
      }), { numRuns: index === 0 ? 150 : 40 });
    });

    it('ok: cancelling after a fault at any call leaves key, code and certificates as they were, or the deed goes on', async () => {
      const { calls } = await attempt(await deed.prepare(), newJournal(), null);
      for (let atCall = 1; atCall <= calls; atCall += 1) {
        const scene = await deed.prepare();
        const before = snapshot(scene);
        const journal = newJournal();
        await attempt(scene, journal, { atCall, when: 'after', kind: 'power' });
        const [unfinished] = journal.listUnfinished();
        if (!unfinished) continue;
        const { writing, fuse } = boot(scene.world, journal, null);
        const may = await writing.mayBeGivenUp({ deedId: unfinished.id });
        // The question itself found it completed.
        if (journal.listUnfinished().length === 0) {
          expect([may, isDone(scene)]).toEqual([false, true]);
          continue;
        }
        const outcome = await writing.cancel({ deedId: unfinished.id, pin: PIN }).then((cancelled) => cancelled.state, (thrown: unknown) => toAppError(thrown).code);
        await standstill(writing, fuse);
        expect(['cancelled', 'DEED_NOT_CANCELLABLE'], `call ${atCall}: ${outcome}`).toContain(outcome);
        // Offered wherever it works; of an unlock only there.
        if (deed.plan === 'unlock') expect(may, `call ${atCall}`).toBe(outcome === 'cancelled');
        else if (outcome === 'cancelled') expect(may, `call ${atCall}`).toBe(true);
        // A recovery stays begun at the service; on the key nothing of it is left.
        if (outcome === 'cancelled') expect({ ...snapshot(scene), codeUses: before.codeUses }, `call ${atCall}`).toEqual(before);
        // Whatever became of it, the person gets there in the end.
        for (let round = 0; round < 3; round += 1) await attempt(scene, journal, null);
        expect([journal.listUnfinished(), isDone(scene)]).toEqual([[], true]);
        for (const bid of scene.sealedBefore) expect(scene.world.key.opens(bid)).toBe(true);
      }
    });
  });
}

/** What giving up must bring back. */
function snapshot({ world, request }: { readonly world: Awaited<ReturnType<(typeof MODEL_DEEDS)[number]['prepare']>>['world']; readonly request: { readonly codeUses: number } }) {
  const containers = [...world.key.containers].map(([id, one]) => [id, ...Object.values(one).map((part) => (part === null ? null : Buffer.from(part).toString('hex')))]).sort();
  return { containers, codeUses: request.codeUses, active: world.ca.activePairs(SERIAL), userPin: world.key.userPin };
}

describe('what staff have ended', () => {
  it.each(['unlock', 'key-recovery'] as const)('ok: %s cut off at any call and ended at the service: going on is refused, the deed is given up, and the next request is carried out', async (plan) => {
    const deed = MODEL_DEEDS.find((one) => one.plan === plan) ?? expect.unreachable();
    const { calls } = await attempt(await deed.prepare(), newJournal(), null);
    let ended = 0;
    for (let atCall = 1; atCall <= calls; atCall += 1) {
      const scene = await deed.prepare();
      const { world, request } = scene;
      const journal = newJournal();
      await attempt(scene, journal, { atCall, when: 'after', kind: 'power' });
      const [unfinished] = journal.listUnfinished();
      if (!unfinished || request.state !== 'writing') continue;
      request.state = 'cancelled';
      ended += 1;
      expect((await attempt(scene, journal, null)).error, `call ${atCall}`).toBe('REQUEST_STATE');
      const { writing, fuse } = boot(world, journal, null);
      expect(await writing.mayBeGivenUp({ deedId: unfinished.id })).toBe(true);
      expect((await writing.cancel({ deedId: unfinished.id, pin: PIN })).state, `call ${atCall}`).toBe('cancelled');
      await standstill(writing, fuse);

      const next = { ...scene, request: world.ca.addRequest(plan, { tokenSerial: SERIAL }) };
      const wrong: number[] = [(await attempt(next, journal, null)).wrongAdminTries];
      // The key may have the next administrator PIN: the person agrees to one more try.
      const [waiting] = journal.listUnfinished();
      if (waiting) {
        expect([plan, waiting.failure?.code]).toEqual(['unlock', 'ADMIN_PIN_INCORRECT']);
        const triesBefore = world.key.wrongAdminTries;
        const again = boot(world, journal, null);
        await again.writing.resume({ deedId: waiting.id, newPin: NEW_PIN, confirmedFewTries: true });
        await standstill(again.writing, again.fuse);
        wrong.push(world.key.wrongAdminTries - triesBefore);
      }
      expect(Math.max(...wrong)).toBeLessThanOrEqual(1);
      expectAllWell(deed, next, journal);
    }
    expect(ended).toBeGreaterThan(5);
  });
});

describe('what is wrong at the other side', () => {
  const [newIssue] = MODEL_DEEDS;

  it('ok: with the journal lost at any point, starting again takes up what the CA has open', async () => {
    const deed = newIssue ?? expect.unreachable();
    const { calls } = await attempt(await deed.prepare(), newJournal(), null);
    for (let atCall = 1; atCall <= calls; atCall += 1) {
      const scene = await deed.prepare();
      await attempt(scene, newJournal(), { atCall, when: 'after', kind: 'power' });
      if (isDone(scene)) continue;
      const fresh = newJournal();
      await attempt(scene, fresh, null);
      expect(fresh.listUnfinished(), `call ${atCall}`).toEqual([]);
      expect([scene.world.ca.activePairs(SERIAL), scene.request.codeUses, scene.world.ca.remaining(scene.request)]).toEqual([1, 1, 1]);
    }
  });

  it.each([
    ['other key certified', 'ISSUED_PAIR_INVALID', 'request'],
    ['signature wrong', 'KEY_PROOF_FAILED', 'prove'],
    ['decryption wrong', 'KEY_PROOF_FAILED', 'prove'],
    ['certificate read back wrong', 'KEY_PROOF_FAILED', 'import-certificates'],
  ] as const)('refuses: %s – the deed stops with %s at %s, nothing becomes active, and it can be cancelled', async (lie, code, step) => {
    const deed = newIssue ?? expect.unreachable();
    const scene = await deed.prepare();
    const { world, request } = scene;
    if (lie === 'other key certified') world.ca.certifiesAnotherKey = true;
    else world.key.lie = lie;
    const journal = newJournal();
    await attempt(scene, journal, null);
    const [stopped] = journal.listUnfinished();
    expect([stopped?.failure?.code, stopped?.step, world.ca.activePairs(SERIAL)]).toEqual([code, step, 0]);
    if (lie === 'other key certified') expect([...world.key.containers.values()].every((one) => one.encryptKey === null && one.signCertificate === null)).toBe(true);
    const { writing } = boot(world, journal, null);
    await writing.cancel({ deedId: stopped?.id ?? '', pin: PIN });
    expect([request.codeUses, world.key.containers.size]).toEqual([0, 0]);
    world.key.lie = 'none';
    world.ca.certifiesAnotherKey = false;
    await attempt(scene, journal, null);
    expectAllWell(deed, scene, journal);
  });

  it('refuses: wrong code, wrong PIN, and a second writing on the same key leave nothing behind', async () => {
    const deed = newIssue ?? expect.unreachable();
    const scene = await deed.prepare();
    const journal = newJournal();
    const { writing, fuse } = boot(scene.world, journal, null);
    const start = startInput(scene);
    await expect(writing.start({ ...start, authorizationCode: '000000' })).rejects.toMatchObject({ code: 'CODE_WRONG' });
    await expect(writing.start({ ...start, pin: '00000000' })).rejects.toMatchObject({ code: 'PIN_INCORRECT' });
    const both = await Promise.allSettled([writing.start(start), writing.start(start)]);
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
    await standstill(writing, fuse);
    expectAllWell(deed, scene, journal);
  });
});
