/**
 * A PKCS#11 library as a driver of the host: finds keys, logs in, and hands each call of the protocol to the function that does it.
 * Rule: one session per key; a PIN goes into exactly one driver call and is wiped; after a failure it is asked whether the key is still there.
 */
import pkcs11 from 'pkcs11js';
import type { PinState } from '#shared/contract/desktop/tokens.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { nullWhenRefused } from '#shared/errors/null-when-refused.ts';
import type { HostCertificate, HostInput, HostOutput, HostProfile, HostToken } from '../../host-protocol.ts';
import type { HostDriver } from '../host-driver.ts';
import { wiping } from '../wiping.ts';
import { Cryptoki } from './cryptoki.ts';
import { deleteContainer, deleteSigningSide } from './delete-container.ts';
import { generateSigningKeyPair } from './generate-signing-key.ts';
import { importCertificate } from './import-certificate.ts';
import { importRsaEncryptionKey, importSm2EncryptionKey } from './import-encryption-key.ts';
import { listCertificates, listContainers, readContainer } from './list-containers.ts';
import type { LoggedIn } from './logged-in.ts';
import { adminPinStateAt, changeAdminPin, changeUserPin, closeSession, initialiseToken, isLoggedIn, logInUser, openSession, tokenInfo, unblockUserPin, userPinStateAt, type AtSlot } from './pins.ts';
import { returnCodeOf } from './return-codes.ts';
import { pinState, type TokenInfo } from './token-info.ts';
import type { Sm2Memory } from './sm2-use.ts';
import type { TokenSession } from './token-session.ts';
import { decryptCiphertext, signMessage } from './use-key.ts';

interface SlotWithToken {
  readonly slot: Buffer;
  readonly info: TokenInfo;
}
interface OpenSession extends LoggedIn {
  readonly serial: string;
}

/** @throws DRIVER_LOAD_FAILED and what C_Initialize gives */
export function openPkcs11Driver(libraryPath: string, profile: HostProfile): HostDriver {
  const driver = new Pkcs11Driver(new Cryptoki(libraryPath), profile);
  driver.startLibrary();
  return driver;
}

class Pkcs11Driver implements HostDriver {
  readonly #cryptoki: Cryptoki;
  readonly #profile: HostProfile;
  readonly #sessions = new Map<number, OpenSession>();
  /** Certificates by slot and serial since the key was plugged: reading them takes real keys a good part of a second. */
  #remembered = new Map<string, HostCertificate[]>();
  #lastSessionId = 0;
  readonly #sm2: Sm2Memory = { sign: null, decrypt: null };

  constructor(cryptoki: Cryptoki, profile: HostProfile) {
    this.#cryptoki = cryptoki;
    this.#profile = profile;
  }

  driverMs(): number {
    return this.#cryptoki.driverMs;
  }

  startLibrary(): void {
    const initialise = (flags: number) => this.#cryptoki.native('C_Initialize', (native) => native.C_Initialize({ flags }));
    try {
      initialise(pkcs11.CKF_OS_LOCKING_OK);
    } catch (thrown) {
      const returnCode = returnCodeOf(thrown);
      if (returnCode === 'CKR_CRYPTOKI_ALREADY_INITIALIZED') return;
      // Old libraries know no locks of the system. Only one thread calls them here, so none are needed.
      if (returnCode !== 'CKR_CANT_LOCK' && returnCode !== 'CKR_ARGUMENTS_BAD') throw thrown;
      initialise(0);
    }
  }

