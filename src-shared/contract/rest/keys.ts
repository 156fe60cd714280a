/** Keys: their administrator PINs (kept wrapped, given out once per approved unlock), and encryption keys brought back from escrow. */
import { AuthorizationCode, Base64, Hex, Id, Nullable, Secret, TokenSerial, Type, UtcTime, strictObject, type Static } from '../schema.ts';
import { RequestConfirmation } from './certificates.ts';
import { endpoint } from './endpoint.ts';
import { EnvelopedEncryptionKey, RestorableKey } from './issuances.ts';

/** A PIN in an answer: for the tool's call to the key, and for nothing else. */
const PinAnswer = (description: string) => Type.String({ minLength: 1, maxLength: 64, description, readOnly: true, 'x-secret': true });

/**
 * none: nothing deposited, the key has its model's factory PIN or one that nobody told; changing: a next PIN was given out and not confirmed, so that
 * either the current or the next one fits; in-force: the current one fits.
 */
export const AdministratorPinState = strictObject(
  {
    tokenSerial: TokenSerial,
    state: Type.Union([Type.Literal('none'), Type.Literal('changing'), Type.Literal('in-force')]),
    changedAtUtc: Nullable(UtcTime('last deposit, release or confirmation')),
  },
  { $id: 'AdministratorPinState' },
);
export type AdministratorPinState = Static<typeof AdministratorPinState>;

export const AdministratorPinRelease = strictObject(
  {
    requestId: Id('request'),
    tokenSerial: TokenSerial,
    administratorPin: Nullable(PinAnswer('PIN that fits; null: the factory PIN of the model')),
    nextAdministratorPin: PinAnswer('PIN to put into its place in the same deed; it fits when an earlier change was cut off before its confirmation'),
    proofWanted: Type.Boolean({ description: 'the key has an active certificate, so the completion needs a signature of it' }),
  },
  { $id: 'AdministratorPinRelease' },
);
export type AdministratorPinRelease = Static<typeof AdministratorPinRelease>;

export const RestoredKey = strictObject(
  { certificateSerialHex: Hex(40, 'serial number of the encryption certificate'), certificateDer: Base64(16384, 'encryption certificate'), envelopedEncryptionKey: EnvelopedEncryptionKey },
  { $id: 'RestoredKey' },
);
export type RestoredKey = Static<typeof RestoredKey>;

/** A key-recovery request being carried out on a key that holds a working pair of the same holder. */
export const KeyRecovery = strictObject(
  {
    requestId: Id('request'),
    state: Type.String({ maxLength: 32, description: 'state of the request now' }),
    tokenSerial: TokenSerial,
    signCertificateSerialHex: Hex(40, 'certificate of the key that signs for opening keys'),
    restorableKeys: Type.Array(RestorableKey),
  },
  { $id: 'KeyRecovery' },
);
export type KeyRecovery = Static<typeof KeyRecovery>;

const keyParams = strictObject({ tokenSerial: TokenSerial });
const requestParams = strictObject({ requestId: Id('request') });
const idempotencyErrors = ['IDEMPOTENCY_KEY_MISSING', 'IDEMPOTENCY_KEY_REUSED', 'IDEMPOTENCY_IN_FLIGHT'] as const;
const codeErrors = ['CODE_WRONG', 'CODE_VOID', 'CODE_EXPIRED', 'CODE_USED_FOR_KEY', 'CODE_NOT_FOR_THIS'] as const;
const openingKey = strictObject({
  openingPublicKeySpkiDer: Base64(1024, 'RSA-2048 or SM2 public key whose private half is on the token'),
  signature: Base64(1024, 'by the signing key over `BidKey restore v1` ‖ 0x00 ‖ issuance or request id ‖ 0x00 ‖ serial number ‖ 0x00 ‖ SHA-256 of the opening public key'),
});
const restoreErrors = ['NOT_FOUND', 'RECOVERY_NOT_APPROVED', 'RECOVERY_DELIVERED_TOO_OFTEN', 'RESTORE_PROOF', 'CSR_KEY_ALGORITHM', 'CSR_KEY_WEAK', 'KEY_INVALID', 'CERTIFICATE_STATE'] as const;

