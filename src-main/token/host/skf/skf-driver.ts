/**
 * An SKF library as a driver of the host: finds keys, logs in, and hands each call of the protocol to the function that does it.
 * Rules: one device is open at a time (see open-token.ts), so a process either looks for keys, leaving alone those that are lent to other processes, or holds
 * the one key that somebody is logged in to; a PIN goes into exactly one driver call and is wiped; after a failure it is asked whether the key is still there.
 */
import type { PinState } from '#shared/contract/desktop/tokens.ts';
import { toHex } from '#shared/bytes/hex.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { nullWhenRefused } from '#shared/errors/null-when-refused.ts';
import type { HostInput, HostProfile, HostToken } from '../../host-protocol.ts';
import type { HostDriver } from '../host-driver.ts';
import { wiping } from '../wiping.ts';
import { listCertificates, listContainerNames, listContainers, readContainer } from './containers.ts';
import { generateSigningKeyPair } from './generate-signing-key.ts';
import { deleteContainer, importCertificate } from './import-certificate.ts';
import { importEncryptionKey, importRsaEncryptionKey } from './import-encryption-key.ts';
import type { AtApplication, LoggedIn, SkfMemory } from './logged-in.ts';
import { makeApplication } from './make-application.ts';
import { sameName, withNul, type DriverName } from './name-list.ts';
import { closeToken, listDevices, openToken, readInfo, requireApplication, withToken, type OpenToken } from './open-token.ts';
import { changePin, readPinState, unblockPin, verifyPin } from './pins.ts';
import { SkfFunctions, type Handle } from './skf-functions.ts';
import { decryptCiphertext, signMessage } from './use-key.ts';

/** The field of DEVINFO. */
const LABEL_BYTES = 32;

interface OpenSession {
  readonly sessionId: number;
  readonly token: OpenToken;
  readonly at: LoggedIn;
}

/** @throws DRIVER_LOAD_FAILED */
export function openSkfDriver(libraryPath: string, profile: HostProfile, lentDevices: readonly DriverName[]): HostDriver {
  return new SkfDriver(new SkfFunctions(libraryPath), profile, lentDevices);
}

class SkfDriver implements HostDriver {
  readonly #functions: SkfFunctions;
  readonly #profile: HostProfile;
  readonly #memory: SkfMemory = { ulongBytes: 4, layout: null, sm2Sign: null };
  /** Keys by device name since they were plugged: connecting takes real ones a good part of a second. */
  #remembered = new Map<string, HostToken>();
  /** Keys that other processes hold. */
  #lent: DriverName[];
  /** Set by the first login: this process looks for keys no more. */
  #holdsOneKey = false;
  #session: OpenSession | null = null;
  #lastSessionId = 0;

  constructor(functions: SkfFunctions, profile: HostProfile, lentDevices: readonly DriverName[]) {
    this.#functions = functions;
    this.#profile = profile;
    this.#lent = [...lentDevices];
  }

  driverMs(): number {
    return this.#functions.driverMs;
  }

  close(): null {
    this.#endSession();
    return null;
  }

  /** In a process that holds a key: that key, as long as its session is open. */
  poll({ fresh }: HostInput<'poll'>): HostToken[] {
    const names = listDevices(this.#functions);
    if (this.#holdsOneKey) return this.#ofSession(names, fresh);
    const now = new Map<string, HostToken>();
    for (const name of names.filter((one) => !this.#isLent(one))) {
      const token = this.#look(name, fresh);
      if (token !== null) now.set(toHex(name), token);
    }
    this.#remembered = now;
    return [...now.values()];
  }

  lend({ serial }: HostInput<'lend'>): { device: Uint8Array } {
    const device = this.#requireFree(serial);
    this.#lent.push(device);
    this.#remembered.delete(toHex(device));
    return { device };
  }

  takeBack({ device }: HostInput<'takeBack'>): null {
    this.#lent = this.#lent.filter((other) => !sameName(other, device));
    return null;
  }

  logIn({ serial, device, pin }: HostInput<'logIn'>): { sessionId: number; pin: PinState } {
    return wiping([pin], () => {
      this.#holdsOneKey = true;
      const token = openToken(this.#functions, this.#profile, this.#memory, device ?? refuse('TOKEN_NOT_PRESENT', { serial }));
      try {
        // Pulled and another one pushed in, under the same name.
        if (token.info.serial !== serial) refuse('TOKEN_NOT_PRESENT', { serial });
        const application = requireApplication(token);
        const at: LoggedIn = { ...this.#at(application), isPresent: () => this.#isPresent(token.name) };
        this.#requireReady(at, serial);
        verifyPin(at, pin);
        const sessionId = ++this.#lastSessionId;
        this.#session = { sessionId, token, at };
        return { sessionId, pin: readPinState(at) };
      } catch (thrown) {
        closeToken(this.#functions, token);
        throw thrown;
      }
    });
  }

  changePin = ({ serial, oldPin, newPin }: HostInput<'changePin'>) =>
    wiping([oldPin, newPin], () =>
      this.#onFreeToken(serial, (at) => {
        changePin(at, 'user', oldPin, newPin);
        return readPinState(at);
      }),
    );

  unblockPin = ({ serial, adminPin, newPin }: HostInput<'unblockPin'>) =>
    wiping([adminPin, newPin], () =>
      this.#onFreeToken(serial, (at) => {
        unblockPin(at, adminPin, newPin);
        return readPinState(at);
      }),
    );

  changeAdminPin = ({ serial, oldAdminPin, newAdminPin }: HostInput<'changeAdminPin'>) =>
    wiping([oldAdminPin, newAdminPin], () =>
      this.#onFreeToken(serial, (at) => {
        changePin(at, 'admin', oldAdminPin, newAdminPin);
        return readPinState(at, 'admin');
      }),
    );

