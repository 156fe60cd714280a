/** A deed that was cut off asks the ledger of sealed bids again before it goes on: at every call, of every plan that could lose one. World: model-world.ts, model-deeds.ts. */
import { describe, expect, it } from 'vitest';
import type { LedgerQuestion } from '#shared/contract/desktop/ledger.ts';
import { AppError, toAppError } from '#shared/errors/app-error.ts';
import { planRow } from '../../src-main/writing/plans/plan-table.ts';
import { attempt, boot, expectAllWell, MODEL_DEEDS, NEW_PIN, newJournal, standstill, type ModelDeed, type Scene } from './model-deeds.ts';
import { PIN } from './model-key.ts';

const BID = 'ab'.repeat(16);
const LATER_BID = 'cd'.repeat(16);
const ANSWER = { assessmentId: 'assessment-1', typedConfirmation: '某路灯工程' };

/** A ledger in which these bids would be lost by the deed. Only the answer above is good. */
class ModelLedger {
  lost: readonly string[] = [];
  readonly questions: { readonly question: LedgerQuestion; readonly agreedBefore: readonly string[] }[] = [];
  spent = 0;

  for(scene: Scene): this {
    scene.world.passLedger = async (question, answer, agreedBefore = []) => {
      this.questions.push({ question, agreedBefore });
      const agreedToLose = this.lost.filter((bid) => !agreedBefore.includes(bid));
      if (agreedToLose.length > 0 && answer?.typedConfirmation !== ANSWER.typedConfirmation) throw new AppError('LEDGER_WOULD_LOSE', { bids: ['某路灯工程'], confirmationText: '某路灯工程' });
      return { agreedToLose, spend: () => void (this.spent += agreedToLose.length > 0 ? 1 : 0), giveBack: () => undefined };
    };
    return this;
  }
}

function pinsFor(plan: string): { pin?: string; newPin?: string } {
  return plan === 'unlock' ? { newPin: NEW_PIN } : { pin: PIN };
}

/** Begun at the service, and nothing further. */
async function cutOffAfterStart(deed: ModelDeed) {
  for (let atCall = 1; atCall < 100; atCall += 1) {
    const scene = await deed.prepare();
    const journal = newJournal();
    await attempt(scene, journal, { atCall, when: 'after', kind: 'power' });
    const [unfinished] = journal.listUnfinished();
    if (unfinished?.steps[0]?.state === 'done') return { scene, journal, unfinished };
  }
  return expect.unreachable('never cut off before it is done');
}

const ASKING = MODEL_DEEDS.filter(({ plan }) => planRow(plan).lastLosingStep !== null);
const snapshotOf = ({ world, request }: Scene) => JSON.stringify([[...world.key.containers.keys()].sort(), request.codeUses, world.ca.issuances.map(({ state }) => state), world.key.userPin, world.key.logins]);

it('ok: the plans that change what a key can open ask again; those that add to it or move an administrator PIN do not', () => {
  expect([...new Set(ASKING.map(({ plan }) => plan))].sort()).toEqual(['key-recovery', 'new-keys', 'reissue', 'same-keys', 'unlock']);
});