export const keyEndpoints = {
  getAdministratorPinState: endpoint({ method: 'GET', path: '/v1/keys/:tokenSerial/administrator-pin', summary: 'Whether an administrator PIN of a key of mine is deposited; never the PIN', tag: 'Keys', access: 'account', status: 200, params: keyParams, response: AdministratorPinState, errors: ['NOT_FOUND'] }),
  depositAdministratorPin: endpoint({
    method: 'PUT', path: '/v1/keys/:tokenSerial/administrator-pin', summary: 'Take a key’s administrator PIN over: answers with a random one to put into its place. Again before the confirmation: the same answer.', tag: 'Keys', access: 'account', status: 200, params: keyParams,
    body: strictObject({
      currentAdministratorPin: Nullable(Secret(64, 'PIN of the key now; null: the factory PIN of its model')),
      nextLength: Type.Optional(Type.Integer({ minimum: 8, maximum: 16, default: 16, description: 'characters that the model allows' })),
    }),
    response: strictObject({ tokenSerial: TokenSerial, nextAdministratorPin: PinAnswer('random; letters and digits') }),
    errors: ['NOT_FOUND', 'ADMINISTRATOR_PIN_DEPOSITED', 'ADMINISTRATOR_PIN_NOT_YOURS'],
  }),
  confirmAdministratorPin: endpoint({
    method: 'PUT', path: '/v1/keys/:tokenSerial/administrator-pin/confirmation', summary: 'The key took the next administrator PIN', tag: 'Keys', access: 'account', status: 200, params: keyParams,
    response: AdministratorPinState, errors: ['NOT_FOUND', 'ADMINISTRATOR_PIN_NOT_YOURS'],
  }),
  releaseAdministratorPin: endpoint({
    method: 'POST', path: '/v1/requests/:requestId/administrator-pin-release', summary: 'Unlock: spends the code on the key and answers with its administrator PIN. Again for the same deed while it is being written: the same PINs, without a code.', tag: 'Keys', access: 'account', idempotent: true, status: 200, params: requestParams,
    body: strictObject({ authorizationCode: Nullable(AuthorizationCode), tokenSerial: TokenSerial, deedId: Id('deed of the tool') }), response: AdministratorPinRelease,
    errors: ['NOT_FOUND', 'REQUEST_STATE', 'REQUEST_OTHER_KEY', 'ADMINISTRATOR_PIN_NONE', 'ADMINISTRATOR_PIN_NOT_YOURS', 'ADMINISTRATOR_PIN_OTHER_DEED', 'ADMINISTRATOR_PIN_REPLACED', ...codeErrors, ...idempotencyErrors],
  }),
  completeUnlock: endpoint({
    method: 'PUT', path: '/v1/requests/:requestId/unlock-completion', summary: 'The user PIN is set and the administrator PIN changed; the next one is now in force', tag: 'Keys', access: 'account', status: 200, params: requestParams,
    body: strictObject({ deedId: Id('deed of the tool'), rotated: Type.Literal(true), proof: Nullable(strictObject({ challengeId: Id('challenge'), signature: Base64(1024, 'over the message of the challenge') })) }), response: RequestConfirmation,
    errors: ['NOT_FOUND', 'REQUEST_STATE', 'ADMINISTRATOR_PIN_OTHER_DEED', 'ADMINISTRATOR_PIN_REPLACED', 'UNLOCK_PROOF_MISSING', 'CHALLENGE_UNKNOWN', 'CHALLENGE_USED', 'CHALLENGE_EXPIRED', 'CHALLENGE_SIGNATURE'],
  }),
  restoreKeyOnIssuance: endpoint({
    method: 'PUT', path: '/v1/issuances/:issuanceId/restored-keys/:serialHex', summary: 'An old encryption key out of escrow, enveloped for a key of the token that the issuance’s new signing key vouches for', tag: 'Keys', access: 'account', status: 200,
    params: strictObject({ issuanceId: Id('issuance'), serialHex: Hex(40, 'serial number of the old encryption certificate') }), body: openingKey, response: RestoredKey, errors: ['ISSUANCE_STATE', ...restoreErrors],
  }),
  startKeyRecovery: endpoint({
    method: 'POST', path: '/v1/requests/:requestId/key-recovery', summary: 'Begin a key recovery on a key that holds a working pair: spends the code on that key', tag: 'Keys', access: 'account', idempotent: true, status: 201, params: requestParams,
    body: strictObject({ authorizationCode: AuthorizationCode, tokenSerial: TokenSerial }), response: KeyRecovery,
    errors: ['NOT_FOUND', 'REQUEST_STATE', 'REQUEST_OTHER_KEY', 'RECOVERY_NOT_APPROVED', 'CERTIFICATE_STATE', ...codeErrors, ...idempotencyErrors],
  }),
  getKeyRecovery: endpoint({ method: 'GET', path: '/v1/requests/:requestId/key-recovery', summary: 'A key recovery that has begun', tag: 'Keys', access: 'account', status: 200, params: requestParams, response: KeyRecovery, errors: ['NOT_FOUND', 'REQUEST_STATE'] }),
  restoreKeyOnRequest: endpoint({
    method: 'PUT', path: '/v1/requests/:requestId/restored-keys/:serialHex', summary: 'The same for a key recovery: vouched for by the signing key of the working pair', tag: 'Keys', access: 'account', status: 200,
    params: strictObject({ requestId: Id('request'), serialHex: Hex(40, 'serial number of the old encryption certificate') }), body: openingKey, response: RestoredKey, errors: ['REQUEST_STATE', ...restoreErrors],
  }),
  completeKeyRecovery: endpoint({
    method: 'PUT', path: '/v1/requests/:requestId/key-recovery-completion', summary: 'The old keys are on the key and were used there', tag: 'Keys', access: 'account', status: 200, params: requestParams, response: RequestConfirmation, errors: ['NOT_FOUND', 'REQUEST_STATE'],
  }),
} as const;
