/**
 * A key in memory for the state machine: containers, two PINs that count their tries, room. Its keys are toys (the public key is the hash of the private one); only the
 * order of effects is real here.
 */
import { createHash } from 'node:crypto';
import type { PinState, TokenList, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { fromBase64 } from '#shared/bytes/base64.ts';
import { concatBytes, equalBytes } from '#shared/bytes/byte-strings.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { ErrorCode } from '#shared/errors/error-table.ts';
import type { KeyContainer, TokenPort, TokenSession } from '../../src-main/token/token-port.ts';
import type { Fuse } from './fuse.ts';

export const PIN = '84620193';
export const SERIAL = 'MODEL0001';
/** With which keys of the model come. */
export const FACTORY_ADMIN_PIN = 'factory-admin';
const USER_TRIES = 6;
const ADMIN_TRIES = 3;

export const text = (value: string) => new TextEncoder().encode(value);
export const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
export const publicOf = (key: Uint8Array) => sha256(key);
export const toySign = (key: Uint8Array, message: Uint8Array) => sha256(concatBytes(publicOf(key), message));
export const toySeal = (publicKey: Uint8Array, plaintext: Uint8Array) => concatBytes(publicKey, plaintext);
export function toyOpen(key: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  if (!equalBytes(ciphertext.subarray(0, 32), publicOf(key))) throw new AppError('DECRYPT_FAILED');
  return ciphertext.subarray(32);
}

interface ModelContainer { signKey: Uint8Array | null; encryptKey: Uint8Array | null; signCertificate: Uint8Array | null; encryptCertificate: Uint8Array | null }

export class ModelKey {
  readonly serial: string;
  containers = new Map<string, ModelContainer>();
  userPin = PIN;
  adminPin = FACTORY_ADMIN_PIN;
  userTries = USER_TRIES;
  adminTries = ADMIN_TRIES;
  logins = 0;
  wrongAdminTries = 0;
  pairsThatFit: number | null = 10;
  /** A driver that says it signed or decrypted and did not. */
  lie: 'none' | 'signature wrong' | 'decryption wrong' | 'certificate read back wrong' = 'none';
  #keys = 0;
  constructor(serial: string) {
    this.serial = serial;
  }

  /** What the key opens, whoever holds it and knows the PIN. */
  opens(ciphertext: Uint8Array): boolean {
    return [...this.containers.values()].some(({ encryptKey }) => encryptKey !== null && equalBytes(ciphertext.subarray(0, 32), publicOf(encryptKey)));
  }

  lockUserPin(): void {
    this.userTries = 0;
  }

  summary(): TokenSummary {
    const certificates = [...this.containers].flatMap(([containerId, one]) => [['sign', one.signCertificate] as const, ['encrypt', one.encryptCertificate] as const].flatMap(([purpose, der]) => (der ? [{
      containerId, purpose, subjectCommonName: 'C', subject: 'CN=C', issuer: 'CN=CA', issuerCommonName: 'CA', serialHex: Buffer.from(sha256(der)).toString('hex').slice(0, 32), notBeforeUtc: '2026-01-01T00:00:00Z', notAfterUtc: '2027-01-01T00:00:00Z',
      sha256Hex: Buffer.from(sha256(der)).toString('hex'), keyAlgorithm: 'rsa-2048', hasPrivateKey: null, certificateDer: Buffer.from(der).toString('base64'),
    }] : [])));
    return {
      ref: { driverId: 'model', serial: this.serial }, modelId: 'model', label: 'model', manufacturer: '', hardwareModel: '', demo: false, pin: state(this.userTries, USER_TRIES), certificates, freeBytes: null,
      unlock: { strategy: 'so-init-pin', noteZh: '说明', noteEn: 'note' },
    };
  }

  /** The key that is plugged in just now: the one that `pluggedIn` answers. */
  static port(pluggedIn: () => ModelKey | null, fuse: Fuse): TokenPort {
    const must = () => pluggedIn() ?? refuse('TOKEN_NOT_PRESENT');
    const list = (): TokenList => ({ tokens: pluggedIn() ? [must().summary()] : [], drivers: [] });
    const call = async <T>(work: () => T): Promise<T> => fuse.around('token', work);
    return {
      list: async () => list(), rescan: async () => list(), get: async () => must().summary(), onChange: () => () => undefined,
      changePin: async () => must().summary().pin, initialise: async () => must().summary().pin, renameLabel: async () => undefined,
      driverMilliseconds: () => 0, close: async () => undefined,
      adminPinState: async () => state(must().adminTries, ADMIN_TRIES),
      room: async () => ({ freeBytes: null, freeContainers: null, furtherPairs: { 'rsa-2048': must().pairsThatFit, sm2: must().pairsThatFit } }),
      unblockPin: (_ref, adminPin, newPin) => call(() => {
        const key = must();
        key.#askAdmin(adminPin);
        key.userPin = new TextDecoder().decode(newPin);
        key.userTries = USER_TRIES;
        return key.summary().pin;
      }),
      changeAdminPin: (_ref, oldAdminPin, newAdminPin) => call(() => {
        const key = must();
        key.#askAdmin(oldAdminPin);
        key.adminPin = new TextDecoder().decode(newAdminPin);
        return state(key.adminTries, ADMIN_TRIES);
      }),
      logIn: (ref, pin) => call(() => must().#logIn(pin, () => pluggedIn() === null, fuse, ref)),
    };
  }

  #askAdmin(pin: Uint8Array): void {
    if (this.adminTries === 0) throw new AppError('ADMIN_PIN_LOCKED');
    if (!equalBytes(pin, text(this.adminPin))) {
      this.adminTries -= 1;
      this.wrongAdminTries += 1;
      throw new AppError('ADMIN_PIN_INCORRECT', { triesLeft: this.adminTries });
    }
    this.adminTries = ADMIN_TRIES;
  }

  #logIn(pin: Uint8Array, pulled: () => boolean, fuse: Fuse, ref: TokenSession['ref']): TokenSession {
    this.logins += 1;
    if (this.userTries === 0) throw new AppError('PIN_LOCKED');
    if (!equalBytes(pin, text(this.userPin))) {
      this.userTries -= 1;
      throw new AppError(this.userTries === 0 ? 'PIN_LOCKED' : 'PIN_INCORRECT', { triesLeft: this.userTries });
    }
    this.userTries = USER_TRIES;
    return this.#session(fuse, pulled, ref);
  }

  #session(fuse: Fuse, pulled: () => boolean, ref: TokenSession['ref']): TokenSession {
    const must = (id: string) => this.containers.get(id) ?? refuse('CONTAINER_NOT_FOUND');
    const empty = (): ModelContainer => ({ signKey: null, encryptKey: null, signCertificate: null, encryptCertificate: null });
    const view = (id: string, one: ModelContainer): KeyContainer => ({
      containerId: id,
      sign: { hasPrivateKey: one.signKey !== null, publicKeySpkiDer: one.signKey && publicOf(one.signKey), certificateDer: one.signCertificate },
      encrypt: { hasPrivateKey: one.encryptKey !== null, publicKeySpkiDer: one.encryptKey && publicOf(one.encryptKey), certificateDer: one.encryptCertificate && this.lie === 'certificate read back wrong' ? text('{}') : one.encryptCertificate },
    });
    const call = async <T>(work: () => T): Promise<T> => fuse.around('token', () => {
      if (pulled()) throw new AppError('TOKEN_REMOVED');
      return work();
    });
    const born = (id: string) => {
      const one = this.containers.get(id) ?? empty();
      one.signKey ??= text(`sign-key-${this.serial}-${(this.#keys += 1)}`);
      this.containers.set(id, one);
      return { publicKeySpkiDer: publicOf(one.signKey) };
    };
    return {
      ref, pinIsDefault: false,
      listContainers: () => call(() => [...this.containers].map(([id, one]) => view(id, one))),
      readContainer: (id) => call(() => { const one = this.containers.get(id); return one ? view(id, one) : null; }),
      generateSigningKeyPair: (id) => call(() => born(id)),
      historyOpeningKey: (id) => call(() => born(id)),
      importHistoryKey: (id, envelope, _public, certificate) => call(() => {
        if (envelope.format === 'rsa-oaep+aes-kwp') Object.assign(must(id), { encryptKey: fromBase64(envelope.wrappedPrivateKey), encryptCertificate: certificate, signKey: null });
      }),
      sign: (id, _purpose, message) => call(() => toySign(this.lie === 'signature wrong' ? text('nonsense') : (must(id).signKey ?? refuse('KEY_NOT_FOUND')), message)),
      decrypt: (id, _purpose, ciphertext) => call(() => (this.lie === 'decryption wrong' ? text('nonsense') : toyOpen(must(id).encryptKey ?? refuse('KEY_NOT_FOUND'), ciphertext))),
      importEncryptionKey: (id, envelope) => call(() => { if (envelope.format === 'rsa-oaep+aes-kwp') must(id).encryptKey = fromBase64(envelope.wrappedPrivateKey); }),
      importCertificate: (id, purpose, der) => call(() => { must(id)[purpose === 'sign' ? 'signCertificate' : 'encryptCertificate'] = der; }),
      deleteContainer: (id) => call(() => void this.containers.delete(id)),
      close: async () => undefined,
    };
  }
}

function state(triesLeft: number, maxTries: number): PinState {
  return { status: triesLeft === 0 ? 'locked' : triesLeft === 1 ? 'final-try' : triesLeft < maxTries ? 'low' : 'ok', triesLeft, maxTries, mustChange: false };
}

function refuse(code: ErrorCode): never {
  throw new AppError(code);
}
