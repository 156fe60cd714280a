/**
 * When revocation lists are signed: at once after a change, and on schedule before the newest one comes near its end. What is due stands in the
 * store, so a restart changes nothing; the timer only looks. The moment is spread by chance, so that many services do not sign at the same time,
 * and the timer looks at least once an hour, because a clock may be changed and a machine may sleep.
 */
import { HOUR_MS, MINUTE_MS, type Clock } from '../clock.ts';
import { currentCrl, renewalDueAtMs, type PublishCrlPorts } from '../certificates/publish-crl.ts';
import type { Authorities } from '../issuance/authorities.ts';

/** Waits, then works; the answer ends the waiting. */
export type Wait = (milliseconds: number, work: () => void) => () => void;

export const systemWait: Wait = (milliseconds, work) => {
  const timer = setTimeout(work, milliseconds);
  timer.unref();
  return () => clearTimeout(timer);
};

export interface CrlPublisherParts {
  readonly ports: PublishCrlPorts & { readonly authorities: Authorities; readonly clock: Clock };
  readonly onFault: (thrown: unknown) => void;
  readonly wait: Wait;
  /** 0 (inclusive) to 1 (exclusive). */
  readonly randomFraction: () => number;
}

export const LONGEST_LOOK_MS = HOUR_MS;
export const MOST_JITTER_MS = 10 * MINUTE_MS;

export class CrlPublisher {
  readonly #parts: CrlPublisherParts;
  /** Per CA: the run in progress and whether another one is wanted after it. */
  readonly #runs = new Map<string, { again: boolean; done: Promise<void> }>();
  #endWaiting: (() => void) | null = null;
  #stopped = false;

  constructor(parts: CrlPublisherParts) {
    this.#parts = parts;
  }

  /** A list of every CA that is good now, then the schedule. */
  async start(): Promise<void> {
    await this.#publishAll();
    await this.#scheduleNext();
  }

  /** Something of this CA was revoked or released: signs in the background. Changes that come meanwhile share the next list. */
  changed(caId: string): void {
    if (this.#stopped) return;
    const running = this.#runs.get(caId);
    if (running !== undefined) {
      running.again = true;
      return;
    }
    const run = { again: false, done: Promise.resolve() };
    run.done = this.#publish(caId).then(() => {
      this.#runs.delete(caId);
      if (run.again) this.changed(caId);
    });
    this.#runs.set(caId, run);
  }

  /** Resolves when nothing is being signed. */
  async settled(): Promise<void> {
    while (this.#runs.size > 0) await Promise.all([...this.#runs.values()].map(({ done }) => done));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#endWaiting?.();
    await this.settled();
  }

  async #publish(caId: string): Promise<void> {
    const { ports, onFault } = this.#parts;
    const authority = [...ports.authorities.values()].find((one) => one.caId === caId);
    try {
      if (authority !== undefined) await currentCrl(ports, authority);
    } catch (thrown) {
      // The list stays stale in the store: whoever fetches it next, and the timer, try again.
      onFault(thrown);
    }
  }

  async #publishAll(): Promise<void> {
    for (const authority of this.#parts.ports.authorities.values()) await this.#publish(authority.caId);
  }

  async #scheduleNext(): Promise<void> {
    const { ports, wait, randomFraction, onFault } = this.#parts;
    const nowMs = ports.clock().getTime();
    const dueAtMs = Math.min(...(await Promise.all([...ports.authorities.values()].map(({ caId }) => ports.transactions.read(({ crls }) => crls.newest(caId)))).then((newest) => newest.map((crl) => (crl === null ? nowMs : renewalDueAtMs(crl))))));
    if (this.#stopped) return;
    const inMs = Math.min(LONGEST_LOOK_MS, Math.max(0, dueAtMs - nowMs) + randomFraction() * MOST_JITTER_MS);
    this.#endWaiting = wait(inMs, () => void this.start().catch(onFault));
  }
}
