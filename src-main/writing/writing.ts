/**
 * The writing deeds as the desktop contract offers them: start, resume, cancel, look. Rule: one deed per key at a time; every attempt
 * logs in to the key exactly once; what goes wrong leaves an interrupted deed that can be resumed, never a half-known one.
 * Steps and why in that order: docs/issuance.md.
 */
import { randomUUID } from 'node:crypto';
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { toHex } from '#shared/bytes/hex.ts';
import { AppError, fromErrorData, toAppError } from '#shared/errors/app-error.ts';
import { CA_ERRORS } from '#shared/errors/table/ca.ts';
import type { DeedRecord } from '../journal/deed-record.ts';
import type { TokenSession } from '../token/token-port.ts';
import { createKeyHolds, type KeyHold } from './key-holds.ts';
import { viewDeed } from './deed-view.ts';
import { giveUp, mayHoldContainer } from './give-up.ts';
import type { StepContext } from './new-issue-steps.ts';
import { findOrderLine } from './order-line.ts';
import { passPinGate, pinBytes } from './pin-gate.ts';
import type { WritingPorts } from './ports.ts';
import { requireAgreement, requireExactAgreement } from './present-certificates.ts';
import { findResumePoint } from './resume-point.ts';
import { interrupt, runSteps } from './run-steps.ts';
import { findOpenIssuance, startIssuance } from './start-issuance.ts';
import { findTokenBySerial } from './wanted-token.ts';

export interface Writing {
  /** Answers when the key is open and the start is known or unknown to have arrived; the further steps come as events. */
  startNewIssue(input: DesktopInput<'writing.startNewIssue'>): Promise<Deed>;
  /** An ended deed is only shown as ended when its key is free again. */
  get(deedId: string): Promise<Deed>;
  listUnfinished(): Deed[];
  resume(input: DesktopInput<'writing.resume'>): Promise<Deed>;
  cancel(input: DesktopInput<'writing.cancel'>): Promise<Deed>;
  /** Deeds that a kill or a power cut left running; called once before anything else. */
  interruptLeftovers(): void;
  /** Stops every running deed after its present step. */
  close(): Promise<void>;
}

