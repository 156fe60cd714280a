/** Tells when a rehearsal becomes due: looks at the start, after every change of the ledger, and when the next one comes due. */
import type { LedgerReminder } from '#shared/contract/desktop/ledger.ts';
import { msUntilNextReminder } from '../ledger/reminders.ts';

export interface ReminderPorts {
  readonly read: () => LedgerReminder[];
  readonly now: () => Date;
  readonly tell: (due: LedgerReminder[]) => void;
}

/** A machine that slept, or whose clock was set, is noticed after at most this. */
const LOOK_AGAIN_MS = 600_000;

export function remindWhenDue({ read, now, tell }: ReminderPorts): { look(): void; stop(): void } {
  let timer: NodeJS.Timeout | null = null;
  let told = '';
  const look = () => {
    if (timer) clearTimeout(timer);
    const reminders = read();
    const due = reminders.filter(({ state }) => state === 'due');
    const which = JSON.stringify(due.map(({ sealId, kind }) => [sealId, kind]));
    if (which !== told && due.length > 0) tell(due);
    told = which;
    const next = msUntilNextReminder(reminders, now());
    timer = reminders.length === 0 ? null : setTimeout(look, Math.min(next ?? LOOK_AGAIN_MS, LOOK_AGAIN_MS) + 1).unref();
  };
  // Not before the engine is whole: listeners come after it.
  timer = setTimeout(look, 0).unref();
  return {
    look,
    stop() {
      if (timer) clearTimeout(timer);
      timer = null;
    },
  };
}