describe.each(ASKING.map((deed, index) => ({ deed, name: `${deed.plan} (${index})` })))('$name', ({ deed }) => {
  it('refuses: to go on over a bid that would be lost now, before the key is opened; ok: with the typed answer, which is asked for once', async () => {
    const { calls } = await attempt(await deed.prepare(), newJournal(), null);
    let [asked, free] = [0, 0];
    for (let atCall = 1; atCall <= calls; atCall += 1) {
      const scene = await deed.prepare();
      const ledger = new ModelLedger().for(scene);
      const journal = newJournal();
      await attempt(scene, journal, { atCall, when: 'after', kind: 'power' });
      const [unfinished] = journal.listUnfinished();
      if (!unfinished) continue;
      const { lastLosingStep } = planRow(deed.plan);
      const mayLose = !unfinished.steps.some(({ name, state }) => name === lastLosingStep && state === 'done');
      ledger.lost = [BID];
      const before = snapshotOf(scene);
      const { writing, fuse } = boot(scene.world, journal, null);
      const goOn = { deedId: unfinished.id, ...pinsFor(deed.plan) };
      const refused = await writing.resume(goOn).then(() => null, (thrown: unknown) => toAppError(thrown).code);
      if (refused === 'DEED_CODE_NEEDED' || !mayLose) {
        if (!mayLose) expect([refused, await standstill(writing, fuse), ++free], `call ${atCall}`).toEqual([null, undefined, free]);
        continue;
      }
      asked += 1;
      expect([refused, snapshotOf(scene), journal.get(unfinished.id)?.failure?.code], `call ${atCall}`).toEqual(['LEDGER_WOULD_LOSE', before, 'DEED_STOPPED']);
      const question = await writing.ledgerQuestion({ deedId: unfinished.id });
      expect(question).toEqual(ledger.questions.at(-1)?.question);
      // A wrong answer is no answer; the right one is kept in the journal for every further going on.
      expect(await writing.resume({ ...goOn, ledgerAnswer: { ...ANSWER, typedConfirmation: '某' } }).then(() => null, (thrown: unknown) => toAppError(thrown).code)).toBe('LEDGER_WOULD_LOSE');
      await writing.resume({ ...goOn, ledgerAnswer: ANSWER });
      await standstill(writing, fuse);
      expect([journal.get(unfinished.id)?.state, journal.get(unfinished.id)?.planFacts.agreedToLose, ledger.spent], `call ${atCall}`).toEqual(['completed', [BID], 1]);
      expectAllWell(deed, scene, journal);
    }
    expect(asked).toBeGreaterThan(3);
  });

  it('ok: what was agreed to at the start is not asked for again; refuses: a further bid that would be lost since', async () => {
    const { scene, journal, unfinished } = await cutOffAfterStart(deed);
    const ledger = new ModelLedger().for(scene);
    journal.note(unfinished.id, { planFacts: { ...unfinished.planFacts, agreedToLose: [BID] } });
    const { writing, fuse } = boot(scene.world, journal, null);
    const goOn = { deedId: unfinished.id, ...pinsFor(deed.plan) };
    ledger.lost = [BID, LATER_BID];
    expect(await writing.resume(goOn).then(() => null, (thrown: unknown) => toAppError(thrown).code)).toBe('LEDGER_WOULD_LOSE');
    expect(ledger.questions.at(-1)?.agreedBefore).toEqual([BID]);
    ledger.lost = [BID];
    await writing.resume(goOn);
    await standstill(writing, fuse);
    expect([journal.get(unfinished.id)?.state, ledger.spent]).toEqual(['completed', 0]);
  });
});

describe('what is asked', () => {
  const asked = async (plan: string, at: string | null, facts: object) => {
    const deed = MODEL_DEEDS.find((one) => one.plan === plan) ?? expect.unreachable();
    const { scene, journal, unfinished } = await cutOffAfterStart(deed);
    journal.note(unfinished.id, { planFacts: { ...unfinished.planFacts, ...facts } });
    for (const { name } of unfinished.steps) {
      if (at === null || journal.get(unfinished.id)?.steps.find((step) => step.name === at)?.state === 'done') break;
      journal.endStep(unfinished.id, name, {});
    }
    return boot(scene.world, journal, null).writing.ledgerQuestion({ deedId: unfinished.id });
  };

  it('ok: a renewal with new keys: whether contents go, and the room for the pair only until it is made', async () => {
    expect(await asked('new-keys', null, {})).toMatchObject({ deed: 'renewal', keyPolicy: 'new-keys', removesContents: false, newPairOnKey: false, token: { serial: 'MODEL0001' } });
    expect(await asked('new-keys', 'generate', {})).toMatchObject({ removesContents: false, newPairOnKey: true });
    const removeFirst = ['0'.repeat(32)];
    expect(await asked('new-keys', null, { removeFirst })).toMatchObject({ removesContents: true });
    // What went for room is gone; nothing more goes.
    expect(await asked('new-keys', 'room', { removeFirst })).toMatchObject({ removesContents: false });
    expect(await asked('new-keys', 'keep-history', { oldPair: 'keep-none' })).toMatchObject({ removesContents: true });
  });

  it('ok: a reissue asks about the lost key until its old keys have come back; with the same keys until the old pair has ended', async () => {
    expect(await asked('reissue', null, {})).toMatchObject({ deed: 'reissue', tokenSerial: 'MODEL0001', certificateSha256: [expect.stringMatching(/^[0-9a-f]{64}$/)] });
    expect(await asked('reissue', 'restore-history', {})).toBe(null);
    expect(await asked('same-keys', 'prove', {})).toMatchObject({ deed: 'change', keyPolicy: 'same-keys' });
  });
});