  initialise = ({ serial, label, adminPin, userPin, deviceKey }: HostInput<'initialise'>) =>
    wiping([adminPin, userPin, deviceKey], () =>
      withToken(this.#functions, this.#profile, this.#memory, this.#requireFree(serial), (token) => {
        if (token.applications.length > 0) refuse('TOKEN_INITIALISED', { serial });
        const application = makeApplication(this.#functions, this.#profile, token, this.#memory.ulongBytes, { adminPin, userPin, deviceKey });
        this.#remembered.delete(toHex(token.name));
        this.#setLabel(token, label);
        const pin = readPinState(this.#at(application));
        nullWhenRefused(() => this.#functions.call('SKF_CloseApplication', application));
        return pin;
      }),
    );

  adminPinState = ({ serial }: HostInput<'adminPinState'>) => this.#onToken(serial, (token) => readPinState(this.#at(requireApplication(token)), 'admin'));

  room = ({ serial }: HostInput<'room'>) =>
    this.#onToken(serial, (token) => {
      const { maxContainers } = this.#profile;
      const { freeBytes } = readInfo(this.#functions, this.#memory, token.device);
      if (maxContainers === null || token.application === null) return { freeBytes, freeContainers: maxContainers };
      return { freeBytes, freeContainers: Math.max(0, maxContainers - listContainerNames(this.#at(token.application)).length) };
    });

  renameLabel = ({ serial, label }: HostInput<'renameLabel'>) =>
    this.#onToken(serial, (token) => {
      this.#setLabel(token, label);
      this.#remembered.delete(toHex(token.name));
      return null;
    });

  listContainers = (input: HostInput<'listContainers'>) => this.#on(input, (at) => listContainers(at));
  readContainer = (input: HostInput<'readContainer'>) => this.#on(input, (at) => readContainer(at, input.containerId));
  sign = (input: HostInput<'sign'>) => this.#on(input, (at) => ({ signature: signMessage(at, input.containerId, input.purpose, input.message) }));
  decrypt = (input: HostInput<'decrypt'>) => this.#on(input, (at) => ({ plaintext: decryptCiphertext(at, input.containerId, input.purpose, input.ciphertext) }));

  generateSigningKeyPair = (input: HostInput<'generateSigningKeyPair'>) =>
    this.#on(input, (at) => ({ publicKeySpkiDer: generateSigningKeyPair(at, input.containerId, input.algorithm).spkiDer }));

  importRsaEncryptionKey(): null {
    return refuse('DRIVER_MECHANISM', { mechanism: 'rsa-oaep+aes-kwp', interface: 'skf' });
  }

  importRsaKeyBlob = (input: HostInput<'importRsaKeyBlob'>) =>
    this.#on(input, (at) => {
      importRsaEncryptionKey(at, input.containerId, input, input.publicKeySpkiDer);
      return null;
    });

