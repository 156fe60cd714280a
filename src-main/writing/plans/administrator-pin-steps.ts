/**
 * A key's administrator PIN comes into the keeping of the service: it gives a random one, the key takes it, the service hears that it did. As a deed of its own,
 * or as the end of a new issue on a key whose factory PIN is known. Then, a key that is in the keeping already, or whose PIN is not the factory's, is no failure
 * of the writing: it is left as it is.
 */
import { AppError } from '#shared/errors/app-error.ts';
import type { DeedFacts } from '../../journal/deed-record.ts';
import { rotateAdministratorPin } from '../administrator-pin.ts';
import { notePlan, type ReleasedPins, type Step, type StepContext } from './step-context.ts';

/** The user is logged out first: PKCS#11 lets nobody in as administrator while a user is. */
export async function depositPin(context: StepContext): Promise<DeedFacts> {
  await context.session?.close();
  context.session = null;
  await depositedPins(context);
  return {};
}

export async function rotateDeposited(context: StepContext): Promise<DeedFacts> {
  const { current, next } = await depositedPins(context);
  await rotateAdministratorPin(context, { current, next, currentFits: false });
  return {};
}

export async function confirmPin(context: StepContext): Promise<DeedFacts> {
  await context.ports.ca.confirmAdministratorPin({ params: { tokenSerial: context.deed.tokenSerial } });
  return {};
}

const NO_FAILURE_OF_THE_WRITING: readonly string[] = ['ADMINISTRATOR_PIN_DEPOSITED', 'ADMINISTRATOR_PIN_NOT_YOURS', 'ADMIN_PIN_INCORRECT', 'ADMIN_PIN_LOCKED', 'PIN_NOT_CONFIRMED', 'PIN_RULE', 'DRIVER_MECHANISM'];

/** At the end of a writing: what cannot be handed over stays as it is, and the writing is done all the same. */
export function handingOver(step: Step): Step {
  return async (context) => {
    if (context.deed.planFacts.handover === 'left') return {};
    try {
      return await step(context);
    } catch (thrown) {
      if (!(thrown instanceof AppError) || !NO_FAILURE_OF_THE_WRITING.includes(thrown.code)) throw thrown;
      context.ports.log.warn('administrator PIN not handed over', { deedId: context.deed.id, code: thrown.code });
      notePlan(context, { handover: 'left' });
      return {};
    }
  };
}

/** Asked again before the confirmation, the service answers the same. */
async function depositedPins(context: StepContext): Promise<ReleasedPins> {
  if (context.released) return context.released;
  const { deed, ports, secrets, ref } = context;
  const factory = ports.factoryAdministratorPin(ref);
  const current = secrets.administratorPin ?? factory;
  if (current === null) throw new AppError('ADMINISTRATOR_PIN_NEEDED');
  const { nextAdministratorPin } = await ports.ca.depositAdministratorPin({
    params: { tokenSerial: deed.tokenSerial }, body: { currentAdministratorPin: secrets.administratorPin },
  });
  context.released = { current, next: nextAdministratorPin, proofWanted: false };
  return context.released;
}
