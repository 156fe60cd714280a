/**
 * The ledger's question for a deed that was cut off. Days may lie between its beginning and its going on: bids were sealed since, openings have come near, another
 * key was lost. Rule: before a step that could still lose a bid the ledger is asked again, and what the person has not agreed to lose is confirmed by typing.
 */
import type { LedgerAnswer, LedgerQuestion } from '#shared/contract/desktop/ledger.ts';
import type { TokenRef } from '#shared/contract/desktop/tokens.ts';
import { assert } from '#shared/errors/assert.ts';
import type { DeedRecord } from '../journal/deed-record.ts';
import { FREE_PASS, type LedgerPass } from '../ledger/ledger.ts';
import { planRow } from './plans/plan-table.ts';
import type { WritingPorts } from './ports.ts';

/** @param plugged the deed's key; null: it is not here. @returns null when nothing that is still to be done could lose a bid */
export async function ledgerQuestionOf(record: DeedRecord, plugged: TokenRef | null, ports: Pick<WritingPorts, 'ca'>): Promise<LedgerQuestion | null> {
  const { lastLosingStep } = planRow(record.plan);
  if (lastLosingStep === null || isDone(record, lastLosingStep)) return null;
  const { kind } = record;
  assert(kind !== 'new-issue' && kind !== 'administrator-pin', 'their plans lose nothing');
  if (kind === 'reissue') return questionOfLostKey(record, ports);
  const key = plugged === null ? { tokenSerial: record.tokenSerial } : { token: plugged };
  if (kind !== 'renewal' && kind !== 'change') return { deed: kind, ...key };
  const { oldPair, removeFirst = [] } = record.planFacts;
  const removesContents = oldPair === 'keep-none' || (removeFirst.length > 0 && !isDone(record, 'room'));
  return { deed: kind, ...key, removesContents, keyPolicy: record.plan === 'same-keys' ? 'same-keys' : 'new-keys', newPairOnKey: isDone(record, 'generate') };
}

/** @param answer null: none was given. @throws LEDGER_WOULD_LOSE, LEDGER_ANSWER_STALE, LEDGER_CONFIRMATION_WRONG */
export async function passLedgerAgain(record: DeedRecord, plugged: TokenRef, answer: LedgerAnswer | null, ports: WritingPorts): Promise<LedgerPass> {
  const question = await ledgerQuestionOf(record, plugged, ports);
  return question === null ? FREE_PASS : ports.passLedger(question, answer, record.planFacts.agreedToLose ?? []);
}

/** A reissue is about the key that is lost or broken, not about the one that is plugged in. */
async function questionOfLostKey({ requestId }: DeedRecord, { ca }: Pick<WritingPorts, 'ca'>): Promise<LedgerQuestion | null> {
  const { certificateSerialHex } = await ca.getRequest({ params: { requestId } });
  return certificateSerialHex === null ? null : lostKeyQuestion(certificateSerialHex, ca);
}

/** @param certificateSerialHex signing certificate that the reissue is about */
export async function lostKeyQuestion(certificateSerialHex: string, ca: WritingPorts['ca']): Promise<LedgerQuestion> {
  const { tokenSerial, sha256Hex } = await ca.getCertificate({ params: { serialHex: certificateSerialHex } });
  return { deed: 'reissue', tokenSerial, certificateSha256: [sha256Hex] };
}

function isDone(record: DeedRecord, step: DeedRecord['step']): boolean {
  return record.steps.some(({ name, state }) => name === step && state === 'done');
}
