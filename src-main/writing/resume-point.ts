/**
 * Where an interrupted deed goes on. Rule: the journal says what was done, the key and the CA say what is there; where they differ, the
 * deed goes back to the first step whose effect is missing. Steps repeat safely, so going back costs time and nothing else.
 */
import { NEW_ISSUE_STEPS, type NewIssueStep } from '#shared/contract/desktop/deeds.ts';
import type { Issuance } from '#shared/contract/rest/issuances.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { DeedRecord } from '../journal/deed-record.ts';
import type { KeyContainer } from '../token/token-port.ts';

/** Step → can its effect be seen? Steps that leave nothing behind (prove) are simply done again when it is their turn. */
const EFFECTS: readonly (readonly [NewIssueStep, (container: KeyContainer | null, issuance: Issuance) => boolean])[] = [
  ['generate', (container) => container?.sign.hasPrivateKey === true],
  ['request', (_, issuance) => issuance.pair !== null],
  ['import-keys', (container) => container?.encrypt.hasPrivateKey === true],
  ['import-certificates', (container) => container?.sign.certificateDer != null && container.encrypt.certificateDer != null],
];

/** @returns the step to go on with, never later than the journal's. @throws KEY_NOT_FOUND when certificates exist for a key that is gone: such a deed can only be cancelled */
export function findResumePoint(deed: DeedRecord, container: KeyContainer | null, issuance: Issuance): NewIssueStep {
  const position = NEW_ISSUE_STEPS.indexOf(deed.step);
  const missing = EFFECTS.find(([step, holds]) => NEW_ISSUE_STEPS.indexOf(step) < position && !holds(container, issuance));
  const point = missing?.[0] ?? deed.step;
  if (point === 'generate' && issuance.pair !== null && container?.sign.hasPrivateKey !== true) throw new AppError('KEY_NOT_FOUND', { containerId: deed.containerId, purpose: 'sign' });
  return point;
}
