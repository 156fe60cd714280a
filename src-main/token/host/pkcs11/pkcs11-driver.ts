/**
 * A PKCS#11 library as a driver of the host: finds keys, logs in, and hands each call of the protocol to the function that does it.
 * Rule: one session per key; a PIN goes into exactly one driver call and is wiped; after a failure it is asked whether the key is still there.
 */
import pkcs11 from 'pkcs11js';
import type { PinState } from '#shared/contract/desktop/tokens.ts';
import { wipeBytes } from '#shared/bytes/byte-strings.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { HostCertificate, HostInput, HostProfile, HostToken } from '../../host-protocol.ts';
import type { HostDriver } from '../host-driver.ts';
import { Cryptoki } from './cryptoki.ts';
import { deleteContainer } from './delete-container.ts';
import { generateSigningKeyPair } from './generate-signing-key.ts';
import { importCertificate } from './import-certificate.ts';
import { importRsaEncryptionKey, importSm2EncryptionKey } from './import-encryption-key.ts';
import { listCertificates, listContainers, readContainer } from './list-containers.ts';
import type { LoggedIn } from './logged-in.ts';
import { returnCodeOf } from './return-codes.ts';
import { pinState, readTokenInfo, type TokenInfo } from './token-info.ts';
import { TokenSession } from './token-session.ts';
import type { Sm2Memory } from './sm2-use.ts';
import { decryptCiphertext, signMessage } from './use-key.ts';