  close(): null {
    for (const sessionId of [...this.#sessions.keys()]) this.logOut({ sessionId });
    this.#cryptoki.native('C_Finalize', (native) => native.C_Finalize());
    return null;
  }

  poll({ fresh }: HostInput<'poll'>): HostToken[] {
    this.#lookAgain();
    const before = fresh ? new Map<string, HostCertificate[]>() : this.#remembered;
    const now = new Map<string, HostCertificate[]>();
    const tokens: HostToken[] = [];
    for (const { slot, info } of this.#tokens()) {
      const key = `${slot.toString('hex')} ${info.serial}`;
      const certificates = before.get(key) ?? this.#readCertificates(slot, info);
      if (certificates === null) continue;
      now.set(key, certificates);
      const { serial, label, manufacturer, hardwareModel, freeBytes } = info;
      tokens.push({ serial, label, manufacturer, hardwareModel, freeBytes, certificates, pin: this.#pinState(info) });
    }
    this.#remembered = now;
    return tokens;
  }

  logIn({ serial, pin }: HostInput<'logIn'>): { sessionId: number; pin: PinState } {
    return wiping([pin], () => {
      const at = this.#requireFree(serial);
      const session = openSession(at, true);
      try {
        logInUser(at, session, pin);
        const mechanisms = this.#cryptoki.guarded((guarded) => guarded.mechanisms(at.slot));
        const sessionId = ++this.#lastSessionId;
        this.#sessions.set(sessionId, this.#loggedIn(at, session, serial, mechanisms));
        return { sessionId, pin: userPinStateAt(at) };
      } catch (thrown) {
        closeSession(session);
        throw thrown;
      }
    });
  }

  #loggedIn(at: AtSlot, session: TokenSession, serial: string, mechanisms: readonly number[]): OpenSession {
    const open = {
      session, profile: this.#profile, mechanisms, sm2: this.#sm2, serial,
      // The new one first: the last session that is closed takes the login with it (PKCS#11 2.40 §5.6).
      renewSession: () => {
        const worn = open.session;
        open.session = openSession(at, true);
        closeSession(worn);
      },
      isPresent: () => this.#isPresent(at.slot, serial),
    };
    return open;
  }

  changePin = ({ serial, oldPin, newPin }: HostInput<'changePin'>) =>
    wiping([oldPin, newPin], () => {
      const at = this.#requireFree(serial);
      changeUserPin(at, oldPin, newPin);
      return userPinStateAt(at);
    });

  /** The way of PKCS#11, for models that take it; others have ways of their own. */
  unblockPin = ({ serial, adminPin, newPin }: HostInput<'unblockPin'>) =>
    wiping([adminPin, newPin], () => {
      const { unlockStrategy } = this.#profile;
      if (unlockStrategy !== 'so-init-pin') return refuse('DRIVER_MECHANISM', { mechanism: `unlock: ${unlockStrategy}` });
      const at = this.#requireFree(serial);
      unblockUserPin(at, adminPin, newPin);
      return userPinStateAt(at);
    });

  changeAdminPin = ({ serial, oldAdminPin, newAdminPin }: HostInput<'changeAdminPin'>) =>
    wiping([oldAdminPin, newAdminPin], () => {
      const at = this.#requireFree(serial);
      changeAdminPin(at, oldAdminPin, newAdminPin);
      return adminPinStateAt(at);
    });

  initialise = ({ serial, label, adminPin, userPin, deviceKey }: HostInput<'initialise'>) =>
    wiping([adminPin, userPin, deviceKey], () => {
      const { slot, info } = this.#requireOne(serial);
      const at = this.#at(slot);
      if (userPinStateAt(at).status !== 'not-initialised') refuse('TOKEN_INITIALISED', { serial });
      initialiseToken(at, info, label, adminPin, userPin);
      this.#remembered.clear();
      return userPinStateAt(at);
    });

  adminPinState = ({ serial }: HostInput<'adminPinState'>) => adminPinStateAt(this.#at(this.#requireOne(serial).slot));

  /** One process serves every key of a PKCS#11 library: nothing is lent. */
  lend(): never {
    return refuse('DRIVER_MECHANISM', { mechanism: 'lend', interface: 'pkcs11' });
  }

  takeBack(): null {
    return null;
  }

  /** PKCS#11 gives a label only while it erases the token (C_InitToken). */
  renameLabel(): null {
    return refuse('DRIVER_MECHANISM', { mechanism: 'label', interface: 'pkcs11' });
  }

  /** Public objects tell which containers there are, also before login. */
  room({ serial }: HostInput<'room'>): HostOutput<'room'> {
    const { slot, info } = this.#requireOne(serial);
    const { maxContainers } = this.#profile;
    if (maxContainers === null) return { freeBytes: info.freeBytes, freeContainers: null };
    const session = openSession(this.#at(slot), false);
    try {
      return { freeBytes: info.freeBytes, freeContainers: Math.max(0, maxContainers - listContainers(session).length) };
    } finally {
      closeSession(session);
    }
  }

  listContainers = (input: HostInput<'listContainers'>) => this.#on(input, (at) => listContainers(at.session));
  readContainer = (input: HostInput<'readContainer'>) => this.#on(input, (at) => readContainer(at.session, input.containerId));
  sign = (input: HostInput<'sign'>) => this.#on(input, (at) => ({ signature: signMessage(at, input.containerId, input.purpose, input.message) }));
  decrypt = (input: HostInput<'decrypt'>) => this.#on(input, (at) => ({ plaintext: decryptCiphertext(at, input.containerId, input.purpose, input.ciphertext) }));

  generateSigningKeyPair = (input: HostInput<'generateSigningKeyPair'>) =>
    this.#on(input, (at) => ({ publicKeySpkiDer: generateSigningKeyPair(at, input.containerId, input.algorithm).spkiDer }));

  importRsaEncryptionKey = (input: HostInput<'importRsaEncryptionKey'>) =>
    this.#on(input, (at) => {
      importRsaEncryptionKey(at, input.containerId, input, input.publicKeySpkiDer);
      return null;
    });

  /** The form of GM/T 0016: PKCS#11 has no mechanism that takes a private key of PKCS#1 under SM4. */
  importRsaKeyBlob(): never {
    return refuse('DRIVER_MECHANISM', { mechanism: 'rsa-key-blob', interface: 'pkcs11' });
  }

  importSm2EncryptionKey = (input: HostInput<'importSm2EncryptionKey'>) =>
    this.#on(input, (at) => {
      importSm2EncryptionKey(at, input.containerId, input.form, input.envelope, input.publicKeySpkiDer);
      return null;
    });

  dropOpeningKey = (input: HostInput<'dropOpeningKey'>) =>
    this.#on(input, (at) => {
      deleteSigningSide(at, input.containerId);
      return null;
    });

  importCertificate = (input: HostInput<'importCertificate'>) =>
    this.#on(input, (at) => {
      importCertificate(at, input.containerId, input.purpose, input);
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
    const open = this.#sessions.get(sessionId);
    this.#sessions.delete(sessionId);
    if (open !== undefined) {
      nullWhenRefused(() => this.#cryptoki.native('C_Logout', (native) => native.C_Logout(open.session.handle)));
      closeSession(open.session);
    }
    return null;
  }

  /** Runs a deed in a session. A failure after which the key is gone is told as such, whatever the driver called it. */
  #on<T>({ sessionId }: { readonly sessionId: number }, deed: (at: OpenSession) => T): T {
    const open = this.#sessions.get(sessionId) ?? refuse('TOKEN_NOT_LOGGED_IN');
    try {
      return deed(open);
    } catch (thrown) {
      if (open.isPresent()) throw thrown;
      this.logOut({ sessionId });
      throw new AppError('TOKEN_REMOVED', { serial: open.serial }, thrown);
    }
  }

  /** For libraries that see new keys only after C_Initialize. Never while someone is logged in: it would end the session. */
  #lookAgain(): void {
    if (this.#profile.rescan !== 'reinitialise-when-idle' || this.#sessions.size > 0) return;
    // It may not be initialised, if the last look ended between the two calls.
    nullWhenRefused(() => this.#cryptoki.native('C_Finalize', (native) => native.C_Finalize()));
    this.startLibrary();
  }

  /** Keys that can be read and named. A slot whose token gives no information is empty or just being pulled. */
  #tokens(): SlotWithToken[] {
    const tokens: SlotWithToken[] = [];
    for (const slot of this.#cryptoki.guarded((guarded) => guarded.slotsWithToken())) {
      const info = nullWhenRefused(() => tokenInfo(this.#at(slot)));
      if (info === null || (!info.initialised && (this.#profile.hideUninitialised || !info.hasSerial))) continue;
      tokens.push({ slot, info });
    }
    return tokens;
  }

  /** A key that nobody is logged in to. @throws TOKEN_NOT_PRESENT, TOKEN_SERIAL_AMBIGUOUS, TOKEN_BUSY, TOKEN_NOT_INITIALISED */
  #requireFree(serial: string): AtSlot {
    if ([...this.#sessions.values()].some((open) => open.serial === serial && open.isPresent())) refuse('TOKEN_BUSY', { serial });
    this.#dropDeadSessions(serial);
    const { slot, info } = this.#requireOne(serial);
    if (this.#pinState(info).status === 'not-initialised') refuse('TOKEN_NOT_INITIALISED', { serial });
    return this.#at(slot);
  }

  /** @throws TOKEN_NOT_PRESENT, TOKEN_SERIAL_AMBIGUOUS */
  #requireOne(serial: string): SlotWithToken {
    const [first, second] = this.#tokens().filter((token) => token.info.serial === serial);
    if (second !== undefined) return refuse('TOKEN_SERIAL_AMBIGUOUS', { serial });
    return first ?? refuse('TOKEN_NOT_PRESENT', { serial });
  }

  #at(slot: Buffer): AtSlot {
    return { cryptoki: this.#cryptoki, slot, maxPinTries: this.#profile.maxPinTries };
  }

  #dropDeadSessions(serial: string): void {
    for (const [sessionId, open] of this.#sessions) if (open.serial === serial) this.logOut({ sessionId });
  }

  /** @returns null when the key was pulled meanwhile */
  #readCertificates(slot: Buffer, info: TokenInfo): HostCertificate[] | null {
    if (!info.initialised) return [];
    try {
      const session = openSession(this.#at(slot), false);
      try {
        return listCertificates(session, isLoggedIn(session));
      } finally {
        closeSession(session);
      }
    } catch (thrown) {
      if (!this.#isPresent(slot, info.serial)) return null;
      throw thrown;
    }
  }

  #isPresent(slot: Buffer, serial: string): boolean {
    return nullWhenRefused(() => tokenInfo(this.#at(slot)))?.serial === serial;
  }

  #pinState(info: TokenInfo): PinState {
    return pinState(info, this.#profile.maxPinTries);
  }
}