export function createWriting(ports: WritingPorts): Writing {
  const { journal, tokens } = ports;
  const holds = createKeyHolds();

  function must(deedId: string): DeedRecord {
    const record = journal.get(deedId);
    if (!record) throw new AppError('DEED_NOT_FOUND', { deedId });
    return record;
  }

  /** An unfinished deed of the signed-in account that nobody carries out just now. */
  function mustBeMine(deedId: string): DeedRecord {
    const account = ports.requireAccount();
    const record = must(deedId);
    if (record.accountId !== account.id) throw new AppError('DEED_OTHER_ACCOUNT');
    if (record.state === 'running' && holds.ofDeed(deedId)) throw new AppError('DEED_RUNNING', { deedId });
    if (record.state !== 'interrupted' && record.state !== 'running') throw new AppError('DEED_STATE', { state: record.state, step: record.step });
    return record;
  }

  /** Runs the remaining steps behind the answer. The key is free again before anyone hears that the deed ended. Never rejects. */
  async function runBehind(context: StepContext, hold: KeyHold): Promise<void> {
    try {
      await runSteps(context, hold);
      await context.session.close();
      holds.release(hold);
      ports.onDeedChanged(viewDeed(must(context.deed.id)));
    } catch (thrown) {
      // The journal itself cannot be written (disk full, folder gone). What it says last is where the deed goes on.
      ports.log.error('journal failed in a deed', { deedId: context.deed.id, exception: String(thrown) });
      await context.session.close();
    } finally {
      holds.release(hold);
    }
    await showNewCertificates();
  }

  /** A list asks the drivers anew, so that whoever listens to the keys hears of the new certificates at once. */
  async function showNewCertificates(): Promise<void> {
    try {
      await tokens.list();
    } catch (thrown) {
      ports.log.warn('keys not listed after a deed', { code: toAppError(thrown).code });
    }
  }

  /** Step `start`, then everything else behind the answer. */
  async function begin(deed: DeedRecord, authorizationCode: string | null, session: TokenSession, hold: KeyHold): Promise<Deed> {
    hold.deedId = deed.id;
    let record = journal.beginStep(deed.id, 'start');
    ports.onDeedChanged(viewDeed(record));
    const { issuance, containerId } = await startIssuance(record, authorizationCode, session, ports);
    record = journal.endStep(deed.id, 'start', { issuanceId: issuance.id, containerId, codeNeeded: false });
    const answer = viewDeed(record);
    ports.onDeedChanged(answer);
    void runBehind({ ports, session, deed: record, issuance, pair: null }, hold);
    return answer;
  }

  async function startNewIssue(input: DesktopInput<'writing.startNewIssue'>): Promise<Deed> {
    const account = ports.requireAccount();
    const hold = holds.take(input.token.serial);
    try {
      refuseUnfinished(input.token.serial);
      // A list asks the drivers anew: what is remembered of the key may be from before its last writing.
      await tokens.list();
      const summary = await tokens.get(input.token);
      const agreed = input.agreedToAddBesideCertificates ?? [];
      passPinGate(summary.pin, input.confirmedFewTries ?? false);
      requireAgreement(summary, agreed);
      const line = await findOrderLine(input.orderLineId, ports.ca);
      const session = await tokens.logIn(summary.ref, pinBytes(input.pin));
      return await closingOnError(session, async () => {
        requireExactAgreement(summary, await session.listContainers(), agreed, ports.crypto);
        const deed = journal.create({
          id: randomUUID(), accountId: account.id, driverId: summary.ref.driverId, tokenSerial: summary.ref.serial, tokenModelId: input.tokenModelId,
          orderLineId: line.orderLineId, orderNumber: line.orderNumber, companyName: line.companyName, projectName: line.projectName, keyAlgorithm: line.keyAlgorithm,
          containerId: toHex(ports.crypto.randomBytes(16)), startIdempotencyKey: randomUUID(),
        });
        return begin(deed, input.authorizationCode, session, hold);
      });
    } catch (thrown) {
      holds.release(hold);
      return afterFailedStart(hold.deedId, toAppError(thrown));
    }
  }

  /** A refused start leaves nothing behind; one of unknown outcome leaves a deed that can be resumed. */
  function afterFailedStart(deedId: string | null, error: AppError): Deed {
    if (deedId === null) throw error;
    if (isRefusal(error)) {
      ports.onDeedChanged(viewDeed(journal.finish(deedId, 'cancelled', {})));
      throw error;
    }
    const deed = viewDeed(interrupt(deedId, error, ports));
    ports.onDeedChanged(deed);
    return deed;
  }

  function refuseUnfinished(serial: string): void {
    const unfinished = journal.listUnfinished().find((deed) => deed.tokenSerial === serial);
    if (unfinished) throw new AppError('DEED_UNFINISHED', { deedId: unfinished.id, orderNumber: unfinished.orderNumber });
  }

  async function resume(input: DesktopInput<'writing.resume'>): Promise<Deed> {
    const record = mustBeMine(input.deedId);
    const hold = holds.take(record.tokenSerial);
    let begun = false;
    try {
      await requireCodeIfNeeded(record, input.authorizationCode ?? null);
      const summary = await findTokenBySerial(record.tokenSerial, tokens);
      passPinGate(summary.pin, input.confirmedFewTries ?? false);
      const session = await tokens.logIn(summary.ref, pinBytes(input.pin));
      begun = true;
      return await closingOnError(session, () => goOn(record, summary, input.authorizationCode ?? null, session, hold));
    } catch (thrown) {
      holds.release(hold);
      const error = toAppError(thrown);
      if (begun) afterFailedResume(record.id, error);
      throw error;
    }
  }

  async function goOn(interrupted: DeedRecord, summary: TokenSummary, authorizationCode: string | null, session: TokenSession, hold: KeyHold): Promise<Deed> {
    journal.note(interrupted.id, { driverId: summary.ref.driverId });
    const deed = journal.resume(interrupted.id);
    hold.deedId = deed.id;
    if (deed.issuanceId === null) return begin(deed, authorizationCode, session, hold);
    const issuance = await ports.ca.getIssuance({ params: { issuanceId: deed.issuanceId } });
    if (issuance.state === 'cancelled') throw new AppError('ISSUANCE_STATE', { state: issuance.state });
    if (issuance.state === 'completed') return completedElsewhere(deed, issuance.remainingQuantity, session, hold);
    const point = findResumePoint(deed, await session.readContainer(deed.containerId), issuance);
    const record = point === deed.step ? deed : journal.rewind(deed.id, point, {});
    const answer = viewDeed(record);
    ports.onDeedChanged(answer);
    void runBehind({ ports, session, deed: record, issuance, pair: null }, hold);
    return answer;
  }

  /** The completion had arrived; only its answer was lost. */
  async function completedElsewhere(deed: DeedRecord, remainingQuantity: number, session: TokenSession, hold: KeyHold): Promise<Deed> {
    const answer = viewDeed(journal.finish(deed.id, 'completed', { remainingQuantity }));
    await session.close();
    holds.release(hold);
    ports.onDeedChanged(answer);
    return answer;
  }

  /** Asked before the key is: a missing code must not cost a login. @throws DEED_CODE_NEEDED */
  async function requireCodeIfNeeded(record: DeedRecord, authorizationCode: string | null): Promise<void> {
    if (record.issuanceId !== null || authorizationCode !== null) return;
    if (await findOpenIssuance(record, ports)) return;
    ports.onDeedChanged(viewDeed(journal.note(record.id, { codeNeeded: true })));
    throw new AppError('DEED_CODE_NEEDED');
  }

  function afterFailedResume(deedId: string, error: AppError): void {
    const record = interrupt(deedId, error, ports);
    const asked = record.issuanceId === null && isRefusal(error) ? journal.note(deedId, { codeNeeded: true }) : record;
    ports.onDeedChanged(viewDeed(asked));
  }

  async function cancel(input: DesktopInput<'writing.cancel'>): Promise<Deed> {
    const running = holds.ofDeed(input.deedId);
    if (running) return cancelRunning(input.deedId, running);
    const record = mustBeMine(input.deedId);
    const hold = holds.take(record.tokenSerial);
    try {
      hold.deedId = record.id;
      const session = await openForCancel(record, input.pin ?? null);
      try {
        return viewDeed(await giveUp(record, session, ports));
      } finally {
        await session?.close();
      }
    } finally {
      holds.release(hold);
      ports.onDeedChanged(viewDeed(must(record.id)));
    }
  }

  /** The run itself gives the deed up after its present step: it has the key open. */
  async function cancelRunning(deedId: string, hold: KeyHold): Promise<Deed> {
    if (must(deedId).accountId !== ports.requireAccount().id) throw new AppError('DEED_OTHER_ACCOUNT');
    if (must(deedId).step === 'complete') throw new AppError('DEED_NOT_CANCELLABLE', { step: 'complete' });
    hold.stop = 'cancel';
    await hold.ended;
    const record = must(deedId);
    if (record.state === 'completed') throw new AppError('DEED_NOT_CANCELLABLE', { state: 'completed' });
    if (record.state === 'interrupted') throw fromErrorData(record.failure);
    return viewDeed(record);
  }

  /** @returns null when nothing was begun on the key, or the key is not at hand: a lost key must not keep a deed open for ever */
  async function openForCancel(record: DeedRecord, pin: string | null): Promise<TokenSession | null> {
    if (!mayHoldContainer(record)) return null;
    const { tokens: plugged } = await tokens.list();
    const summary = plugged.find((one) => one.ref.serial === record.tokenSerial);
    if (!summary) return null;
    if (pin === null) throw new AppError('INPUT_INVALID', { fields: ['/pin'], reason: 'the key is plugged in and has to be cleared' });
    passPinGate(summary.pin, false);
    return tokens.logIn(summary.ref, pinBytes(pin));
  }

  return {
    startNewIssue, resume, cancel,
    async get(deedId) {
      if (must(deedId).state !== 'running') await holds.ofDeed(deedId)?.ended;
      return viewDeed(must(deedId));
    },
    listUnfinished: () => journal.listUnfinished().map(viewDeed),
    interruptLeftovers() {
      for (const deed of journal.listUnfinished()) {
        if (deed.state === 'running') interrupt(deed.id, new AppError('DEED_STOPPED', { step: deed.step }), ports);
      }
    },
    close: () => holds.stopAll(),
  };
}

/** The service said no, so nothing was begun there. Silence, nonsense and a call still in flight say nothing. */
function isRefusal(error: AppError): boolean {
  if (error.code === 'IDEMPOTENCY_IN_FLIGHT') return false;
  return Object.hasOwn(CA_ERRORS, error.code) || error.code === 'NOT_FOUND' || error.code === 'NOT_SIGNED_IN' || error.code === 'INPUT_INVALID' || error.code === 'DEED_CODE_NEEDED';
}

/** The session belongs to the run once that has begun; until then whoever opened it closes it. */
async function closingOnError<T>(session: TokenSession, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    await session.close();
    throw thrown;
  }
}
