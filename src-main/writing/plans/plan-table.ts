/**
 * Every plan with its steps and its rules, as a table: the runner, the resumer and the giver-up work by it and know no kind of deed themselves. A new kind of deed is
 * a plan in the contract and a row here.
 */
import { DEED_PLANS, type DeedPlanId, type DeedStepName } from '#shared/contract/desktop/deed-plans.ts';
import { assert } from '#shared/errors/assert.ts';
import { completeIssuance, generateKey, importCertificates, importKeys, proveKeys, requestCertificates, start } from './certificate-steps.ts';
import { confirmPin, depositPin, handingOver, rotateDeposited } from './administrator-pin-steps.ts';
import { completeRecovery, keepHistory, makeRoom, proveHistory, restoreHistoryOfIssuance, restoreHistoryOfRequest, startRecovery, tidyOldPair } from './history-steps.ts';
import type { Step } from './step-context.ts';
import { completeUnlock, proveUnlocked, releasePins, rotateAfterUnblock, unblockUserPin } from './unlock-steps.ts';

type StepOf<P extends DeedPlanId> = (typeof DEED_PLANS)[P][number];

interface PlanRow<P extends DeedPlanId> {
  readonly steps: { readonly [S in StepOf<P>]: Step };
  /** The key is opened with the user PIN before the first step; otherwise the steps open it, or do not need it open. */
  readonly opensKey: boolean;
  /** From this step on the deed can only go on. */
  readonly pointOfNoReturn: StepOf<P>;
  /** Until it is done something is taken from a key, or ended, that bids may depend on; null: nothing ever is. */
  readonly lastLosingStep: StepOf<P> | null;
  /** What the service calls the carrying-out: by it the deed is found again and given up. */
  readonly atService: 'issuance' | 'release' | 'recovery' | 'deposit';
}

const ISSUE = { start, generate: generateKey, request: requestCertificates, 'import-keys': importKeys, 'import-certificates': importCertificates, prove: proveKeys, complete: completeIssuance } as const;
const BY_ISSUANCE = { opensKey: true, pointOfNoReturn: 'complete', atService: 'issuance' } as const;
const FRESH = { ...BY_ISSUANCE, lastLosingStep: null } as const;

const PLANS: { readonly [P in DeedPlanId]: PlanRow<P> } = {
  'new-issue': { ...FRESH, steps: ISSUE },
  'new-issue-handover': { ...FRESH, steps: { ...ISSUE, deposit: handingOver(depositPin), rotate: handingOver(rotateDeposited), confirm: handingOver(confirmPin) } },
  'new-keys': { ...BY_ISSUANCE, lastLosingStep: 'tidy', steps: { ...ISSUE, room: makeRoom, 'keep-history': keepHistory, tidy: tidyOldPair } },
  'same-keys': { ...BY_ISSUANCE, lastLosingStep: 'complete', steps: { start, request: requestCertificates, 'import-certificates': importCertificates, prove: proveKeys, complete: completeIssuance } },
  // What came back from escrow is on the new key before the old pair ends.
  reissue: { ...BY_ISSUANCE, lastLosingStep: 'restore-history', steps: { ...ISSUE, 'restore-history': restoreHistoryOfIssuance } },
  unlock: { opensKey: false, pointOfNoReturn: 'unblock', lastLosingStep: 'unblock', atService: 'release', steps: { release: releasePins, unblock: unblockUserPin, rotate: rotateAfterUnblock, prove: proveUnlocked, complete: completeUnlock } },
  'key-recovery': { opensKey: true, pointOfNoReturn: 'complete', lastLosingStep: 'restore-history', atService: 'recovery', steps: { start: startRecovery, 'restore-history': restoreHistoryOfRequest, prove: proveHistory, complete: completeRecovery } },
  'administrator-pin': { opensKey: false, pointOfNoReturn: 'rotate', lastLosingStep: null, atService: 'deposit', steps: { deposit: depositPin, rotate: rotateDeposited, confirm: confirmPin } },
};

export interface DeedPlan {
  readonly steps: readonly DeedStepName[];
  readonly opensKey: boolean;
  readonly lastLosingStep: DeedStepName | null;
  readonly atService: PlanRow<DeedPlanId>['atService'];
  /** @returns whether a deed that stands at that step can still be given up */
  mayBeGivenUp(step: DeedStepName): boolean;
  run(step: DeedStepName): Step;
}

export function planRow(id: DeedPlanId): DeedPlan {
  const { opensKey, lastLosingStep, atService, pointOfNoReturn, steps: table } = PLANS[id];
  const steps: readonly DeedStepName[] = DEED_PLANS[id];
  const byName = table as Readonly<Partial<Record<DeedStepName, Step>>>;
  return {
    steps, opensKey, lastLosingStep, atService,
    mayBeGivenUp: (step) => steps.indexOf(step) < steps.indexOf(pointOfNoReturn),
    run(step) {
      const found = byName[step];
      assert(found, `plan ${id} has a step ${step}`);
      return found;
    },
  };
}
