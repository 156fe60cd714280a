/** A service in memory for the state machine: requests with their codes, issuances, escrow, administrator PINs. Its rules are those of the real one as far as a deed meets them. */
import type { Issuance, IssuedPair, RestorableKey } from '#shared/contract/rest/issuances.ts';
import type { KeyRecovery } from '#shared/contract/rest/keys.ts';
import type { PendingWriting, RequestKind } from '#shared/contract/rest/orders.ts';
import type { KeyPolicy, Request } from '#shared/contract/rest/requests.ts';
import { fromBase64, toBase64 } from '#shared/bytes/base64.ts';
import { concatBytes, equalBytes } from '#shared/bytes/byte-strings.ts';
import { toHex } from '#shared/bytes/hex.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { CaCaller } from '../../src-main/ca-client/ca-client.ts';
import type { Fuse } from './fuse.ts';
import { FACTORY_ADMIN_PIN, publicOf, sha256, text, toySeal } from './model-key.ts';

export const CODE = '598983';

export interface ModelRequest {
  readonly id: string;
  readonly kind: RequestKind;
  readonly keyPolicy: KeyPolicy | null;
  readonly tokenSerial: string | null;
  readonly certificateSerialHex: string | null;
  readonly quantity: number;
  state: Request['state'];
  codeUses: number;
  /** Unlock: which deed has the administrator PINs. */
  deedId: string | null;
  /** Key recovery: on which key it has begun. */
  recoveryOn: string | null;
}

/** `signKey` is the public half. */
type ModelIssuance = { -readonly [K in keyof Issuance]: Issuance[K] } & { signKey: Uint8Array | null; encryptKey: Uint8Array | null };
interface ModelCertificate { readonly serialHex: string; readonly der: Uint8Array; readonly issuanceId: string; readonly tokenSerial: string; readonly encryptKey: Uint8Array | null; state: 'pending' | 'active' | 'revoked' }

export class ModelCa {
  requests = new Map<string, ModelRequest>();
  issuances: ModelIssuance[] = [];
  certificates: ModelCertificate[] = [];
  administratorPins = new Map<string, { current: string | null; next: string | null }>();
  certifiesAnotherKey = false;
  #made = 0;

  addRequest(kind: RequestKind, facts: Partial<Omit<ModelRequest, 'id' | 'kind'>> = {}): ModelRequest {
    const request: ModelRequest = { id: `request-${(this.#made += 1)}`, kind, keyPolicy: null, tokenSerial: null, certificateSerialHex: null, quantity: 1, state: 'code-sent', codeUses: 0, deedId: null, recoveryOn: null, ...facts };
    this.requests.set(request.id, request);
    return request;
  }

  activePairs(tokenSerial: string): number {
    return this.certificates.filter((one) => one.state === 'active' && one.tokenSerial === tokenSerial).length / 2;
  }

  /** Of the active signing certificate of a key. */
  activeSigner(tokenSerial: string): string {
    return this.certificates.find((one) => one.state === 'active' && one.tokenSerial === tokenSerial && one.encryptKey === null)?.serialHex ?? 'none';
  }

  /** Which key-encrypting certificates there are, with what their keys open. */
  encryptionKeys(): readonly Uint8Array[] {
    return this.certificates.flatMap(({ encryptKey, state }) => (encryptKey && state !== 'pending' ? [publicOf(encryptKey)] : []));
  }

  remaining(request: ModelRequest): number {
    return request.quantity - this.issuances.filter((one) => one.requestId === request.id && one.state !== 'cancelled').length;
  }

