/** The new-issue state machine under faults at every single call, and under any sequence of them. World: model-world.ts; the real parts stand in tests/faults. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import { toAppError } from '#shared/errors/app-error.ts';
import type { DeedJournal } from '../../src-main/journal/deed-record.ts';
import { openJournal } from '../../src-main/journal/journal.ts';
import { createWriting, type Writing } from '../../src-main/writing/writing.ts';
import { CODE, Fuse, ModelWorld, PIN, SERIAL, type Fault } from './model-world.ts';

const START = { requestId: 'line-0001', token: { driverId: 'model', serial: SERIAL }, tokenModelId: 'model', authorizationCode: CODE, pin: PIN };

const newJournal = () => openJournal(':memory:', () => new Date()).journal;

/** One process: started, used, and gone when its fuse blows. */
function boot(world: ModelWorld, journal: DeedJournal, fault: Fault | null): { writing: Writing; fuse: Fuse } {
  const fuse = new Fuse(null);
  const writing = createWriting(world.ports(fuse, journal));
  writing.interruptLeftovers();
  const armed = new Fuse(fault);
  return { writing: createWriting(world.ports(armed, journal)), fuse: armed };
}

/** Does what a person would: goes on with what is unfinished, begins when there is nothing; code asked again only when asked for. */
async function attempt(world: ModelWorld, journal: DeedJournal, fault: Fault | null): Promise<{ calls: number; error: string | null }> {
  const { writing, fuse } = boot(world, journal, fault);
  const [unfinished] = writing.listUnfinished();
  let error: string | null = null;
  try {
    if (unfinished) await resumeAsAsked(writing, unfinished);
    else if (world.activePairs === 0) await startAndAgree(writing);
  } catch (thrown) {
    error = thrown instanceof Error && thrown.constructor.name === 'PowerCut' ? 'POWER' : toAppError(thrown).code;
  }
  await standstill(writing, fuse);
  return { calls: fuse.calls, error };
}

/** A half-written key shows its certificates; the person has seen them and agrees. */
async function startAndAgree(writing: Writing): Promise<void> {
  try {
    await writing.startNewIssue(START);
  } catch (thrown) {
    const { code, details } = toAppError(thrown);
    if (code !== 'KEY_HAS_CERTIFICATES') throw thrown;
    await writing.startNewIssue({ ...START, agreedToAddBesideCertificates: [...(details['sha256Hex'] as readonly string[])] });
  }
}

/** Until the deed ended, one way or another, or the power is gone. */
async function standstill(writing: Writing, fuse: Fuse): Promise<void> {
  while (!fuse.dead && writing.listUnfinished().some((deed) => deed.state === 'running')) await new Promise((resolve) => setImmediate(resolve));
  await writing.close();
}

async function resumeAsAsked(writing: Writing, deed: Deed): Promise<void> {
  try {
    await writing.resume({ deedId: deed.id, pin: PIN });
  } catch (thrown) {
    if (toAppError(thrown).code !== 'DEED_CODE_NEEDED') throw thrown;
    await writing.resume({ deedId: deed.id, pin: PIN, authorizationCode: CODE });
  }
}

function expectAllWell(world: ModelWorld, journal: DeedJournal): void {
  expect(journal.listUnfinished()).toEqual([]);
  expect([world.activePairs, world.codeUses, world.remaining, world.containers.size]).toEqual([1, 1, 1, 1]);
  const [container] = world.containers.values();
  expect([container?.signKey, container?.encryptKey, container?.signCertificate, container?.encryptCertificate].every((part) => part !== null)).toBe(true);
  expect(world.issuances.filter((one) => one.state === 'started' || one.state === 'certified')).toEqual([]);
}

