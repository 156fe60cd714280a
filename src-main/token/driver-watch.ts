/**
 * Watches over one driver: finds its library, keeps its process running, polls for keys that come and go, and tells when anything changed.
 * Rule: a driver that cannot work says why in its state; a driver that breaks down is started again, slower each time; neither disturbs another driver.
 */
import type { DriverState } from '#shared/contract/desktop/tokens.ts';
import { AppError, refuse, toAppError } from '#shared/errors/app-error.ts';
import type { TokenInterface, UkeyModelProfile } from '../ukey-models/ukey-model-profile.ts';
import { DriverProcess, type CallLimits } from './driver-process.ts';
import { KeyProcesses } from './key-processes.ts';
import type { Login } from './session-host.ts';
import { sha256Hex } from './describe-token.ts';
import { checkLibrary, findLibrary, libraryCandidates, type Machine } from './find-library.ts';
import type { HostCertificate, HostInput, HostMethod, HostOutput, HostProfile, HostToken } from './host-protocol.ts';
import type { HostSpawner } from './host-spawner.ts';
import type { TokenHostClock, TokenHostLog } from './token-host-ports.ts';

export interface DriverConfig {
  readonly driverId: string;
  readonly modelId: string;
  /** Null: look where the model's profile says. */
  readonly libraryPath: string | null;
  readonly interface: TokenInterface;
  /** Added to the environment of the driver's process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Keys of this driver are software keys made by the demo. */
  readonly demo?: boolean;
  /** Administrator PIN that keys of this driver come with, where it is known: replaced by a random one at the end of a new issue. */
  readonly factoryAdministratorPin?: string;
}

export interface DriverWatchPorts {
  readonly spawner: HostSpawner;
  readonly clock: TokenHostClock;
  readonly log: TokenHostLog;
  readonly machine: Machine;
  readonly limits: CallLimits;
  readonly onChange: () => void;
}

/** Short enough that a plugged or pulled key shows within two seconds. */
const POLL_EVERY_MS = 800;
const FIRST_RESTART_AFTER_MS = 200;
const SLOWEST_RESTART_MS = 30_000;
/** After that many breakdowns in a row the driver counts as failed, though it is still tried. */
const LOSSES_UNTIL_FAILED = 3;
/** So many quiet polls make up for the breakdowns before. */
const POLLS_UNTIL_TRUSTED = 3;
const WAIT_FOR_READY_MS = 30_000;

export class DriverWatch {
  readonly config: DriverConfig;
  readonly #model: UkeyModelProfile | null;
  readonly #ports: DriverWatchPorts;
  readonly #process: DriverProcess;
  readonly #keys: KeyProcesses;
  readonly #waiters = new Set<() => void>();
  #state: DriverState;
  #tokens: readonly HostToken[] = [];
  #fingerprint = '';
  #incarnation = 0;
  #losses = 0;
  #quietPolls = 0;
  #cancelNext: () => void = () => undefined;
  #closed = false;
  /** A start is under way, though the driver may count as failed meanwhile. */
  #attempting = false;
  /** The process was lost and will be started again after a while. */
  #restartIsDue = false;
  /** Why the driver does not work, as it was thrown. */
  #reason: AppError | null = null;
  /** Sessions that clients hold; a driver in use is not restarted on a whim. */
  openSessions = 0;

