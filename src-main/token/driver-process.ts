/**
 * One driver and the process that runs it: calls go in one at a time, each with its time limit; a process that hangs or dies is ended and started again,
 * slower each time. Rule: whatever the driver does, every call ends with a value or an error of ours.
 */
import { Value } from '@sinclair/typebox/value';
import { AppError } from '#shared/errors/app-error.ts';
import { unwrap, type Result } from '#shared/errors/result.ts';
import { HOST_CALLS, HostReply, type HostInput, type HostMethod, type HostOutput } from './host-protocol.ts';
import type { HostProcess, HostSpawner } from './host-spawner.ts';
import type { TokenHostClock, TokenHostLog } from './token-host-ports.ts';

export type CallLimits = Partial<Record<HostMethod, number>>;

export interface DriverProcessOptions {
  readonly driverId: string;
  readonly spawner: HostSpawner;
  readonly clock: TokenHostClock;
  readonly log: TokenHostLog;
  readonly environment: Readonly<Record<string, string>>;
  readonly limits: CallLimits;
  /** Called when the process was lost while it should run. */
  readonly onLost: (error: AppError) => void;
}

interface Waiting {
  readonly method: HostMethod;
  readonly input: unknown;
  settle(answer: () => unknown): void;
}

/** Starting loads the program itself; that is not the driver's time. */
const START_ALLOWANCE_MS = 15_000;

export class DriverProcess {
  readonly #options: DriverProcessOptions;
  #process: HostProcess | null = null;
  #queue: Waiting[] = [];
  #inFlight: { readonly id: number; readonly waiting: Waiting; readonly cancelLimit: () => void } | null = null;
  #lastId = 0;
  #driverMs = 0;

  constructor(options: DriverProcessOptions) {
    this.#options = options;
  }

  /** Milliseconds inside the driver's functions, over all its processes. */
  get driverMs(): number {
    return this.#driverMs;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Whether a call waits or runs. */
  get busy(): boolean {
    return this.#inFlight !== null || this.#queue.length > 0;
  }

  start(): void {
    const started = this.#options.spawner.spawn(this.#options.environment);
    this.#process = started;
    started.onMessage((message) => {
      if (this.#process === started) this.#answer(message);
    });
    started.onExit((how) => {
      if (this.#process === started) this.#lose(new AppError('DRIVER_CRASHED', { driverId: this.#options.driverId, how }));
    });
  }

  /** Ends the process without calling it lost; calls that wait are refused. */
  stop(reason: AppError): void {
    const stopped = this.#process;
    this.#process = null;
    stopped?.kill();
    this.#refuseAll(reason);
  }

  call<M extends HostMethod>(method: M, input: HostInput<M>): Promise<HostOutput<M>> {
    return new Promise((resolve, reject) => {
      const settle = (answer: () => unknown) => {
        try {
          resolve(answer() as HostOutput<M>);
        } catch (thrown) {
          reject(thrown);
        }
      };
      if (this.#process === null) return settle(() => { throw new AppError('DRIVER_CRASHED', { driverId: this.#options.driverId, how: 'not running' }); });
      this.#queue.push({ method, input, settle });
      this.#sendNext();
    });
  }

  #sendNext(): void {
    if (this.#inFlight !== null || this.#process === null) return;
    const waiting = this.#queue.shift();
    if (waiting === undefined) return;
    const id = ++this.#lastId;
    const limitMs = (this.#options.limits[waiting.method] ?? HOST_CALLS[waiting.method].limitMs) + (waiting.method === 'open' ? START_ALLOWANCE_MS : 0);
    const cancelLimit = this.#options.clock.after(limitMs, () => this.#lose(new AppError('DRIVER_TIMEOUT', { driverId: this.#options.driverId, call: waiting.method, limitMs })));
    this.#inFlight = { id, waiting, cancelLimit };
    this.#process.send({ id, method: waiting.method, input: waiting.input });
  }

  #answer(message: unknown): void {
    if (!Value.Check(HostReply, message) || message.id !== this.#inFlight?.id) {
      // The program in there is ours: an answer out of order means that foreign code has taken it over or damaged it.
      return this.#lose(new AppError('DRIVER_NONSENSE', { driverId: this.#options.driverId, functionName: this.#inFlight?.waiting.method ?? 'none' }));
    }
    const { waiting, cancelLimit } = this.#inFlight;
    cancelLimit();
    this.#inFlight = null;
    this.#driverMs += message.driverMs;
    waiting.settle(() => this.#checked(waiting.method, message));
    this.#sendNext();
  }

  #checked(method: HostMethod, reply: HostReply): unknown {
    const value = unwrap(reply.result as Result<unknown>);
    if (!Value.Check(HOST_CALLS[method].output, value)) throw new AppError('DRIVER_NONSENSE', { driverId: this.#options.driverId, functionName: method });
    return value;
  }

  #lose(error: AppError): void {
    const lost = this.#process;
    this.#process = null;
    lost?.kill();
    this.#options.log.warn('token.driver-lost', { driverId: this.#options.driverId, code: error.code, call: this.#inFlight?.waiting.method ?? null });
    this.#refuseAll(error);
    this.#options.onLost(error);
  }

  #refuseAll(error: AppError): void {
    const refused = [...(this.#inFlight === null ? [] : [this.#inFlight.waiting]), ...this.#queue];
    this.#inFlight?.cancelLimit();
    this.#inFlight = null;
    this.#queue = [];
    for (const waiting of refused) waiting.settle(() => { throw error; });
  }
}
