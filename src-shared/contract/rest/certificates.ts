/**
 * Certificates that the service issued: search, detail, and the end of their validity – revocation, suspension and release by staff, and the holder's
 * own word on a request, given with the key or with a code. Chain and CRL have standard, unversioned addresses.
 */
import { AuthorizationCode, Base64, Hex, Id, Nullable, TokenSerial, Type, UtcTime, strictObject, type Static } from '../schema.ts';
import { endpoint } from './endpoint.ts';
import { pageQuery } from './orders.ts';
import { RevocationReason } from './requests.ts';

/** pending: issued, not yet proven on the key; active; suspended: on the revocation list with certificateHold, can be released; revoked: for ever. Expiry follows from notAfterUtc. */
export const CertificateState = Type.Union([Type.Literal('pending'), Type.Literal('active'), Type.Literal('suspended'), Type.Literal('revoked')]);
export type CertificateState = Static<typeof CertificateState>;

export const CertificateRecord = strictObject(
  {
    serialHex: Hex(40, 'certificate serial number'),
    purpose: Type.Union([Type.Literal('sign'), Type.Literal('encrypt')]),
    state: CertificateState,
    subject: Type.String({ description: 'RFC 4514 form' }),
    issuer: Type.String({ description: 'RFC 4514 form' }),
    projectName: Type.String(),
    tokenSerial: TokenSerial,
    issuanceId: Id('issuance'),
    notBeforeUtc: UtcTime('valid from'),
    notAfterUtc: UtcTime('valid to'),
    sha256Hex: Hex(64, 'fingerprint of the certificate'),
    certificateDer: Base64(16384, 'certificate'),
    revokedAtUtc: Nullable(UtcTime('when revoked or suspended')),
    revocationReason: Nullable(Type.String({ maxLength: 32, description: 'RFC 5280 §5.3.1; certificateHold while suspended' })),
  },
  { $id: 'CertificateRecord' },
);
export type CertificateRecord = Static<typeof CertificateRecord>;

/**
 * Something to be signed by a key, once, within two minutes. The message is
 * `BidKey <purpose> v1` ‖ 0x00 ‖ origin of the service ‖ 0x00 ‖ challenge id ‖ 0x00 ‖ SHA-256 of the certificate (32) ‖ 32 random bytes,
 * so that it is never a signature of anything else and never one for another service; a tool checks this before it lets a key sign.
 */
export const KeyChallenge = strictObject(
  {
    challengeId: Id('challenge'),
    message: Base64(1024, 'what is signed: RSA PKCS#1 v1.5 with SHA-256, or SM2 with SM3 and the default user id (DER)'),
    expiresAtUtc: UtcTime('end of the challenge'),
  },
  { $id: 'KeyChallenge' },
);
export type KeyChallenge = Static<typeof KeyChallenge>;

/** What became of a request by the holder's word. */
export const RequestConfirmation = strictObject(
  {
    requestId: Id('request'),
    state: Type.String({ maxLength: 32, description: 'state of the request now' }),
    certificates: Type.Array(CertificateRecord, { description: 'the pair that it is about, as it stands now' }),
  },
  { $id: 'RequestConfirmation' },
);
export type RequestConfirmation = Static<typeof RequestConfirmation>;

const serialParams = strictObject({ serialHex: Hex(40, 'serial') });
const requestParams = strictObject({ requestId: Id('request') });
const note = Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'for the audit log; no personal data' }));
const pair = strictObject({ items: Type.Array(CertificateRecord, { description: 'both certificates of the pair' }) });

export const certificateEndpoints = {
  searchCertificates: endpoint({
    method: 'GET', path: '/v1/certificates', summary: 'My certificates (staff: all)', tag: 'Certificates', access: 'account', status: 200,
    query: strictObject({ ...pageQuery, serialHex: Type.Optional(Hex(40, 'serial')), subject: Type.Optional(Type.String({ maxLength: 64, description: 'part of the subject' })), tokenSerial: Type.Optional(TokenSerial), state: Type.Optional(CertificateState) }),
    response: strictObject({ items: Type.Array(CertificateRecord), next: Nullable(Type.String()) }), errors: ['CURSOR_INVALID'],
  }),
  getCertificate: endpoint({ method: 'GET', path: '/v1/certificates/:serialHex', summary: 'One certificate', tag: 'Certificates', access: 'account', status: 200, params: serialParams, response: CertificateRecord, errors: ['NOT_FOUND'] }),
  revokeCertificate: endpoint({
    method: 'POST', path: '/v1/certificates/:serialHex/revocation', summary: 'Revoke the pair that this certificate belongs to; for ever', tag: 'Certificates', access: 'staff', status: 200, params: serialParams,
    body: strictObject({ reason: RevocationReason, note }), response: pair, errors: ['NOT_FOUND', 'CERTIFICATE_STATE'],
  }),
  suspendCertificate: endpoint({
    method: 'POST', path: '/v1/certificates/:serialHex/suspension', summary: 'Suspend the pair (certificateHold); it can be released', tag: 'Certificates', access: 'staff', status: 200, params: serialParams,
    body: strictObject({ note }), response: pair, errors: ['NOT_FOUND', 'CERTIFICATE_STATE'],
  }),
  releaseCertificate: endpoint({
    method: 'POST', path: '/v1/certificates/:serialHex/release', summary: 'Release a suspended pair; it leaves the revocation list', tag: 'Certificates', access: 'staff', status: 200, params: serialParams,
    body: strictObject({ note }), response: pair, errors: ['NOT_FOUND', 'CERTIFICATE_STATE'],
  }),
  createRequestChallenge: endpoint({
    method: 'POST', path: '/v1/requests/:requestId/key-challenges', summary: 'Challenge for the signing key of the certificate that a request is about (revocation, suspension), or of the key that is being unlocked', tag: 'Certificates', access: 'account', status: 201, params: requestParams,
    response: KeyChallenge, errors: ['NOT_FOUND', 'REQUEST_STATE', 'CONFIRMATION_NOT_BY_KEY', 'CERTIFICATE_STATE'],
  }),
  confirmRequestByKey: endpoint({
    method: 'POST', path: '/v1/requests/:requestId/key-confirmation', summary: 'Revocation or suspension confirmed by the certificate’s own signing key: done at once, without review', tag: 'Certificates', access: 'account', status: 200, params: requestParams,
    body: strictObject({ challengeId: Id('challenge'), signature: Base64(1024, 'over the message of the challenge') }), response: RequestConfirmation,
    errors: ['NOT_FOUND', 'REQUEST_STATE', 'CONFIRMATION_NOT_BY_KEY', 'CERTIFICATE_STATE', 'CHALLENGE_UNKNOWN', 'CHALLENGE_USED', 'CHALLENGE_EXPIRED', 'CHALLENGE_SIGNATURE'],
  }),
  confirmRequestByCode: endpoint({
    method: 'POST', path: '/v1/requests/:requestId/code-confirmation', summary: 'Revocation or suspension confirmed by the authorization code that was sent for it: done at once, without review', tag: 'Certificates', access: 'account', idempotent: true, status: 200, params: requestParams,
    body: strictObject({ authorizationCode: AuthorizationCode }), response: RequestConfirmation,
    errors: ['NOT_FOUND', 'REQUEST_STATE', 'CERTIFICATE_STATE', 'CODE_WRONG', 'CODE_VOID', 'CODE_EXPIRED', 'CODE_NOT_FOR_THIS', 'IDEMPOTENCY_KEY_MISSING', 'IDEMPOTENCY_KEY_REUSED', 'IDEMPOTENCY_IN_FLIGHT'],
  }),
} as const;
