/** The token host client: implements the token port over one host process per driver. Entry of this folder. */
import type { DriverState, PinState, TokenList, TokenRef, TokenSummary, UkeyModel } from '#shared/contract/desktop/tokens.ts';
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import { wipeBytes } from '#shared/bytes/byte-strings.ts';
import { AppError, refuse, toAppError } from '#shared/errors/app-error.ts';
import { loadUkeyModels, type LoadedUkeyModel } from '../ukey-models/load-ukey-models.ts';
import { matchUkeyModel } from '../ukey-models/match-ukey-model.ts';
import type { UkeyModelProfile } from '../ukey-models/ukey-model-profile.ts';
import { describeToken } from './describe-token.ts';
import type { CallLimits } from './driver-process.ts';
import { DriverWatch, type DriverConfig } from './driver-watch.ts';
import { findLibrary, thisMachine, type Machine } from './find-library.ts';
import type { HostToken } from './host-protocol.ts';
import { HostTokenSession } from './host-token-session.ts';
import { forkHostSpawner, type HostSpawner } from './host-spawner.ts';
import { mergeTokens } from './merge-tokens.ts';
import { checkNewPin, isDefaultPin } from './pin-rules.ts';
import { silentLog, systemClock, type TokenHostClock, type TokenHostLog } from './token-host-ports.ts';
import { roomOf } from './room-of.ts';
import type { FirstSecrets, SecretBytes, TokenPort, TokenRoom, TokenSession } from './token-port.ts';

export interface TokenHostOptions {
  readonly drivers: readonly DriverConfig[];
  /** Folder of the model profiles: resources/ukey-models. */
  readonly modelsFolder: string;
  /** Folders of libraries that come with BidKey, looked through before those of the system. */
  readonly ownLibraryFolders?: readonly string[];
  readonly spawner?: HostSpawner;
  readonly clock?: TokenHostClock;
  readonly logger?: TokenHostLog;
  /** Time limits of calls in place of those of the protocol, milliseconds. */
  readonly limits?: CallLimits;
}

export interface TokenHostClient extends TokenPort {
  /** Models with their pictures, and whether a driver for each is on this machine. */
  ukeyModels(): UkeyModel[];
  /** Takes up new drivers and drops those that are not in the list; the others go on undisturbed. */
  setDrivers(drivers: readonly DriverConfig[]): Promise<void>;
  /** Process ids of the hosts that run, by driver, and those that hold a key by driver and a number: for tests that kill them and for measuring memory. */
  hostPids(): Readonly<Record<string, number>>;
}

/** @throws UKEY_MODEL_INVALID */
export async function createTokenHostClient(options: TokenHostOptions): Promise<TokenHostClient> {
  const client = new HostClient(options, await loadUkeyModels(options.modelsFolder));
  await client.setDrivers(options.drivers);
  return client;
}

/** Drivers of every model whose library is on this machine, with default settings. */
export async function findInstalledDrivers(modelsFolder: string, ownLibraryFolders: readonly string[] = []): Promise<DriverConfig[]> {
  const machine = thisMachine(ownLibraryFolders);
  const models = await loadUkeyModels(modelsFolder);
  return models.flatMap(({ profile }) =>
    profile.interfaces.filter((name) => findLibrary(profile, name, machine) !== null).slice(0, 1).map((name) => ({ driverId: profile.id, modelId: profile.id, libraryPath: null, interface: name })),
  );
}

/** How long a list waits for a driver that is slow to answer; what is known of it is given then. */
const LIST_PATIENCE_MS = 5_000;
const MAX_PIN_BYTES = 64;

class HostClient implements TokenHostClient {
  readonly #models: readonly LoadedUkeyModel[];
  readonly #clock: TokenHostClock;
  readonly #log: TokenHostLog;
  readonly #spawner: HostSpawner;
  readonly #machine: Machine;
  readonly #limits: CallLimits;
  readonly #listeners = new Set<(list: TokenList) => void>();
  #watches: readonly DriverWatch[] = [];
  #driverMsOfDropped = 0;

