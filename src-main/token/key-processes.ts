/**
 * The processes of an SKF driver that hold one key each while somebody is logged in to it, beside the process that looks for keys (driver-watch.ts).
 * Deployed SKF libraries keep a current device for their whole process, so that two open keys in one get in each other's way.
 * Rule: a key is lent by the looking process before another one connects to it, and given back after; a process that breaks down takes only its own login along.
 */
import { AppError, refuse, toAppError } from '#shared/errors/app-error.ts';
import { DriverProcess, type DriverProcessOptions } from './driver-process.ts';
import type { HostInput, HostOutput, HostToken } from './host-protocol.ts';
import type { Login, SessionHost } from './session-host.ts';

export interface KeyProcessPorts extends Omit<DriverProcessOptions, 'onLost'> {
  /** What a new process is opened with. */
  openInput(): HostInput<'open'>;
  /** Takes a key out of the hands of the process that looks for keys. @throws TOKEN_NOT_PRESENT, TOKEN_SERIAL_AMBIGUOUS */
  lend(serial: string): Promise<HostOutput<'lend'>>;
  takeBack(device: Uint8Array): Promise<unknown>;
  /** A login ended with its process. */
  onLost(error: AppError): void;
}

interface Held {
  readonly serial: string;
  readonly device: Uint8Array;
  readonly process: DriverProcess;
  /** What the key last told. */
  token: HostToken | null;
  /** Whether the login has to hear yet that the key was pulled. */
  removal: 'none' | 'untold' | 'told';
}

/** A process that is done with a key waits so long for the next one: starting takes a good part of a second. */
const SPARE_FOR_MS = 60_000;

export class KeyProcesses {
  readonly #ports: KeyProcessPorts;
  readonly #held = new Map<string, Held>();
  /** Serials of logins that are under way. */
  readonly #starting = new Set<string>();
  #spare: { readonly process: DriverProcess; readonly cancel: () => void } | null = null;
  #driverMsOfEnded = 0;

  constructor(ports: KeyProcessPorts) {
    this.#ports = ports;
  }

