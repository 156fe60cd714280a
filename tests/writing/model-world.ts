/**
 * A world in memory for the state machine: a key, a CA and toy cryptography, all of which can lose power at any call. Only the order of effects
 * is real here; the real parts are tested in tests/faults. Rule: once the power is cut, every call of that process fails and does nothing.
 */
import { createHash } from 'node:crypto';
import type { Issuance, IssuedPair } from '#shared/contract/rest/issuances.ts';
import type { PendingWriting } from '#shared/contract/rest/orders.ts';
import type { TokenList, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import type { Account } from '#shared/contract/rest/accounts.ts';
import { fromBase64, toBase64 } from '#shared/bytes/base64.ts';
import { concatBytes, equalBytes } from '#shared/bytes/byte-strings.ts';
import { toHex } from '#shared/bytes/hex.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { CaCaller } from '../../src-main/ca-client/ca-client.ts';
import type { DeedJournal } from '../../src-main/journal/deed-record.ts';
import { createLog } from '../../src-main/report/log.ts';
import type { KeyContainer, TokenPort, TokenSession } from '../../src-main/token/token-port.ts';
import type { CertificateTools, WritingPorts } from '../../src-main/writing/ports.ts';

export const PIN = '84620193';
export const CODE = '598983';
export const SERIAL = 'MODEL0001';
export const ACCOUNT: Account = { id: 'account-1', loginName: 'who', kind: 'organisation', role: 'subscriber', displayName: 'Who', organisationName: null, unifiedSocialCreditCode: null, phone: '13800000000', createdAtUtc: '2026-01-01T00:00:00Z' };

const text = (value: string) => new TextEncoder().encode(value);
const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());

export class PowerCut extends Error {}

/** What the network or a process does to one call, counted over all calls of a run. */
export type Fault = { readonly atCall: number; readonly when: 'before' | 'after'; readonly kind: 'power' | 'network' | 'token' };

/** Counts calls and decides whether each happens, and whether its answer arrives. */
export class Fuse {
  calls = 0;
  dead = false;
  readonly #fault: Fault | null;
  constructor(fault: Fault | null) {
    this.#fault = fault;
  }
  around<T>(part: 'ca' | 'token' | 'journal', work: () => T): T {
    if (this.dead) throw new PowerCut();
    this.calls += 1;
    const fault = this.#fault?.atCall === this.calls ? this.#fault : null;
    if (fault?.when === 'before') this.#strike(fault, part);
    const value = work();
    if (fault?.when === 'after') this.#strike(fault, part);
    return value;
  }
  #strike(fault: Fault, part: 'ca' | 'token' | 'journal'): void {
    if (fault.kind === 'network' && part === 'ca') throw new AppError('CA_UNREACHABLE', { reason: 'connect' });
    if (fault.kind === 'token' && part === 'token') throw new AppError('TOKEN_REMOVED');
    if (fault.kind !== 'power') return;
    this.dead = true;
    throw new PowerCut();
  }
}

interface ModelContainer { signKey: Uint8Array | null; encryptKey: Uint8Array | null; signCertificate: Uint8Array | null; encryptCertificate: Uint8Array | null }
type ModelIssuance = { -readonly [K in keyof Issuance]: Issuance[K] } & { signKey: Uint8Array | null; encryptKey: Uint8Array | null };

export class ModelWorld {
  containers = new Map<string, ModelContainer>();
  issuances: ModelIssuance[] = [];
  codeUses = 0;
  logins = 0;
  quantity = 2;
  plugged = true;
  /** A faulty part: a CA that certifies another key, a driver that says it signed or decrypted and did not. */
  lie: 'none' | 'other key certified' | 'signature wrong' | 'decryption wrong' | 'certificate read back wrong' = 'none';
  #keys = 0;

  ports(fuse: Fuse, journal: DeedJournal): WritingPorts {
    return {
      tokens: this.#tokens(fuse), ca: this.#ca(fuse), journal: guardedJournal(journal, fuse), crypto: MODEL_CRYPTO, certificates: MODEL_CERTIFICATES,
      log: createLog({ now: () => new Date(), file: null }), now: () => new Date(), requireAccount: () => ACCOUNT, onDeedChanged: () => undefined,
      serviceOrigin: () => 'https://ca.example', factoryAdministratorPin: () => null, passLedger: async () => undefined,
    };
  }