  importSm2EncryptionKey = (input: HostInput<'importSm2EncryptionKey'>) =>
    this.#on(input, (at) => {
      importEncryptionKey(at, input.containerId, input.form, input.envelope, input.publicKeySpkiDer);
      return null;
    });

  /** GM/T 0016 has no call that takes one key out of a container: it stays, unused and without a certificate. */
  dropOpeningKey = (input: HostInput<'dropOpeningKey'>) => this.#on(input, () => null);

  importCertificate = (input: HostInput<'importCertificate'>) =>
    this.#on(input, (at) => {
      importCertificate(at, input.containerId, input.purpose, input.certificateDer, input.publicKeySpkiDer);
      this.#remembered.clear();
      return null;
    });

  deleteContainer = (input: HostInput<'deleteContainer'>) =>
    this.#on(input, (at) => {
      deleteContainer(at, input.containerId);
      this.#remembered.clear();
      return null;
    });

  logOut({ sessionId }: HostInput<'logOut'>): null {
    if (this.#session?.sessionId === sessionId) this.#endSession();
    return null;
  }

  /** Runs a deed in the session. A failure after which the key is gone is told as such, whatever the driver called it. */
  #on<T>({ sessionId }: { readonly sessionId: number }, deed: (at: LoggedIn) => T): T {
    const session = this.#session;
    if (session === null || session.sessionId !== sessionId) return refuse('TOKEN_NOT_LOGGED_IN');
    try {
      return deed(session.at);
    } catch (thrown) {
      // Pulled and pushed in again between two looks: the handles are dead though the device is listed.
      const dead = thrown instanceof AppError && thrown.code === 'TOKEN_REMOVED';
      if (!dead && session.at.isPresent()) throw thrown;
      this.#endSession();
      throw new AppError('TOKEN_REMOVED', { serial: session.token.info.serial }, thrown);
    }
  }

  #onFreeToken<T>(serial: string, deed: (at: AtApplication) => T): T {
    return withToken(this.#functions, this.#profile, this.#memory, this.#requireFree(serial), (token) => {
      const at = this.#at(requireApplication(token));
      this.#requireReady(at, serial);
      return deed(at);
    });
  }

  /** For what may be asked of a key while its session is open, too. */
  #onToken<T>(serial: string, deed: (token: OpenToken) => T): T {
    const session = this.#session;
    if (session !== null && session.token.info.serial === serial && session.at.isPresent()) return deed(session.token);
    return withToken(this.#functions, this.#profile, this.#memory, this.#requireFree(serial), deed);
  }

  #setLabel(token: OpenToken, label: string): void {
    const bytes = Buffer.from(label);
    if (bytes.length > LABEL_BYTES) refuse('INPUT_INVALID', { field: 'label' });
    this.#functions.call('SKF_SetLabel', token.device, withNul(bytes));
  }

  #at(application: Handle): AtApplication {
    return { functions: this.#functions, profile: this.#profile, memory: this.#memory, application };
  }

  #requireReady(at: AtApplication, serial: string): void {
    if (readPinState(at).status === 'not-initialised') refuse('TOKEN_NOT_INITIALISED', { serial });
  }

  /** A key that this process may open. @throws TOKEN_NOT_PRESENT, TOKEN_SERIAL_AMBIGUOUS, TOKEN_BUSY */
  #requireFree(serial: string): DriverName {
    if (this.#holdsOneKey) refuse('TOKEN_BUSY', { serial });
    this.poll({ fresh: false });
    const [first, second] = [...this.#remembered].filter(([, token]) => token.serial === serial);
    if (second !== undefined) return refuse('TOKEN_SERIAL_AMBIGUOUS', { serial });
    return first === undefined ? refuse('TOKEN_NOT_PRESENT', { serial }) : Buffer.from(first[0], 'hex');
  }

  #isLent(name: DriverName): boolean {
    return this.#lent.some((other) => sameName(other, name));
  }

  /** @returns nothing once the key is pulled, also when it was pushed in again: its handles are dead */
  #ofSession(names: readonly DriverName[], fresh: boolean): HostToken[] {
    const session = this.#session;
    if (session === null) return [];
    const key = toHex(session.token.name);
    try {
      const isThere = names.some((name) => sameName(name, session.token.name));
      const token = isThere ? ((fresh ? undefined : this.#remembered.get(key)) ?? this.#read(session.token, true)) : null;
      if (token !== null) {
        this.#remembered.set(key, token);
        return [token];
      }
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.code !== 'TOKEN_REMOVED') throw thrown;
    }
    this.#endSession();
    return [];
  }

  /** @returns null for a key that cannot be read now: just being pulled */
  #look(name: DriverName, fresh: boolean): HostToken | null {
    const known = this.#remembered.get(toHex(name));
    if (known !== undefined && !fresh) return known;
    try {
      return withToken(this.#functions, this.#profile, this.#memory, name, (token) => this.#read(token, false));
    } catch (thrown) {
      if (!this.#isPresent(name) || (thrown instanceof AppError && thrown.code === 'TOKEN_REMOVED')) return null;
      throw thrown;
    }
  }

  #read(token: OpenToken, loggedIn: boolean): HostToken | null {
    // During a session the label and the free space of before it no longer hold.
    const { serial, hasSerial, label, manufacturer, issuer, freeBytes } = loggedIn ? readInfo(this.#functions, this.#memory, token.device) : token.info;
    if (token.application === null && !hasSerial) return null;
    const told = { serial, label, manufacturer, hardwareModel: issuer, freeBytes };
    if (token.application === null) {
      const status = token.applications.length === 0 ? 'not-initialised' : 'unknown';
      return { ...told, certificates: [], pin: { status, triesLeft: null, maxTries: this.#profile.maxPinTries, mustChange: false } };
    }
    const at = this.#at(token.application);
    return { ...told, certificates: listCertificates(at, loggedIn ? true : null), pin: readPinState(at) };
  }

  #isPresent(name: DriverName): boolean {
    return nullWhenRefused(() => listDevices(this.#functions))?.some((other) => sameName(other, name)) ?? false;
  }

  #endSession(): void {
    const session = this.#session;
    this.#session = null;
    if (session === null) return;
    this.#remembered.clear();
    if (this.#functions.has('SKF_ClearSecureState')) nullWhenRefused(() => this.#functions.call('SKF_ClearSecureState', session.at.application));
    closeToken(this.#functions, session.token);
  }
}
