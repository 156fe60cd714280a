/** Carries out the steps of a deed one after the other, each written to the journal before and after. Rule: never throws; how it ended stands in the journal. */
import { AppError, toAppError } from '#shared/errors/app-error.ts';
import type { DeedFailure, DeedRecord } from '../journal/deed-record.ts';
import { viewDeed } from './deed-view.ts';
import { giveUp } from './give-up.ts';
import type { KeyHold } from './key-holds.ts';
import { planRow } from './plans/plan-table.ts';
import type { StepContext } from './plans/step-context.ts';
import type { WritingPorts } from './ports.ts';

export async function runSteps(context: StepContext, hold: KeyHold): Promise<void> {
  try {
    while (context.deed.state === 'running') {
      if (hold.stop === 'close') throw new AppError('DEED_STOPPED', { step: context.deed.step });
      if (hold.stop === 'cancel') await cancelHere(context);
      else await runStep(context);
    }
  } catch (thrown) {
    const error = toAppError(thrown);
    // giveUp may have closed the deed before it refused.
    if (context.ports.journal.get(context.deed.id)?.state === 'running') interrupt(context.deed.id, error, context.ports);
  }
}

/** The step that the deed stands at. */
export async function runStep(context: StepContext): Promise<void> {
  const { ports } = context;
  const { id, plan, step } = context.deed;
  context.deed = ports.journal.beginStep(id, step);
  ports.onDeedChanged(viewDeed(context.deed));
  const facts = await planRow(plan).run(step)(context);
  context.deed = ports.journal.endStep(id, step, facts);
  ports.log.info('step done', { deedId: id, step });
  // The end of the deed is told when the key is free again (writing-desk.ts).
  if (context.deed.state === 'running') ports.onDeedChanged(viewDeed(context.deed));
}

async function cancelHere(context: StepContext): Promise<void> {
  if (!planRow(context.deed.plan).mayBeGivenUp(context.deed.step)) throw new AppError('DEED_NOT_CANCELLABLE', { step: context.deed.step });
  context.deed = await giveUp(context.deed, context.session, context.ports);
}

/** Records why a deed stopped. */
export function interrupt(deedId: string, error: AppError, ports: Pick<WritingPorts, 'journal' | 'log'>): DeedRecord {
  if (error.code === 'INTERNAL') ports.log.error('unexpected exception in a deed', { deedId, exception: String((error.cause as Error | undefined)?.stack ?? error.cause) });
  ports.log.warn('deed interrupted', { deedId, code: error.code, traceId: error.traceId ?? null });
  return ports.journal.interrupt(deedId, toFailure(error));
}

function toFailure(error: AppError): DeedFailure {
  const details: DeedFailure['details'] = {};
  for (const [key, value] of Object.entries(error.details)) details[key] = Array.isArray(value) ? [...(value as readonly string[])] : (value as string | number | boolean | null);
  return { code: error.code, details, ...(error.traceId === undefined ? {} : { traceId: error.traceId }) };
}