  get activePairs(): number {
    return this.issuances.filter((one) => one.state === 'completed').length;
  }

  get remaining(): number {
    return this.quantity - this.issuances.filter((one) => one.state !== 'cancelled').length;
  }

  summary(): TokenSummary {
    return { ref: { driverId: 'model', serial: SERIAL }, modelId: 'model', label: 'model', manufacturer: '', hardwareModel: '', demo: false, pin: { status: 'ok', triesLeft: 6, maxTries: 6, mustChange: false }, certificates: [], freeBytes: null };
  }

  #tokens(fuse: Fuse): TokenPort {
    const list = (): TokenList => ({ tokens: this.plugged ? [this.summary()] : [], drivers: [] });
    return {
      list: async () => list(), rescan: async () => list(), get: async () => this.summary(), onChange: () => () => undefined,
      changePin: async () => this.summary().pin, unblockPin: async () => this.summary().pin, changeAdminPin: async () => this.summary().pin, adminPinState: async () => this.summary().pin, initialise: async () => this.summary().pin,
      room: async () => ({ freeBytes: null, freeContainers: null, furtherPairs: { 'rsa-2048': null, sm2: null } }), renameLabel: async () => undefined, driverMilliseconds: () => 0, close: async () => undefined,
      logIn: async (ref, pin) => fuse.around('token', () => {
        this.logins += 1;
        if (!equalBytes(pin, text(PIN))) throw new AppError('PIN_INCORRECT');
        return this.#session(fuse, ref);
      }),
    };
  }

  #session(fuse: Fuse, ref: TokenSession['ref']): TokenSession {
    const must = (id: string) => this.containers.get(id) ?? this.#refuse('CONTAINER_NOT_FOUND');
    const view = (id: string, one: ModelContainer): KeyContainer => ({
      containerId: id,
      sign: { hasPrivateKey: one.signKey !== null, publicKeySpkiDer: one.signKey && publicOf(one.signKey), certificateDer: one.signCertificate },
      encrypt: { hasPrivateKey: one.encryptKey !== null, publicKeySpkiDer: one.encryptKey && publicOf(one.encryptKey), certificateDer: one.encryptCertificate && this.lie === 'certificate read back wrong' ? text('{}') : one.encryptCertificate },
    });
    const call = async <T>(work: () => T): Promise<T> => fuse.around('token', work);
    return {
      ref, pinIsDefault: false,
      listContainers: () => call(() => [...this.containers].map(([id, one]) => view(id, one))),
      readContainer: (id) => call(() => { const one = this.containers.get(id); return one ? view(id, one) : null; }),
      generateSigningKeyPair: (id) => call(() => {
        const one = this.containers.get(id) ?? { signKey: null, encryptKey: null, signCertificate: null, encryptCertificate: null };
        one.signKey ??= text(`sign-key-${(this.#keys += 1)}`);
        this.containers.set(id, one);
        return { publicKeySpkiDer: publicOf(one.signKey) };
      }),
      sign: (id, _purpose, message) => call(() => toySign(this.lie === 'signature wrong' ? text('nonsense') : (must(id).signKey ?? this.#refuse('KEY_NOT_FOUND')), message)),
      decrypt: (id, _purpose, ciphertext) => call(() => (this.lie === 'decryption wrong' ? text('nonsense') : toyOpen(must(id).encryptKey ?? this.#refuse('KEY_NOT_FOUND'), ciphertext))),
      importEncryptionKey: (id, envelope) => call(() => { if (envelope.format === 'rsa-oaep+aes-kwp') must(id).encryptKey = fromBase64(envelope.wrappedPrivateKey); }),
      historyOpeningKey: () => call(() => this.#refuse('CONTAINER_NOT_FOUND')),
      importHistoryKey: () => call(() => this.#refuse('CONTAINER_NOT_FOUND')),
      importCertificate: (id, purpose, der) => call(() => { must(id)[purpose === 'sign' ? 'signCertificate' : 'encryptCertificate'] = der; }),
      deleteContainer: (id) => call(() => void this.containers.delete(id)),
      close: async () => undefined,
    };
  }

  #refuse(code: 'CONTAINER_NOT_FOUND' | 'KEY_NOT_FOUND'): never {
    throw new AppError(code);
  }

  /** Only the calls that a new issue makes. */
  #ca(fuse: Fuse): CaCaller {
    const call = async <T>(work: () => T): Promise<T> => fuse.around('ca', work);
    const find = (id: string) => this.issuances.find((one) => one.id === id) ?? this.#missing();
    const view = ({ signKey: _sign, encryptKey: _encrypt, ...issuance }: ModelIssuance): Issuance => ({ ...issuance, remainingQuantity: this.remaining });
    const line: PendingWriting = {
      requestId: 'line-0001', requestNumber: 'SQ1', orderId: 'order-0001', orderNumber: 'N1', orderName: 'x', projectName: 'P', companyName: 'C', kind: 'new-issue', certificateType: 'organisation', keyAlgorithm: 'rsa-2048',
      years: 1, unitPriceFen: 1, quantity: this.quantity, remainingQuantity: this.remaining, openQuantity: 0, orderedAtUtc: '2026-01-01T00:00:00Z', codeExpiresAtUtc: null,
    };
    const calls: Partial<CaCaller> = {
      listPendingWritings: () => call(() => ({ items: [line], next: null })),
      listOpenIssuances: () => call(() => ({ items: this.issuances.filter((one) => one.state === 'started' || one.state === 'certified').map(view), next: null })),
      getIssuance: ({ params }) => call(() => view(find(params.issuanceId))),
      startIssuance: ({ body }) => call(() => view(this.#start(body.authorizationCode))),
      submitCsr: ({ params, body }) => call(() => view(this.#certify(find(params.issuanceId), fromBase64(body.csrDer)))),
      completeIssuance: ({ params, body }) => call(() => view(this.#complete(find(params.issuanceId), body))),
      cancelIssuance: ({ params }) => call(() => {
        const issuance = find(params.issuanceId);
        if (issuance.state === 'completed') throw new AppError('ISSUANCE_STATE');
        if (issuance.state !== 'cancelled') this.codeUses -= 1;
        issuance.state = 'cancelled';
        return view(issuance);
      }),
    };
    return calls as CaCaller;
  }

  #missing(): never {
    throw new AppError('NOT_FOUND');
  }

  #start(code: string): ModelIssuance {
    if (code !== CODE) throw new AppError('CODE_WRONG', { triesLeft: 4 });
    if (this.issuances.some((one) => one.state === 'started' || one.state === 'certified')) throw new AppError('ISSUANCE_OPEN_FOR_KEY');
    if (this.codeUses > 0) throw new AppError('CODE_USED_FOR_KEY');
    this.codeUses += 1;
    const issuance: ModelIssuance = {
      id: `issuance-${this.issuances.length}`, state: 'started', requestId: 'line-0001', kind: 'new-issue', keyPolicy: 'new-keys', replacesCertificateSerialHex: null, tokenSerial: SERIAL, tokenModelId: 'model', keyAlgorithm: 'rsa-2048',
      subject: { commonName: 'C', organisationName: null, unifiedSocialCreditCode: null, identityNumber: null, handlerName: null, province: null, locality: null },
      csrSubjectDer: toBase64(text('subject')), pair: null, remainingQuantity: 0, startedAtUtc: '2026-01-01T00:00:00Z', completedAtUtc: null, signKey: null, encryptKey: null,
    };
    this.issuances.push(issuance);
    return issuance;
  }

  #certify(issuance: ModelIssuance, csrDer: Uint8Array): ModelIssuance {
    const { publicKey } = JSON.parse(new TextDecoder().decode(csrDer)) as { publicKey: string };
    const signKey = fromBase64(publicKey);
    if (issuance.signKey && !equalBytes(issuance.signKey, signKey)) throw new AppError('ISSUANCE_KEY_CHANGED');
    if (issuance.state === 'cancelled') throw new AppError('ISSUANCE_STATE', { state: issuance.state });
    if (issuance.pair) return issuance;
    const encryptKey = text(`encrypt-key-${(this.#keys += 1)}`);
    const certificate = (key: Uint8Array, usage: string) => toBase64(text(JSON.stringify({ key: toBase64(key), usage, issuance: issuance.id })));
    const pair: IssuedPair = {
      signCertificateDer: certificate(this.lie === 'other key certified' ? text('another key') : signKey, 'digitalSignature'), encryptionCertificateDer: certificate(publicOf(encryptKey), 'keyEncipherment'), chainDer: [toBase64(text('root'))],
      envelopedEncryptionKey: { format: 'rsa-oaep+aes-kwp', wrappedKeyEncryptionKey: '', wrappedPrivateKey: toBase64(encryptKey) },
      challenge: { signNonce: toBase64(text('nonce')), decryptCiphertext: toBase64(toySeal(publicOf(encryptKey), text('secret'))) }, restorableKeys: [],
    };
    return Object.assign(issuance, { state: 'certified' as const, pair, signKey, encryptKey });
  }

  #complete(issuance: ModelIssuance, proof: { signature: string; decryptedSha256: string }): ModelIssuance {
    if (issuance.state !== 'certified' && issuance.state !== 'completed') throw new AppError('ISSUANCE_STATE', { state: issuance.state });
    const message = concatBytes(text(`BidKey completion v1\0${issuance.id}\0`), text('nonce'));
    if (proof.signature !== toBase64(sha256(concatBytes(issuance.signKey ?? new Uint8Array(), message)))) throw new AppError('COMPLETION_PROOF');
    if (proof.decryptedSha256 !== toHex(sha256(text('secret')))) throw new AppError('COMPLETION_PROOF');
    issuance.state = 'completed';
    return issuance;
  }
}

/** Toy cryptography: the public key is the hash of the private one; good for telling keys apart and for nothing else. */
const publicOf = (key: Uint8Array) => sha256(key);
const toySign = (key: Uint8Array, message: Uint8Array) => sha256(concatBytes(publicOf(key), message));
const toySeal = (publicKey: Uint8Array, plaintext: Uint8Array) => concatBytes(publicKey, plaintext);
function toyOpen(key: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  if (!equalBytes(ciphertext.subarray(0, 32), publicOf(key))) throw new AppError('DECRYPT_FAILED');
  return ciphertext.subarray(32);
}

let randomCounter = 0;
const MODEL_CRYPTO: CryptoPort = {
  verify: async (_algorithm, publicKey, message, signature) => equalBytes(signature, sha256(concatBytes(publicKey, message))),
  encrypt: async (_algorithm, publicKey, plaintext) => toySeal(publicKey, plaintext),
  digest: (_algorithm, message) => sha256(message),
  randomBytes: (length) => sha256(text(`random ${(randomCounter += 1)}`)).slice(0, length),
};

const MODEL_CERTIFICATES: CertificateTools = {
  readCertificate(der) {
    const { key, usage } = JSON.parse(new TextDecoder().decode(der)) as { key: string; usage: string };
    return { serialHex: toHex(sha256(der)).slice(0, 32), keyAlgorithm: 'rsa-2048', subjectDer: text('subject'), publicKeySpkiDer: fromBase64(key), keyUsages: [usage], isAuthority: false, notBefore: new Date(0), notAfter: new Date(1) };
  },
  verifyChain: async () => ({ valid: true }),
  makeRequest: async (_subject, publicKey, _algorithm, sign) => text(JSON.stringify({ publicKey: toBase64(publicKey), signature: toBase64(await sign(publicKey)) })),
  verifyRequest: async (der) => ({ publicKeySpkiDer: fromBase64((JSON.parse(new TextDecoder().decode(der)) as { publicKey: string }).publicKey) }),
};

const WRITES = ['create', 'note', 'beginStep', 'endStep', 'rewind', 'interrupt', 'resume', 'finish'] as const;
function guardedJournal(journal: DeedJournal, fuse: Fuse): DeedJournal {
  const guarded: Record<string, unknown> = { ...journal };
  for (const name of WRITES) {
    const write = journal[name] as (...args: unknown[]) => unknown;
    guarded[name] = (...args: unknown[]) => fuse.around('journal', () => write(...args));
  }
  return guarded as unknown as DeedJournal;
}