  constructor(options: TokenHostOptions, models: readonly LoadedUkeyModel[]) {
    this.#models = models;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.logger ?? silentLog;
    this.#spawner = options.spawner ?? forkHostSpawner();
    this.#machine = thisMachine(options.ownLibraryFolders);
    this.#limits = options.limits ?? {};
  }

  async setDrivers(drivers: readonly DriverConfig[]): Promise<void> {
    const kept = this.#watches.filter((watch) => drivers.some((config) => JSON.stringify(config) === JSON.stringify(watch.config)));
    const dropped = this.#watches.filter((watch) => !kept.includes(watch));
    const added: DriverWatch[] = [];
    this.#watches = drivers.map((config) => {
      const running = kept.find((watch) => watch.config.driverId === config.driverId);
      if (running !== undefined) return running;
      const watch = this.#createWatch(config);
      added.push(watch);
      return watch;
    });
    for (const watch of added) watch.start();
    await Promise.all(dropped.map((watch) => watch.close()));
    this.#driverMsOfDropped += dropped.reduce((sum, watch) => sum + watch.driverMs, 0);
    if (dropped.length > 0) this.#tell();
  }

  async list(): Promise<TokenList> {
    await Promise.all(this.#watches.map((watch) => this.#patiently(watch.settled().then(() => watch.refresh()))));
    return this.#known();
  }

  async rescan(): Promise<TokenList> {
    // A driver that is writing a certificate right now is not restarted under it.
    for (const watch of this.#watches) if (watch.openSessions === 0) watch.restart();
    return this.list();
  }

  async get(ref: TokenRef): Promise<TokenSummary> {
    const watch = this.#requireWatch(ref);
    await this.#patiently(watch.settled());
    if (!watch.tokens.some((token) => token.serial === ref.serial)) await this.#patiently(watch.refresh());
    const [first, second] = watch.tokens.filter((token) => token.serial === ref.serial);
    if (second !== undefined) return refuse('TOKEN_SERIAL_AMBIGUOUS', { serial: ref.serial });
    return first === undefined ? refuse('TOKEN_NOT_PRESENT', { serial: ref.serial }) : this.#describe(watch, first);
  }

  onChange(listener: (list: TokenList) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async logIn(ref: TokenRef, pin: SecretBytes): Promise<TokenSession> {
    try {
      requirePinBytes(pin);
      const watch = this.#requireWatch(ref);
      const pinIsDefault = isDefaultPin(pin, this.#defaultPinsOf(watch, ref));
      const login = await this.#watchingPin(watch, () => watch.logIn(ref.serial, pin));
      return new HostTokenSession({ ref, login, pinIsDefault, log: this.#log });
    } finally {
      wipeBytes(pin);
    }
  }

  async changePin(ref: TokenRef, oldPin: SecretBytes, newPin: SecretBytes): Promise<PinState> {
    try {
      requirePinBytes(oldPin);
      const model = await this.#modelOf(ref);
      checkNewPin(newPin, oldPin, model.pinRules, model.defaultUserPins);
      const watch = this.#requireWatch(ref);
      return await this.#watchingPin(watch, () => watch.callForKey('changePin', { serial: ref.serial, oldPin, newPin }));
    } finally {
      wipeBytes(oldPin, newPin);
    }
  }

  async unblockPin(ref: TokenRef, adminPin: SecretBytes, newPin: SecretBytes): Promise<PinState> {
    try {
      requirePinBytes(adminPin);
      const model = await this.#modelOf(ref);
      checkNewPin(newPin, adminPin, model.pinRules, model.defaultUserPins);
      const watch = this.#requireWatch(ref);
      return await this.#watchingPin(watch, () => watch.callForKey('unblockPin', { serial: ref.serial, adminPin, newPin }));
    } finally {
      wipeBytes(adminPin, newPin);
    }
  }

  async changeAdminPin(ref: TokenRef, oldAdminPin: SecretBytes, newAdminPin: SecretBytes): Promise<PinState> {
    try {
      requirePinBytes(oldAdminPin);
      requirePinBytes(newAdminPin);
      return await this.#requireWatch(ref).callForKey('changeAdminPin', { serial: ref.serial, oldAdminPin, newAdminPin });
    } finally {
      wipeBytes(oldAdminPin, newAdminPin);
    }
  }

  async initialise(ref: TokenRef, { label, adminPin, userPin, deviceKey }: FirstSecrets): Promise<PinState> {
    try {
      requirePinBytes(adminPin);
      const model = await this.#modelOf(ref);
      checkNewPin(userPin, adminPin, model.pinRules, model.defaultUserPins);
      const watch = this.#requireWatch(ref);
      return await this.#seeing(watch, () => watch.callForKey('initialise', { serial: ref.serial, label, adminPin, userPin, deviceKey }));
    } finally {
      wipeBytes(adminPin, userPin, ...(deviceKey === null ? [] : [deviceKey]));
    }
  }

  async adminPinState(ref: TokenRef): Promise<PinState> {
    return this.#requireWatch(ref).callForKey('adminPinState', { serial: ref.serial });
  }

  async room(ref: TokenRef): Promise<TokenRoom> {
    const model = await this.#modelOf(ref);
    return roomOf(await this.#requireWatch(ref).callForKey('room', { serial: ref.serial }), model.room);
  }

  async renameLabel(ref: TokenRef, label: string): Promise<void> {
    const watch = this.#requireWatch(ref);
    await this.#seeing(watch, () => watch.callForKey('renameLabel', { serial: ref.serial, label }));
  }

  driverMilliseconds(): number {
    return this.#watches.reduce((sum, watch) => sum + watch.driverMs, this.#driverMsOfDropped);
  }

  hostPids(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#watches.flatMap((watch) => watch.hostPids.map((pid, index) => [index === 0 ? watch.config.driverId : `${watch.config.driverId} ${index}`, pid])));
  }

  ukeyModels(): UkeyModel[] {
    return this.#models.map(({ profile, pictureSvg }) => {
      const { id, nameZh, nameEn, vendorZh, vendorEn, interfaces, software, pinRules } = profile;
      const running = this.#watches.some((watch) => watch.config.modelId === id && (watch.state.status === 'ready' || watch.state.status === 'starting'));
      const driverAvailable = running || interfaces.some((name) => findLibrary(profile, name, this.#machine) !== null);
      return { id, nameZh, nameEn, vendorZh, vendorEn, pictureSvg, interfaces, software, pinRules, driverAvailable };
    });
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    await Promise.all(this.#watches.map((watch) => watch.close()));
  }

  #createWatch(config: DriverConfig): DriverWatch {
    const model = this.#models.find(({ profile }) => profile.id === config.modelId)?.profile ?? null;
    return new DriverWatch(config, model, { spawner: this.#spawner, clock: this.#clock, log: this.#log, machine: this.#machine, limits: this.#limits, onChange: () => this.#tell() });
  }

  #requireWatch(ref: TokenRef): DriverWatch {
    return this.#watches.find((watch) => watch.config.driverId === ref.driverId) ?? refuse('TOKEN_NOT_PRESENT', { serial: ref.serial, driverId: ref.driverId });
  }

  async #modelOf(ref: TokenRef): Promise<UkeyModelProfile> {
    const { modelId } = await this.get(ref);
    return this.#models.find(({ profile }) => profile.id === modelId)?.profile ?? refuse('UKEY_MODEL_UNKNOWN', { modelId });
  }

  #known(): TokenList {
    const drivers: DriverState[] = this.#watches.map((watch) => watch.state);
    const tokens = this.#watches.flatMap((watch) => watch.tokens.map((token) => this.#describe(watch, token)));
    return { tokens: mergeTokens(tokens), drivers };
  }

  #describe(watch: DriverWatch, token: HostToken): TokenSummary {
    const { driverId, modelId, demo } = watch.config;
    const matched = matchUkeyModel(this.#models.map(({ profile }) => profile), token.manufacturer, token.hardwareModel);
    const ofDriver = this.#models.find(({ profile }) => profile.id === modelId)?.profile ?? null;
    const described = describeToken(token, { driverId, modelId: matched?.id ?? modelId, demo: demo ?? false });
    return { ...described, ...abilitiesOf(watch.config, matched ?? ofDriver, ofDriver) };
  }

  /** Of the key's own model when its driver has told of it, else of the driver's. */
  #defaultPinsOf(watch: DriverWatch, { serial }: TokenRef): readonly string[] {
    const token = watch.tokens.find((one) => one.serial === serial);
    const modelId = token === undefined ? watch.config.modelId : this.#describe(watch, token).modelId;
    return this.#models.find(({ profile }) => profile.id === modelId)?.profile.defaultUserPins ?? [];
  }

  /** After a deed that shows in the list, the list is read anew before it counts as done. */
  async #seeing<T>(watch: DriverWatch, call: () => Promise<T>): Promise<T> {
    const value = await call();
    await this.#patiently(watch.refresh());
    return value;
  }

  /** Whatever a PIN call ends with, the key's PIN state may have changed. */
  async #watchingPin<T>(watch: DriverWatch, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (thrown) {
      await this.#patiently(watch.refresh());
      throw thrown;
    }
  }

  #patiently(work: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(LIST_PATIENCE_MS, resolve);
      work.then(resolve, reject).finally(cancel);
    });
  }

  #tell(): void {
    if (this.#listeners.size === 0) return;
    const list = this.#known();
    for (const listener of this.#listeners) {
      try {
        listener(list);
      } catch (thrown) {
        // One listener's fault must not keep the news from the others.
        this.#log.warn('token.listener', { code: toAppError(thrown).code });
      }
    }
  }
}

