/** What the network, a key or a process does to one call, counted over all calls of a run. Rule: once the power is cut, every call of that process fails and does nothing. */
import { AppError } from '#shared/errors/app-error.ts';

export class PowerCut extends Error {}

export type Fault = { readonly atCall: number; readonly when: 'before' | 'after'; readonly kind: 'power' | 'network' | 'token' };

export type FusedPart = 'ca' | 'token' | 'journal';

/** Counts calls and decides whether each happens, and whether its answer arrives. */
export class Fuse {
  calls = 0;
  dead = false;
  readonly #fault: Fault | null;
  constructor(fault: Fault | null) {
    this.#fault = fault;
  }
  around<T>(part: FusedPart, work: () => T): T {
    if (this.dead) throw new PowerCut();
    this.calls += 1;
    const fault = this.#fault?.atCall === this.calls ? this.#fault : null;
    if (fault?.when === 'before') this.#strike(fault, part);
    const value = work();
    if (fault?.when === 'after') this.#strike(fault, part);
    return value;
  }
  #strike(fault: Fault, part: FusedPart): void {
    if (fault.kind === 'network' && part === 'ca') throw new AppError('CA_UNREACHABLE', { reason: 'connect' });
    if (fault.kind === 'token' && part === 'token') throw new AppError('TOKEN_REMOVED');
    if (fault.kind !== 'power') return;
    this.dead = true;
    throw new PowerCut();
  }
}
