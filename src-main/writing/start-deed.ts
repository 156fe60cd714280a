/**
 * Beginning a deed of any kind. Rule: everything that can be refused without spending anything is refused before the code is sent; a refused start leaves nothing
 * behind. What each kind asks of request and key stands in the table of start-rules.ts.
 */
import { randomUUID } from 'node:crypto';
import { planOf } from '#shared/contract/desktop/deed-plans.ts';
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import type { TokenRef, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { toHex } from '#shared/bytes/hex.ts';
import { AppError, toAppError } from '#shared/errors/app-error.ts';
import type { DeedPlanFacts, DeedRecord } from '../journal/deed-record.ts';
import type { KeyHold } from './key-holds.ts';
import { passPinGate, pinBytes } from './pin-gate.ts';
import { findRequest, type WantedWriting } from './request-facts.ts';
import { interrupt } from './run-steps.ts';
import { START_RULES } from './start-rules.ts';
import { begin, closingOnError, isRefusal, stepContext, tell, type WritingDesk } from './writing-desk.ts';

export type StartInput = DesktopInput<'writing.start'>;

/** @returns the deed: running, or interrupted when nobody knows whether the start arrived. @throws what was refused */
export async function startDeed(desk: WritingDesk, input: StartInput): Promise<Deed> {
  const account = desk.ports.requireAccount();
  const hold = desk.holds.take(input.token.serial);
  try {
    refuseUnfinished(desk, input.token.serial);
    return await startOnKey(desk, input, account.id, hold);
  } catch (thrown) {
    desk.holds.release(hold);
    return afterFailedStart(desk, hold.deedId, toAppError(thrown));
  }
}

async function startOnKey(desk: WritingDesk, input: StartInput, accountId: string, hold: KeyHold): Promise<Deed> {
  const { ports } = desk;
  const rule = START_RULES[input.kind];
  const summary = await lookAtKey(desk, input.token);
  if (rule.pin === 'user') passPinGate(summary.pin, input.confirmedFewTries ?? false);
  rule.beforeRequest(input, summary);
  const wanted = await findRequest(input.kind, input.requestId, ports.ca);
  const pass = await rule.beforeLogin({ input, summary, wanted, ports });
  const session = rule.pin === 'user' ? await ports.tokens.logIn(summary.ref, pinBytes(requirePin(input))) : null;
  return closingOnError(session, async () => {
    const { planFacts, containerId } = await rule.beforeStart({ input, summary, wanted, ports }, session);
    pass.spend();
    const deed = createDeed(desk, { input, accountId, summary, wanted, planFacts: { ...planFacts, ...(pass.agreedToLose.length > 0 ? { agreedToLose: [...pass.agreedToLose] } : {}) }, containerId });
    const secrets = { authorizationCode: input.authorizationCode, newPin: input.newPin ?? null, administratorPin: null };
    return begin(desk, stepContext(desk, { deed, ref: summary.ref, session, secrets, confirmedFewTries: input.confirmedFewTries ?? false }), hold);
  });
}

/** A key's administrator PIN is handed over: no code is spent, and the key is opened by nobody but its administrator. */
export async function adoptAdministratorPin(desk: WritingDesk, input: DesktopInput<'writing.adoptAdministratorPin'>): Promise<Deed> {
  const account = desk.ports.requireAccount();
  const hold = desk.holds.take(input.token.serial);
  try {
    refuseUnfinished(desk, input.token.serial);
    const summary = await lookAtKey(desk, input.token);
    const wanted = await findRequest('administrator-pin', input.requestId, desk.ports.ca);
    const deed = createDeed(desk, { input: { ...input, kind: 'administrator-pin' }, accountId: account.id, summary, wanted, planFacts: {}, containerId: null });
    const secrets = { authorizationCode: null, newPin: null, administratorPin: input.administratorPin ?? null };
    return await begin(desk, stepContext(desk, { deed, ref: summary.ref, session: null, secrets, confirmedFewTries: input.confirmedFewTries ?? false }), hold);
  } catch (thrown) {
    desk.holds.release(hold);
    return afterFailedStart(desk, hold.deedId, toAppError(thrown));
  }
}

function requirePin({ pin }: StartInput): string {
  if (pin === undefined) throw new AppError('INPUT_INVALID', { fields: ['/pin'] });
  return pin;
}

/** A list asks the drivers anew: what is remembered of the key may be from before its last writing. */
async function lookAtKey({ ports }: WritingDesk, ref: TokenRef): Promise<TokenSummary> {
  await ports.tokens.list();
  return ports.tokens.get(ref);
}

interface NewDeedFacts {
  readonly input: Pick<StartInput, 'requestId' | 'tokenModelId'> & { readonly kind: DeedRecord['kind'] };
  readonly accountId: string;
  readonly summary: TokenSummary;
  readonly wanted: WantedWriting;
  readonly planFacts: DeedPlanFacts;
  /** Of the keys that the deed works with; null: a new one. */
  readonly containerId: string | null;
}

/** Container and Idempotency-Key are on the disk before anything exists that could be lost under them. */
function createDeed({ ports }: WritingDesk, { input, accountId, summary, wanted, planFacts, containerId }: NewDeedFacts): DeedRecord {
  const handover = input.kind === 'new-issue' && ports.factoryAdministratorPin(summary.ref) !== null;
  const plan = planOf(input.kind, { keyPolicy: wanted.keyPolicy, handover });
  return ports.journal.create({
    id: randomUUID(), kind: input.kind, plan, accountId, driverId: summary.ref.driverId, tokenSerial: summary.ref.serial, tokenModelId: input.tokenModelId,
    requestId: input.requestId, requestNumber: wanted.requestNumber, orderNumber: wanted.orderNumber, companyName: wanted.companyName, projectName: wanted.projectName, keyAlgorithm: wanted.keyAlgorithm,
    containerId: containerId ?? toHex(ports.crypto.randomBytes(16)), startIdempotencyKey: randomUUID(), planFacts,
  });
}

function refuseUnfinished({ ports }: WritingDesk, serial: string): void {
  const unfinished = ports.journal.listUnfinished().find((deed) => deed.tokenSerial === serial);
  if (unfinished) throw new AppError('DEED_UNFINISHED', { deedId: unfinished.id, orderNumber: unfinished.orderNumber });
}

/** A refused start leaves nothing behind; one of unknown outcome leaves a deed that can be resumed. */
function afterFailedStart(desk: WritingDesk, deedId: string | null, error: AppError): Deed {
  if (deedId === null) throw error;
  if (!isRefusal(error)) return tell(desk, interrupt(deedId, error, desk.ports));
  tell(desk, desk.ports.journal.finish(deedId, 'cancelled', {}));
  throw error;
}