describe('new issue: state machine', () => {
  it('ok: without a fault the deed completes with one login and one use of the code', async () => {
    const world = new ModelWorld();
    const journal = newJournal();
    await attempt(world, journal, null);
    expectAllWell(world, journal);
    expect(world.logins).toBe(1);
  });

  it.each(['power', 'network', 'token'] as const)('ok: a %s fault at every single call, before and after its effect, is mended by going on', async (kind) => {
    const { calls } = await attempt(new ModelWorld(), newJournal(), null);
    expect(calls).toBeGreaterThan(35);
    for (let atCall = 1; atCall <= calls; atCall += 1) {
      for (const when of ['before', 'after'] as const) {
        const world = new ModelWorld();
        const journal = newJournal();
        await attempt(world, journal, { atCall, when, kind });
        for (let round = 0; journal.listUnfinished().length > 0 || world.activePairs === 0; round += 1) {
          expect(round, `call ${atCall} ${when}: still unfinished`).toBeLessThan(3);
          await attempt(world, journal, null);
        }
        expectAllWell(world, journal);
        // One login per attempt at the most: a PIN is never tried again by itself.
        expect(world.logins).toBeLessThanOrEqual(3);
      }
    }
  });

  it('ok: any sequence of faults ends well once they stop', async () => {
    const fault = fc.record({ atCall: fc.integer({ min: 1, max: 45 }), when: fc.constantFrom('before' as const, 'after' as const), kind: fc.constantFrom('power' as const, 'network' as const, 'token' as const) });
    await fc.assert(fc.asyncProperty(fc.array(fault, { maxLength: 8 }), async (faults) => {
      const world = new ModelWorld();
      const journal = newJournal();
      for (const one of faults) await attempt(world, journal, one);
      for (let round = 0; round < 3; round += 1) await attempt(world, journal, null);
      expectAllWell(world, journal);
    }), { numRuns: 300 });
  });

  it('ok: with the journal lost at any point, starting again takes up what the CA has open', async () => {
    const { calls } = await attempt(new ModelWorld(), newJournal(), null);
    for (let atCall = 1; atCall <= calls; atCall += 1) {
      const world = new ModelWorld();
      await attempt(world, newJournal(), { atCall, when: 'after', kind: 'power' });
      if (world.activePairs > 0) continue;
      const fresh = newJournal();
      await attempt(world, fresh, null);
      expect(fresh.listUnfinished(), `call ${atCall}`).toEqual([]);
      expect([world.activePairs, world.codeUses, world.remaining]).toEqual([1, 1, 1]);
    }
  });

  it('ok: cancelling after a fault at any call leaves no open issuance, no container, and the code to be used again', async () => {
    const { calls } = await attempt(new ModelWorld(), newJournal(), null);
    for (let atCall = 1; atCall <= calls; atCall += 1) {
      const world = new ModelWorld();
      const journal = newJournal();
      await attempt(world, journal, { atCall, when: 'after', kind: 'power' });
      const [deed] = journal.listUnfinished();
      if (!deed) continue;
      const { writing } = boot(world, journal, null);
      const outcome = await writing.cancel({ deedId: deed.id, pin: PIN }).then((cancelled) => cancelled.state, (thrown: unknown) => toAppError(thrown).code);
      if (world.activePairs === 1) {
        expect([outcome, journal.get(deed.id)?.state]).toEqual(['DEED_NOT_CANCELLABLE', 'completed']);
      } else {
        expect([outcome, world.codeUses, world.remaining, world.containers.size], `call ${atCall}`).toEqual(['cancelled', 0, 2, 0]);
        await attempt(world, journal, null);
        expectAllWell(world, journal);
      }
    }
  });

  it.each([
    ['other key certified', 'ISSUED_PAIR_INVALID', 'request'],
    ['signature wrong', 'KEY_PROOF_FAILED', 'prove'],
    ['decryption wrong', 'KEY_PROOF_FAILED', 'prove'],
    ['certificate read back wrong', 'KEY_PROOF_FAILED', 'import-certificates'],
  ] as const)('refuses: %s – the deed stops with %s at %s, nothing becomes active, and it can be cancelled', async (lie, code, step) => {
    const world = new ModelWorld();
    world.lie = lie;
    const journal = newJournal();
    await attempt(world, journal, null);
    const [deed] = journal.listUnfinished();
    expect([deed?.failure?.code, deed?.step, world.activePairs]).toEqual([code, step, 0]);
    if (lie === 'other key certified') expect([...world.containers.values()].every((one) => one.encryptKey === null && one.signCertificate === null)).toBe(true);
    const { writing } = boot(world, journal, null);
    await writing.cancel({ deedId: deed?.id ?? '', pin: PIN });
    expect([world.codeUses, world.containers.size]).toEqual([0, 0]);
    world.lie = 'none';
    await attempt(world, journal, null);
    expectAllWell(world, journal);
  });

  it('refuses: wrong code, wrong PIN, and a second writing on the same key leave nothing behind', async () => {
    const world = new ModelWorld();
    const journal = newJournal();
    const { writing, fuse } = boot(world, journal, null);
    await expect(writing.startNewIssue({ ...START, authorizationCode: '000000' })).rejects.toMatchObject({ code: 'CODE_WRONG' });
    await expect(writing.startNewIssue({ ...START, pin: '00000000' })).rejects.toMatchObject({ code: 'PIN_INCORRECT' });
    const both = await Promise.allSettled([writing.startNewIssue(START), writing.startNewIssue(START)]);
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
    await standstill(writing, fuse);
    expectAllWell(world, journal);
  });
});