  /** Serials of the keys that are not for the looking process. */
  get serials(): ReadonlySet<string> {
    return new Set(this.#held.keys());
  }

  /** Those, and the ones that a login is under way to: lent already or about to be. */
  get claimed(): ReadonlySet<string> {
    return new Set([...this.#held.keys(), ...this.#starting]);
  }

  /** Device names that are lent: what a looking process that starts anew must leave alone. */
  get devices(): Uint8Array[] {
    return [...this.#held.values()].map((held) => held.device);
  }

  get pids(): number[] {
    return [...this.#held.values()].map((held) => held.process.pid).filter((pid) => pid !== undefined);
  }

  get driverMs(): number {
    const running = [...this.#held.values()].map((held) => held.process);
    return [...running, ...(this.#spare === null ? [] : [this.#spare.process])].reduce((sum, process) => sum + process.driverMs, this.#driverMsOfEnded);
  }

  /** @returns null when nobody is logged in to that key */
  processOf(serial: string): DriverProcess | null {
    return this.#held.get(serial)?.process ?? null;
  }

  /** @throws TOKEN_BUSY, and what the key answers */
  async logIn(serial: string, pin: Uint8Array): Promise<Login> {
    if (this.#starting.has(serial)) refuse('TOKEN_BUSY', { serial });
    this.#starting.add(serial);
    try {
      const before = this.#held.get(serial);
      if (before !== undefined && (await this.#isAlive(before))) refuse('TOKEN_BUSY', { serial });
      const { device } = await this.#ports.lend(serial);
      return await this.#logInTo(serial, device, pin);
    } finally {
      this.#starting.delete(serial);
    }
  }

  /** What the keys that are logged in to tell now; a key that is busy with a call is described as it was. */
  async poll(fresh: boolean): Promise<HostToken[]> {
    await Promise.all([...this.#held.values()].map((held) => this.#look(held, fresh)));
    return [...this.#held.values()].map((held) => held.token).filter((token) => token !== null);
  }

  /** Ends all of them; logins are over. */
  stop(reason: AppError): void {
    for (const { process } of this.#held.values()) this.#end(process, reason);
    this.#held.clear();
    this.#dropSpare(reason);
  }

  async #logInTo(serial: string, device: Uint8Array, pin: Uint8Array): Promise<Login> {
    let process: DriverProcess | null = null;
    try {
      process = await this.#takeProcess();
      const { sessionId, pin: state } = await process.call('logIn', { serial, device, pin });
      const held: Held = { serial, device, process, token: null, removal: 'none' };
      this.#held.set(serial, held);
      return { sessionId, pin: state, host: this.#hostOf(held) };
    } catch (thrown) {
      if (process !== null) this.#putBack(process);
      await this.#giveBack(device);
      throw thrown;
    }
  }

  #hostOf(held: Held): SessionHost {
    const isHeld = () => this.#held.get(held.serial) === held;
    return {
      get lives() {
        return isHeld() || held.removal === 'untold';
      },
      call: async (method, input) => {
        // Whoever finds out first that a key was pulled, the look or a call: the login hears it once.
        try {
          return held.removal === 'untold' ? refuse('TOKEN_REMOVED', { serial: held.serial }) : await held.process.call(method, input);
        } catch (thrown) {
          if (thrown instanceof AppError && thrown.code === 'TOKEN_REMOVED') held.removal = 'told';
          throw thrown;
        }
      },
      release: async () => {
        held.removal = 'told';
        if (isHeld()) await this.#release(held);
      },
    };
  }

  /** Whether the key of a login that was not ended is still there: a pulled key must not keep its serial busy. */
  async #isAlive(held: Held): Promise<boolean> {
    // Read anew: handles of a key that was pulled and pushed in again are dead.
    if (!held.process.busy) await this.#look(held, true);
    return this.#held.get(held.serial) === held;
  }

  async #look(held: Held, fresh: boolean): Promise<void> {
    if (held.process.busy && !fresh) return;
    try {
      const [token] = await held.process.call('poll', { fresh });
      if (token !== undefined) held.token = token;
      else if (this.#held.get(held.serial) === held) await this.#keyIsGone(held);
    } catch (thrown) {
      // A process that was lost has said so by onLost; any other failure says nothing about the key.
      this.#ports.log.info('token.look', { serial: held.serial, code: toAppError(thrown).code });
    }
  }

  #keyIsGone(held: Held): Promise<void> {
    if (held.removal === 'none') held.removal = 'untold';
    return this.#release(held);
  }

  async #release(held: Held): Promise<void> {
    this.#held.delete(held.serial);
    this.#putBack(held.process);
    await this.#giveBack(held.device);
  }

  async #giveBack(device: Uint8Array): Promise<void> {
    // A looking process that is gone starts anew with the list of what is lent now.
    await this.#ports.takeBack(device).catch((thrown: unknown) => this.#ports.log.info('token.take-back', { code: toAppError(thrown).code }));
  }

  async #takeProcess(): Promise<DriverProcess> {
    const spare = this.#spare;
    this.#spare = null;
    spare?.cancel();
    if (spare !== null) return spare.process;
    const { openInput, lend: _lend, takeBack: _takeBack, ...options } = this.#ports;
    const process: DriverProcess = new DriverProcess({ ...options, onLost: (error) => this.#lost(process, error) });
    process.start();
    try {
      await process.call('open', openInput());
    } catch (thrown) {
      this.#end(process, toAppError(thrown));
      throw thrown;
    }
    return process;
  }

  #putBack(process: DriverProcess): void {
    if (process.pid === undefined || this.#spare !== null) return this.#end(process, new AppError('CANCELLED', { driverId: this.#ports.driverId }));
    const cancel = this.#ports.clock.after(SPARE_FOR_MS, () => this.#dropSpare(new AppError('CANCELLED', { driverId: this.#ports.driverId })));
    this.#spare = { process, cancel };
  }

  #dropSpare(reason: AppError): void {
    const spare = this.#spare;
    this.#spare = null;
    spare?.cancel();
    if (spare !== null) this.#end(spare.process, reason);
  }

  #end(process: DriverProcess, reason: AppError): void {
    this.#driverMsOfEnded += process.driverMs;
    process.stop(reason);
  }

  #lost(process: DriverProcess, error: AppError): void {
    // One that waits for work is missed by nobody.
    if (this.#spare?.process === process) return this.#dropSpare(error);
    const held = [...this.#held.values()].find((one) => one.process === process);
    if (held !== undefined) {
      this.#driverMsOfEnded += process.driverMs;
      this.#held.delete(held.serial);
      void this.#giveBack(held.device);
    }
    this.#ports.onLost(error);
  }
}