const CKU_SO = 0;
const CKU_USER = 1;
/** Session states with somebody logged in: CKS_RO_USER_FUNCTIONS, CKS_RW_USER_FUNCTIONS, CKS_RW_SO_FUNCTIONS. */
const CKS_LOGGED_IN = new Set([1, 3, 4]);

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
  driver.initialise();
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

  initialise(): void {
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
    try {
      const { slot } = this.#requireFree(serial);
      const session = this.#openSession(slot, true);
      try {
        this.#logOutLeftOver(session);
        this.#withPin(slot, () => this.#cryptoki.guarded((guarded) => guarded.logIn(session.handle, CKU_USER, pin)));
        const mechanisms = this.#cryptoki.guarded((guarded) => guarded.mechanisms(slot));
        const sessionId = ++this.#lastSessionId;
        this.#sessions.set(sessionId, { session, profile: this.#profile, mechanisms, sm2: this.#sm2, serial, isPresent: () => this.#isPresent(slot, serial) });
        return { sessionId, pin: this.#pinState(this.#tokenInfo(slot)) };
      } catch (thrown) {
        this.#closeSession(session);
        throw thrown;
      }
    } finally {
      wipeBytes(pin);
    }
  }

  changePin({ serial, oldPin, newPin }: HostInput<'changePin'>): PinState {
    try {
      const { slot } = this.#requireFree(serial);
      const session = this.#openSession(slot, true);
      try {
        this.#withPin(slot, () => this.#cryptoki.guarded((guarded) => guarded.setPin(session.handle, oldPin, newPin)));
        return this.#pinState(this.#tokenInfo(slot));
      } finally {
        this.#closeSession(session);
      }
    } finally {
      wipeBytes(oldPin, newPin);
    }
  }

  /** Administrator login and C_InitPIN: the way of PKCS#11 for models that take it; others have ways of their own. */
  unblockPin({ serial, adminPin, newPin }: HostInput<'unblockPin'>): PinState {
    try {
      const { strategy } = this.#profile.unlock;
      if (strategy !== 'so-init-pin') return refuse('DRIVER_MECHANISM', { mechanism: `unlock: ${strategy}` });
      const { slot } = this.#requireFree(serial);
      const session = this.#openSession(slot, true);
      try {
        this.#logOutLeftOver(session);
        this.#asAdministrator(() => this.#cryptoki.guarded((guarded) => guarded.logIn(session.handle, CKU_SO, adminPin)));
        this.#cryptoki.guarded((guarded) => guarded.initPin(session.handle, newPin));
        return this.#pinState(this.#tokenInfo(slot));
      } finally {
        this.#quietly(() => this.#cryptoki.native('C_Logout', (native) => native.C_Logout(session.handle)));
        this.#closeSession(session);
      }
    } finally {
      wipeBytes(adminPin, newPin);
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

  importSm2EncryptionKey = (input: HostInput<'importSm2EncryptionKey'>) =>
    this.#on(input, (at) => {
      importSm2EncryptionKey(at, input.containerId, input.csrResponseDer, input.publicKeySpkiDer);
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
      this.#quietly(() => this.#cryptoki.native('C_Logout', (native) => native.C_Logout(open.session.handle)));
      this.#closeSession(open.session);
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
    this.#quietly(() => this.#cryptoki.native('C_Finalize', (native) => native.C_Finalize()));
    this.initialise();
  }

  /** Keys that can be read and named. A slot whose token gives no information is empty or just being pulled. */
  #tokens(): SlotWithToken[] {
    const tokens: SlotWithToken[] = [];
    for (const slot of this.#cryptoki.guarded((guarded) => guarded.slotsWithToken())) {
      const info = this.#quietly(() => this.#tokenInfo(slot));
      if (info === null || (!info.initialised && (this.#profile.hideUninitialised || !info.hasSerial))) continue;
      tokens.push({ slot, info });
    }
    return tokens;
  }

  /** @throws TOKEN_NOT_PRESENT, TOKEN_SERIAL_AMBIGUOUS, TOKEN_BUSY, TOKEN_NOT_INITIALISED */
  #requireFree(serial: string): SlotWithToken {
    if ([...this.#sessions.values()].some((open) => open.serial === serial && open.isPresent())) refuse('TOKEN_BUSY', { serial });
    this.#dropDeadSessions(serial);
    const [first, second] = this.#tokens().filter((token) => token.info.serial === serial);
    if (second !== undefined) return refuse('TOKEN_SERIAL_AMBIGUOUS', { serial });
    if (first === undefined) return refuse('TOKEN_NOT_PRESENT', { serial });
    if (this.#pinState(first.info).status === 'not-initialised') return refuse('TOKEN_NOT_INITIALISED', { serial });
    return first;
  }

  #dropDeadSessions(serial: string): void {
    for (const [sessionId, open] of this.#sessions) if (open.serial === serial) this.logOut({ sessionId });
  }

  /** @returns null when the key was pulled meanwhile */
  #readCertificates(slot: Buffer, info: TokenInfo): HostCertificate[] | null {
    if (!info.initialised) return [];
    try {
      const session = this.#openSession(slot, false);
      try {
        return listCertificates(session, this.#isLoggedIn(session));
      } finally {
        this.#closeSession(session);
      }
    } catch (thrown) {
      if (!this.#isPresent(slot, info.serial)) return null;
      throw thrown;
    }
  }

  /** A wrong PIN with what the key says about tries left. The driver is asked again about its state, never with the PIN. */
  #withPin(slot: Buffer, call: () => void): void {
    try {
      call();
    } catch (thrown) {
      if (!(thrown instanceof AppError) || (thrown.code !== 'PIN_INCORRECT' && thrown.code !== 'PIN_LOCKED')) throw thrown;
      const info = this.#quietly(() => this.#tokenInfo(slot));
      const state = info === null ? null : this.#pinState(info);
      const code = state?.status === 'locked' ? 'PIN_LOCKED' : thrown.code;
      throw new AppError(code, { ...thrown.details, triesLeft: state?.triesLeft ?? null, pinStatus: state?.status ?? 'unknown' }, thrown);
    }
  }

  /** A wrong administrator PIN says nothing about the tries of the user PIN. */
  #asAdministrator(call: () => void): void {
    try {
      call();
    } catch (thrown) {
      if (!(thrown instanceof AppError) || (thrown.code !== 'PIN_INCORRECT' && thrown.code !== 'PIN_LOCKED')) throw thrown;
      throw new AppError(thrown.code, { ...thrown.details, role: 'admin', triesLeft: null }, thrown);
    }
  }

  #openSession(slot: Buffer, writable: boolean): TokenSession {
    const flags = pkcs11.CKF_SERIAL_SESSION | (writable ? pkcs11.CKF_RW_SESSION : 0);
    return new TokenSession(this.#cryptoki, slot, this.#cryptoki.native('C_OpenSession', (native) => native.C_OpenSession(slot, flags)));
  }

  #closeSession(session: TokenSession): void {
    this.#quietly(() => this.#cryptoki.native('C_CloseSession', (native) => native.C_CloseSession(session.handle)));
  }

  /** A login that outlived its session would make the driver accept any PIN as "already logged in". */
  #logOutLeftOver(session: TokenSession): void {
    if (this.#isLoggedIn(session)) this.#cryptoki.native('C_Logout', (native) => native.C_Logout(session.handle));
  }

  #isLoggedIn(session: TokenSession): boolean {
    return CKS_LOGGED_IN.has(this.#cryptoki.native('C_GetSessionInfo', (native) => native.C_GetSessionInfo(session.handle)).state);
  }

  #isPresent(slot: Buffer, serial: string): boolean {
    return this.#quietly(() => this.#tokenInfo(slot))?.serial === serial;
  }

  #tokenInfo(slot: Buffer): TokenInfo {
    return readTokenInfo(this.#cryptoki.guarded((guarded) => guarded.tokenInfo(slot)));
  }

  #pinState(info: TokenInfo): PinState {
    return pinState(info, this.#profile.maxPinTries);
  }

  /** For questions whose failure is an answer, and for tidying up after a failure. @returns null when the driver refused */
  #quietly<T>(call: () => T): T | null {
    try {
      return call();
    } catch (thrown) {
      if (thrown instanceof AppError) return null;
      throw thrown;
    }
  }
}