  port(fuse: Fuse): CaCaller {
    const call = async <T>(work: () => T): Promise<T> => fuse.around('ca', work);
    const calls: Partial<CaCaller> = {
      listPendingWritings: () => call(() => ({ items: [...this.requests.values()].filter((one) => one.kind === 'new-issue' && one.state !== 'completed').map((one) => this.#pending(one)), next: null })),
      getRequest: ({ params }) => call(() => this.#requestView(this.#request(params.requestId))),
      getCertificate: ({ params }) => call(() => ({ ...this.#certificateView(this.certificates.find((one) => one.serialHex === params.serialHex) ?? refuse('NOT_FOUND')) })),
      listOpenIssuances: ({ query }) => call(() => ({ items: this.issuances.filter((one) => (one.state === 'started' || one.state === 'certified') && one.requestId === query?.requestId && one.tokenSerial === query.tokenSerial).map((one) => this.#view(one)), next: null })),
      getIssuance: ({ params }) => call(() => this.#view(this.#issuance(params.issuanceId))),
      startIssuance: ({ body }) => call(() => this.#view(this.#start(this.#request(body.requestId), body.authorizationCode, body.tokenSerial))),
      submitCsr: ({ params, body }) => call(() => this.#view(this.#certify(this.#issuance(params.issuanceId), fromBase64(body.csrDer)))),
      completeIssuance: ({ params, body }) => call(() => this.#view(this.#complete(this.#issuance(params.issuanceId), body))),
      cancelIssuance: ({ params }) => call(() => this.#view(this.#cancel(this.#issuance(params.issuanceId)))),
      restoreKeyOnIssuance: ({ params, body }) => call(() => {
        const { signKey } = this.#issuance(params.issuanceId);
        return this.#restore(params.serialHex, params.issuanceId, body, signKey ?? refuse('ISSUANCE_STATE'));
      }),
      releaseAdministratorPin: ({ params, body }) => call(() => this.#release(this.#request(params.requestId), body)),
      completeUnlock: ({ params, body }) => call(() => {
        const request = this.#request(params.requestId);
        if (request.deedId !== body.deedId) throw new AppError('ADMINISTRATOR_PIN_OTHER_DEED');
        if (request.state !== 'writing' && request.state !== 'completed') refuse('REQUEST_STATE');
        const pins = this.administratorPins.get(request.tokenSerial ?? '');
        if (pins?.next) this.administratorPins.set(request.tokenSerial ?? '', { current: pins.next, next: null });
        request.state = 'completed';
        return { requestId: request.id, state: request.state, certificates: [] };
      }),
      depositAdministratorPin: ({ params, body }) => call(() => {
        const pins = this.administratorPins.get(params.tokenSerial) ?? { current: null, next: null };
        if (pins.current !== null && pins.next === null) throw new AppError('ADMINISTRATOR_PIN_DEPOSITED');
        const next = pins.next ?? `admin-${(this.#made += 1)}`;
        this.administratorPins.set(params.tokenSerial, { current: body.currentAdministratorPin, next });
        return { tokenSerial: params.tokenSerial, nextAdministratorPin: next };
      }),
      confirmAdministratorPin: ({ params }) => call(() => {
        const pins = this.administratorPins.get(params.tokenSerial);
        if (pins?.next) this.administratorPins.set(params.tokenSerial, { current: pins.next, next: null });
        return { tokenSerial: params.tokenSerial, state: 'in-force', changedAtUtc: null };
      }),
      getKeyRecovery: ({ params }) => call(() => this.#recoveryView(this.#request(params.requestId))),
      startKeyRecovery: ({ params, body }) => call(() => {
        const request = this.#request(params.requestId);
        if (request.state !== 'code-sent' && request.state !== 'writing') refuse('REQUEST_STATE');
        if (body.authorizationCode !== CODE) throw new AppError('CODE_WRONG', { triesLeft: 4 });
        if (request.recoveryOn === null) request.codeUses += 1;
        Object.assign(request, { recoveryOn: body.tokenSerial, state: 'writing' });
        return this.#recoveryView(request);
      }),
      restoreKeyOnRequest: ({ params, body }) => call(() => {
        const { signCertificateSerialHex, state } = this.#recoveryView(this.#request(params.requestId));
        if (state !== 'writing') refuse('REQUEST_STATE');
        const signer = this.certificates.find((one) => one.serialHex === signCertificateSerialHex) ?? refuse('NOT_FOUND');
        return this.#restore(params.serialHex, params.requestId, body, this.#issuance(signer.issuanceId).signKey ?? refuse('REQUEST_STATE'));
      }),
      completeKeyRecovery: ({ params }) => call(() => {
        const request = this.#request(params.requestId);
        if (request.state !== 'writing' && request.state !== 'completed') refuse('REQUEST_STATE');
        request.state = 'completed';
        return { requestId: request.id, state: request.state, certificates: [] };
      }),
    };
    return calls as CaCaller;
  }

  #request(id: string): ModelRequest {
    return this.requests.get(id) ?? refuse('NOT_FOUND');
  }

  #issuance(id: string): ModelIssuance {
    return this.issuances.find((one) => one.id === id) ?? refuse('NOT_FOUND');
  }

  #view({ signKey: _sign, encryptKey: _encrypt, ...issuance }: ModelIssuance): Issuance {
    return { ...issuance, remainingQuantity: this.remaining(this.#request(issuance.requestId)) };
  }

  #pending(request: ModelRequest): PendingWriting {
    return {
      requestId: request.id, requestNumber: 'SQ1', orderId: 'order-0001', orderNumber: 'N1', orderName: 'x', projectName: 'P', companyName: 'C', kind: request.kind, certificateType: 'organisation', keyAlgorithm: 'rsa-2048',
      years: 1, unitPriceFen: 1, quantity: request.quantity, remainingQuantity: this.remaining(request), openQuantity: 0, orderedAtUtc: '2026-01-01T00:00:00Z', codeExpiresAtUtc: null,
    };
  }

  #requestView(request: ModelRequest): Request {
    const { id, kind, keyPolicy, tokenSerial, certificateSerialHex, quantity, state } = request;
    return {
      id, kind, keyPolicy, tokenSerial, certificateSerialHex, quantity, state, number: 'SQ1', version: 1, projectId: 'project-1', projectName: 'P', keyAlgorithm: 'rsa-2048', tokenModelId: null, certificateSubject: 'CN=C', certificateNotAfterUtc: null,
      subject: null, changeKindId: null, revocationReason: null, oldKeyHandling: null, itemId: null, years: 1, unitPriceFen: 1, writtenQuantity: 0, openQuantity: 0, remainingQuantity: this.remaining(request),
      orderId: null, orderNumber: null, refundedFen: 0, materials: [], riskNoticeAcceptedAtUtc: null, rejectionReason: null, claimedByStaffId: null, recoveryApprovals: 2, codeExpiresAtUtc: null, createdAtUtc: '2026-01-01T00:00:00Z',
      submittedAtUtc: null, expiresAtUtc: null, history: [],
    };
  }

  #certificateView({ serialHex, der, issuanceId, tokenSerial, encryptKey, state }: ModelCertificate) {
    return {
      serialHex, state, issuanceId, tokenSerial, purpose: encryptKey ? 'encrypt' as const : 'sign' as const, subject: 'CN=C', issuer: 'CN=CA', projectName: 'P', notBeforeUtc: '2026-01-01T00:00:00Z', notAfterUtc: '2027-01-01T00:00:00Z',
      sha256Hex: toHex(sha256(der)), certificateDer: toBase64(der), revokedAtUtc: null, revocationReason: null,
    };
  }

  #start(request: ModelRequest, code: string, tokenSerial: string): ModelIssuance {
    if (code !== CODE) throw new AppError('CODE_WRONG', { triesLeft: 4 });
    if (this.issuances.some((one) => one.tokenSerial === tokenSerial && (one.state === 'started' || one.state === 'certified'))) throw new AppError('ISSUANCE_OPEN_FOR_KEY');
    if (request.codeUses > 0) throw new AppError('CODE_USED_FOR_KEY');
    request.codeUses += 1;
    request.state = 'writing';
    const issuance: ModelIssuance = {
      id: `issuance-${this.issuances.length}`, state: 'started', requestId: request.id, kind: request.kind, keyPolicy: request.keyPolicy ?? 'new-keys', replacesCertificateSerialHex: request.certificateSerialHex, tokenSerial, tokenModelId: 'model', keyAlgorithm: 'rsa-2048',
      subject: { commonName: 'C', organisationName: null, unifiedSocialCreditCode: null, identityNumber: null, handlerName: null, province: null, locality: null },
      csrSubjectDer: toBase64(text('subject')), pair: null, remainingQuantity: 0, startedAtUtc: '2026-01-01T00:00:00Z', completedAtUtc: null, signKey: null, encryptKey: null,
    };
    this.issuances.push(issuance);
    return issuance;
  }

  #certify(issuance: ModelIssuance, csrDer: Uint8Array): ModelIssuance {
    const { publicKey } = JSON.parse(new TextDecoder().decode(csrDer)) as { publicKey: string };
    const signPublic = fromBase64(publicKey);
    if (issuance.signKey && !equalBytes(issuance.signKey, signPublic)) throw new AppError('ISSUANCE_KEY_CHANGED');
    if (issuance.state === 'cancelled') throw new AppError('ISSUANCE_STATE', { state: issuance.state });
    if (issuance.pair) return issuance;
    const kept = issuance.keyPolicy === 'same-keys' ? this.#escrowOfPair(issuance.replacesCertificateSerialHex ?? '') : null;
    const encryptKey = kept ?? text(`encrypt-key-${(this.#made += 1)}`);
    const certificate = (key: Uint8Array, usage: string) => text(JSON.stringify({ key: toBase64(key), usage, issuance: issuance.id }));
    const signDer = certificate(this.certifiesAnotherKey ? text('another key') : signPublic, 'digitalSignature');
    const encryptDer = certificate(publicOf(encryptKey), 'keyEncipherment');
    const pair: IssuedPair = {
      signCertificateDer: toBase64(signDer), encryptionCertificateDer: toBase64(encryptDer), chainDer: [toBase64(text('root'))],
      envelopedEncryptionKey: kept ? null : { format: 'rsa-oaep+aes-kwp', wrappedKeyEncryptionKey: '', wrappedPrivateKey: toBase64(encryptKey) },
      challenge: { signNonce: toBase64(text('nonce')), decryptCiphertext: toBase64(toySeal(publicOf(encryptKey), text('secret'))) }, restorableKeys: issuance.kind === 'reissue' ? this.#restorable() : [],
    };
    for (const [der, key] of [[signDer, null], [encryptDer, encryptKey]] as const) this.certificates.push({ serialHex: toHex(sha256(der)).slice(0, 32), der, issuanceId: issuance.id, tokenSerial: issuance.tokenSerial, encryptKey: key, state: 'pending' });
    return Object.assign(issuance, { state: 'certified' as const, pair, signKey: signPublic, encryptKey });
  }

  #complete(issuance: ModelIssuance, proof: { signature: string; decryptedSha256: string }): ModelIssuance {
    if (issuance.state !== 'certified' && issuance.state !== 'completed') throw new AppError('ISSUANCE_STATE', { state: issuance.state });
    const message = concatBytes(text(`BidKey completion v1\0${issuance.id}\0`), text('nonce'));
    if (proof.signature !== toBase64(sha256(concatBytes(issuance.signKey ?? new Uint8Array(), message)))) throw new AppError('COMPLETION_PROOF');
    if (proof.decryptedSha256 !== toHex(sha256(text('secret')))) throw new AppError('COMPLETION_PROOF');
    if (issuance.state === 'completed') return issuance;
    issuance.state = 'completed';
    const request = this.#request(issuance.requestId);
    const old = this.certificates.find((one) => one.serialHex === issuance.replacesCertificateSerialHex);
    for (const one of this.certificates) if (one.state === 'active' && old && one.issuanceId === old.issuanceId) one.state = 'revoked';
    for (const one of this.certificates) if (one.issuanceId === issuance.id) one.state = 'active';
    if (this.remaining(request) === 0) request.state = 'completed';
    return issuance;
  }

  #cancel(issuance: ModelIssuance): ModelIssuance {
    if (issuance.state === 'completed') throw new AppError('ISSUANCE_STATE');
    const request = this.#request(issuance.requestId);
    if (issuance.state !== 'cancelled') request.codeUses -= 1;
    issuance.state = 'cancelled';
    request.state = 'code-sent';
    for (const one of this.certificates) if (one.issuanceId === issuance.id) one.state = 'revoked';
    return issuance;
  }

  #escrowOfPair(signSerialHex: string): Uint8Array {
    const sign = this.certificates.find((one) => one.serialHex === signSerialHex) ?? refuse('NOT_FOUND');
    return this.certificates.find((one) => one.issuanceId === sign.issuanceId && one.encryptKey !== null)?.encryptKey ?? refuse('NOT_FOUND');
  }

  /** Old encryption keys of pairs that were in force once. */
  #restorable(): RestorableKey[] {
    const once = this.certificates.filter(({ encryptKey, issuanceId }) => encryptKey !== null && this.#issuance(issuanceId).state === 'completed');
    return once.map(({ der, serialHex }) => ({ certificateDer: toBase64(der), certificateSerialHex: serialHex, from: 'escrow' }));
  }

  #recoveryView(request: ModelRequest): KeyRecovery {
    if (request.recoveryOn === null) throw new AppError('REQUEST_STATE', { state: request.state });
    return { requestId: request.id, state: request.state, tokenSerial: request.recoveryOn, signCertificateSerialHex: this.activeSigner(request.recoveryOn), restorableKeys: this.#restorable() };
  }

  #restore(serialHex: string, id: string, { openingPublicKeySpkiDer, signature }: { openingPublicKeySpkiDer: string; signature: string }, vouching: Uint8Array) {
    const message = concatBytes(text(`BidKey restore v1\0${id}\0${serialHex}\0`), sha256(fromBase64(openingPublicKeySpkiDer)));
    if (signature !== toBase64(sha256(concatBytes(vouching, message)))) throw new AppError('RESTORE_PROOF');
    const found = this.certificates.find((one) => one.serialHex === serialHex && one.encryptKey !== null);
    if (!found?.encryptKey) throw new AppError('NOT_FOUND');
    return { certificateSerialHex: serialHex, certificateDer: toBase64(found.der), envelopedEncryptionKey: { format: 'rsa-oaep+aes-kwp' as const, wrappedKeyEncryptionKey: '', wrappedPrivateKey: toBase64(found.encryptKey) } };
  }

  #release(request: ModelRequest, { authorizationCode, tokenSerial, deedId }: { authorizationCode: string | null; tokenSerial: string; deedId: string }) {
    if (request.tokenSerial !== tokenSerial) throw new AppError('REQUEST_OTHER_KEY');
    if (request.state !== 'code-sent' && request.state !== 'writing') throw new AppError('REQUEST_STATE', { state: request.state });
    if (request.deedId !== null && request.deedId !== deedId) throw new AppError('ADMINISTRATOR_PIN_OTHER_DEED');
    if (request.deedId === null) {
      if (authorizationCode !== CODE) throw new AppError('CODE_WRONG', { triesLeft: 4 });
      Object.assign(request, { deedId, state: 'writing' });
      request.codeUses += 1;
    }
    const pins = this.administratorPins.get(tokenSerial) ?? { current: FACTORY_ADMIN_PIN, next: null };
    const next = pins.next ?? `admin-${(this.#made += 1)}`;
    this.administratorPins.set(tokenSerial, { ...pins, next });
    return { requestId: request.id, tokenSerial, administratorPin: pins.current, nextAdministratorPin: next, proofWanted: false };
  }
}

function refuse(code: 'NOT_FOUND' | 'ISSUANCE_STATE' | 'REQUEST_STATE'): never {
  throw new AppError(code);
}