  constructor(config: DriverConfig, model: UkeyModelProfile | null, ports: DriverWatchPorts) {
    this.config = config;
    this.#model = model;
    this.#ports = ports;
    this.#state = { driverId: config.driverId, modelId: config.modelId, libraryPath: config.libraryPath, status: 'starting', errorCode: null, errorDetails: {}, restarts: 0 };
    const { spawner, clock, log, limits } = ports;
    const options = { driverId: config.driverId, spawner, clock, log, limits, environment: config.environment ?? {} };
    this.#process = new DriverProcess({ ...options, onLost: (error) => this.#restartLater(error) });
    this.#keys = new KeyProcesses({
      ...options,
      openInput: () => this.#openInput([]),
      lend: (serial) => this.call('lend', { serial }),
      // Not waiting for a process that starts: it is opened with the list of what is lent by then.
      takeBack: (device) => this.#process.call('takeBack', { device }),
      onLost: (error) => this.#loginLost(error),
    });
  }

  get state(): DriverState {
    return this.#state;
  }

  get tokens(): readonly HostToken[] {
    return this.#tokens;
  }

  get driverMs(): number {
    return this.#process.driverMs + this.#keys.driverMs;
  }

  /** Process ids of the hosts, the one that looks for keys first: for tests that kill them. */
  get hostPids(): number[] {
    return [this.#process.pid, ...this.#keys.pids].filter((pid) => pid !== undefined);
  }

  /** Changes with every new process: what was opened in an earlier one is gone. */
  get incarnation(): number {
    return this.#incarnation;
  }

  start(): void {
    void this.#begin();
  }

  /** Ends the process and begins anew, with a clean slate. */
  restart(): void {
    this.#losses = 0;
    this.#stop(new AppError('CANCELLED', { driverId: this.config.driverId }));
    this.#keys.stop(new AppError('CANCELLED', { driverId: this.config.driverId }));
    this.#tokens = [];
    this.#setState({ status: 'starting', errorCode: null, errorDetails: {} });
    this.start();
  }

  /** Resolves when the driver is neither starting nor starting again. */
  async settled(): Promise<void> {
    while (this.#state.status === 'starting' && !this.#closed) await new Promise<void>((resolve) => this.#waiters.add(resolve));
  }

  /** Reads everything anew. Failures show in the state. */
  async refresh(): Promise<void> {
    if (this.#state.status === 'ready') await this.#poll(true);
  }

  /** @throws the reason when the driver cannot work, DRIVER_TIMEOUT when it takes too long to start */
  async call<M extends HostMethod>(method: M, input: HostInput<M>): Promise<HostOutput<M>> {
    await this.#ready();
    return this.#process.call(method, input);
  }

  /** A call about one key goes to the process that holds it, if one does. */
  async callForKey<M extends HostMethod>(method: M, input: HostInput<M> & { readonly serial: string }): Promise<HostOutput<M>> {
    return this.#keys.processOf(input.serial)?.call(method, input) ?? this.call(method, input);
  }

  async logIn(serial: string, pin: Uint8Array): Promise<Login> {
    const { sessionId, pin: state, host } = this.config.interface === 'skf' ? await this.#logInToOwnProcess(serial, pin) : await this.#logInHere(serial, pin);
    this.openSessions++;
    const release = () => {
      this.openSessions--;
      return host.release();
    };
    return { sessionId, pin: state, host: { call: host.call, release, get lives() { return host.lives; } } };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    const idle = this.#state.status === 'ready' && !this.#process.busy;
    this.#closed = true;
    this.#cancelNext();
    // Some libraries hang in C_Finalize: asked politely once, then the process ends anyway.
    if (idle) await this.#process.call('close', null).catch((thrown: unknown) => this.#ports.log.info('token.driver-close', { driverId: this.config.driverId, code: toAppError(thrown).code }));
    this.#stop(new AppError('CANCELLED', { driverId: this.config.driverId }));
    this.#keys.stop(new AppError('CANCELLED', { driverId: this.config.driverId }));
    this.#wake();
  }

  async #logInToOwnProcess(serial: string, pin: Uint8Array): Promise<Login> {
    await this.#ready();
    return this.#keys.logIn(serial, pin);
  }

  async #logInHere(serial: string, pin: Uint8Array): Promise<Login> {
    const login = await this.call('logIn', { serial, device: null, pin });
    const incarnation = this.#incarnation;
    const isSame = () => incarnation === this.#incarnation;
    return { ...login, host: { call: (method, input) => this.call(method, input), release: async () => undefined, get lives() { return isSame(); } } };
  }

  async #ready(): Promise<void> {
    // Whoever asks need not wait for the next slow try: the driver gets one at once.
    if (this.#restartIsDue && this.#state.status === 'failed') void this.#begin();
    const tooLate = this.#ports.clock.nowMs() + WAIT_FOR_READY_MS;
    const cancel = this.#ports.clock.after(WAIT_FOR_READY_MS, () => this.#wake());
    try {
      while (this.#isStarting && !this.#closed && this.#ports.clock.nowMs() < tooLate) await new Promise<void>((resolve) => this.#waiters.add(resolve));
    } finally {
      cancel();
    }
    if (this.#closed) refuse('CANCELLED', { driverId: this.config.driverId });
    if (this.#isStarting) refuse('DRIVER_TIMEOUT', { driverId: this.config.driverId, call: 'open', limitMs: WAIT_FOR_READY_MS });
    if (this.#process.pid === undefined) throw this.#reason ?? new AppError('DRIVER_CRASHED', { driverId: this.config.driverId });
  }

  get #isStarting(): boolean {
    return this.#state.status === 'starting' || this.#attempting;
  }

  async #begin(): Promise<void> {
    this.#cancelNext();
    this.#restartIsDue = false;
    this.#attempting = true;
    const incarnation = ++this.#incarnation;
    const current = () => incarnation === this.#incarnation && !this.#closed;
    try {
      const model = this.#model ?? refuse('UKEY_MODEL_UNKNOWN', { modelId: this.config.modelId });
      const libraryPath = this.#findLibrary(model);
      this.#state = { ...this.#state, libraryPath };
      await checkLibrary(libraryPath, this.#ports.machine);
      if (!current()) return;
      this.#process.start();
      await this.#process.call('open', this.#openInput(this.#keys.devices));
      if (current()) await this.#poll(true);
    } catch (thrown) {
      if (current()) this.#giveUp(toAppError(thrown));
    }
  }

  #openInput(lentDevices: Uint8Array[]): HostInput<'open'> {
    const model = this.#model ?? refuse('UKEY_MODEL_UNKNOWN', { modelId: this.config.modelId });
    const libraryPath = this.#state.libraryPath ?? refuse('DRIVER_NOT_FOUND', { paths: [] });
    return { interface: this.config.interface, libraryPath, profile: hostProfileOf(model, this.config.interface), lentDevices };
  }

  #findLibrary(model: UkeyModelProfile): string {
    const { machine } = this.#ports;
    return this.config.libraryPath ?? findLibrary(model, this.config.interface, machine) ?? refuse('DRIVER_NOT_FOUND', { paths: libraryCandidates(model, this.config.interface, machine).slice(0, 20) });
  }

  /** What another try would not change: no library, the wrong one, one that refuses to open. */
  #giveUp(error: AppError): void {
    if (LOST.has(error.code)) return;
    this.#stop(error);
    this.#fail(error);
    this.#ports.log.warn('token.driver-unusable', { driverId: this.config.driverId, code: error.code, ...error.details });
  }

  #fail(error: AppError): void {
    this.#reason = error;
    this.#tokens = [];
    this.#setState({ status: error.code === 'DRIVER_NOT_FOUND' ? 'missing' : 'failed', errorCode: error.code, errorDetails: { ...error.details } });
  }

  #restartLater(error: AppError): void {
    if (this.#closed) return;
    this.#losses++;
    this.#quietPolls = 0;
    this.#reason = error;
    this.#tokens = [];
    this.#incarnation++;
    const status = this.#losses >= LOSSES_UNTIL_FAILED ? 'failed' : 'starting';
    this.#setState({ status, errorCode: error.code, errorDetails: { ...error.details }, restarts: this.#state.restarts + 1 });
    const delayMs = Math.min(FIRST_RESTART_AFTER_MS * 2 ** (this.#losses - 1), SLOWEST_RESTART_MS);
    this.#restartIsDue = true;
    this.#next(delayMs, () => void this.#begin());
  }

  /** Polling waits while a call runs: the driver does one thing at a time, and a long key generation is no hang. */
  async #poll(fresh: boolean): Promise<void> {
    const incarnation = this.#incarnation;
    if (this.#process.busy && !fresh) return this.#pollLater();
    try {
      const tokens = await this.#look(fresh);
      if (incarnation !== this.#incarnation || this.#closed) return;
      if (++this.#quietPolls >= POLLS_UNTIL_TRUSTED) this.#losses = 0;
      this.#tokens = tokens;
      this.#reason = null;
      this.#setState({ status: 'ready', errorCode: null, errorDetails: {} });
    } catch (thrown) {
      const error = toAppError(thrown);
      if (incarnation !== this.#incarnation || this.#closed || LOST.has(error.code)) return;
      this.#fail(error);
    }
    this.#pollLater();
  }

  /** Keys that nobody is logged in to, and those that have a process of their own, in one order whoever tells of them. */
  async #look(fresh: boolean): Promise<readonly HostToken[]> {
    const [lentBefore, claimedBefore] = [this.#keys.serials, this.#keys.claimed];
    const free = await this.#process.call('poll', { fresh });
    if (this.config.interface !== 'skf') return inOneOrder(free);
    const held = await this.#keys.poll(fresh);
    const isHeld = (serial: string) => held.some((token) => token.serial === serial);
    // Lent, being logged in to, busy since, or given back while the others were looked at: as it was, until the next look.
    const claimed = new Set([...claimedBefore, ...this.#keys.claimed]);
    const between = this.#tokens.filter(({ serial }) => claimed.has(serial) && !isHeld(serial) && !free.some((token) => token.serial === serial));
    // Lent while it was looked at: once is enough. What was lent before and is seen all the same is another key with that serial.
    const others = free.filter(({ serial }) => !isHeld(serial) || lentBefore.has(serial));
    return inOneOrder([...others, ...held, ...between]);
  }

  /** The login is over; the driver itself goes on. */
  #loginLost(error: AppError): void {
    if (this.#closed) return;
    this.#ports.log.warn('token.login-lost', { driverId: this.config.driverId, code: error.code });
    this.#setState({ restarts: this.#state.restarts + 1 });
  }

  #pollLater(): void {
    this.#next(POLL_EVERY_MS, () => void this.#poll(false));
  }

  #next(delayMs: number, call: () => void): void {
    this.#cancelNext();
    if (!this.#closed) this.#cancelNext = this.#ports.clock.after(delayMs, call);
  }

  #stop(reason: AppError): void {
    this.#cancelNext();
    this.#restartIsDue = false;
    this.#incarnation++;
    this.#process.stop(reason);
  }

  #setState(change: Partial<DriverState>): void {
    if (change.status === 'ready' || change.errorCode != null) this.#attempting = false;
    this.#state = { ...this.#state, ...change };
    this.#wake();
    const fingerprint = fingerprintOf(this.#state, this.#tokens);
    if (fingerprint === this.#fingerprint) return;
    this.#fingerprint = fingerprint;
    this.#ports.onChange();
  }

  #wake(): void {
    const woken = [...this.#waiters];
    this.#waiters.clear();
    for (const wake of woken) wake();
  }
}

/** What a host process has to know of the model. */
function hostProfileOf(model: UkeyModelProfile, face: TokenInterface): HostProfile {
  const { id: modelId, maxPinTries, rsa, sm2, sgdSm2Sign, skfApplications, rescan, hideUninitialised } = model;
  const unlockStrategy = model.unlock.find((way) => way.interface === face)?.strategy ?? 'none';
  return { modelId, maxPinTries, rsa, sm2, sgdSm2Sign, skfApplications, maxContainers: model.room.maxContainers, unlockStrategy, rescan, hideUninitialised };
}

/** Errors that the process itself has reported by onLost. */
const LOST: ReadonlySet<string> = new Set(['DRIVER_CRASHED', 'DRIVER_TIMEOUT', 'CANCELLED']);

/** Drivers give keys and certificates in any order, SoftHSM2 in another one every time: lists that only differ in that are the same. */
function inOneOrder(tokens: readonly HostToken[]): HostToken[] {
  const placeOf = ({ containerId, purpose, certificateDer }: HostCertificate) => `${containerId} ${purpose ?? ''} ${sha256Hex(certificateDer)}`;
  const sorted = <T>(rows: readonly T[], key: (row: T) => string) => rows.map((row) => ({ row, key: key(row) })).sort((one, other) => compare(one.key, other.key)).map(({ row }) => row);
  return sorted(tokens, ({ serial }) => serial).map((token) => ({ ...token, certificates: sorted(token.certificates, placeOf) }));
}

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

/**
 * What a person would call a change. Not: how much room there is, and whether private keys can be seen, which is known during a login only. Whoever asks for the list
 * because of the news would make news again by asking, without an end.
 */
function fingerprintOf(state: DriverState, tokens: readonly HostToken[]): string {
  const seen = tokens.map(({ serial, label, manufacturer, hardwareModel, pin, certificates }) => ({
    serial, label, manufacturer, hardwareModel, pin,
    certificates: certificates.map(({ containerId, purpose, certificateDer }) => [containerId, purpose, sha256Hex(certificateDer)]),
  }));
  return JSON.stringify([state, seen]);
}