/** An empty PIN would ask some drivers for one in a window of their own. */
function requirePinBytes(pin: SecretBytes): void {
  if (pin.length === 0 || pin.length > MAX_PIN_BYTES) throw new AppError('INPUT_INVALID', { field: 'pin' });
}

type Abilities = Pick<TokenSummary, 'keyAlgorithms' | 'unlock' | 'canRename' | 'opensRsa'>;

/** What can be done with a key: by its own model, and with keys only what its driver's profile knows how to ask for. */
function abilitiesOf(config: DriverConfig, model: UkeyModelProfile | null, ofDriver: UkeyModelProfile | null): Abilities {
  const keyAlgorithms = keyAlgorithmsOf(config, ofDriver);
  const way = ofDriver?.unlock.find((row) => row.interface === config.interface);
  return {
    ...(keyAlgorithms === null ? {} : { keyAlgorithms }),
    // GM/T 0016 opens RSA-encrypted session keys only, never a bare OAEP ciphertext.
    ...(config.interface === 'skf' ? { opensRsa: false } : {}),
    ...(way === undefined ? {} : { unlock: { strategy: way.strategy, noteZh: way.noteZh, noteEn: way.noteEn } }),
    canRename: model?.canRename.includes(config.interface) ?? false,
  };
}

/** What the driver will be asked for by this profile; over SKF only SM2 is written. Null: no profile. */
function keyAlgorithmsOf(config: DriverConfig, profile: UkeyModelProfile | null): KeyAlgorithm[] | null {
  if (config.interface === 'skf') return ['sm2'];
  if (profile === null) return null;
  return [...(profile.rsa === null ? [] : ['rsa-2048' as const]), ...(profile.sm2 === null ? [] : ['sm2' as const])];
}
