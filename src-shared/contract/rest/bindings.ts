/** Binding of accounts and certificates, login by certificate, and the foreign CAs that projects trust. */
import { Base64, Hex, Id, Nullable, Type, UtcTime, strictObject, type Static } from '../schema.ts';
import { Session } from './accounts.ts';
import { KeyChallenge } from './certificates.ts';
import { endpoint } from './endpoint.ts';

/** A certificate that this service issued to an account is bound to it from its issuance on (`issued`); any other bond is made by signing a challenge (`signed`). */
export const Binding = strictObject(
  {
    id: Id('binding'),
    source: Type.Union([Type.Literal('issued'), Type.Literal('signed')]),
    certificateSha256Hex: Hex(64, 'fingerprint of the certificate'),
    serialHex: Hex(40, 'certificate serial number'),
    subject: Type.String({ description: 'RFC 4514 form' }),
    issuer: Type.String({ description: 'RFC 4514 form' }),
    projectId: Nullable(Id('project')),
    trustedCaId: Nullable(Id('foreign CA that issued it; null: this service')),
    notBeforeUtc: UtcTime('valid from'),
    notAfterUtc: UtcTime('valid to'),
    boundAtUtc: UtcTime('when bound'),
    lastLoginAtUtc: Nullable(UtcTime('last login with it')),
  },
  { $id: 'Binding' },
);
export type Binding = Static<typeof Binding>;

/** An account that a certificate may log in to, shown to whoever holds the certificate: names masked. */
export const MaskedAccount = strictObject(
  { accountId: Id('account'), loginName: Type.String({ description: 'most of it hidden' }), displayName: Type.String({ description: 'most of it hidden' }) },
  { $id: 'MaskedAccount' },
);
export type MaskedAccount = Static<typeof MaskedAccount>;

/** A CA of others. `withoutCrl`: what counts when no current revocation list of it is deposited. */
export const TrustedCa = strictObject(
  {
    id: Id('trusted CA'),
    name: Type.String({ minLength: 1, maxLength: 120 }),
    withoutCrl: Type.Union([Type.Literal('refuse'), Type.Literal('accept')]),
    subjects: Type.Array(Type.String({ description: 'RFC 4514 form' })),
    crlNextUpdateUtc: Nullable(UtcTime('end of the newest list of the issuing CA')),
  },
  { $id: 'TrustedCa' },
);
export type TrustedCa = Static<typeof TrustedCa>;

const signed = { challengeId: Id('challenge'), signature: Base64(1024, 'over the message of the challenge, by the key of the certificate') };
const certificateErrors = ['CERTIFICATE_MALFORMED', 'CERTIFICATE_NOT_TRUSTED', 'CERTIFICATE_NOT_FOR_SIGNING', 'CERTIFICATE_REVOKED', 'CERTIFICATE_SUSPENDED', 'CERTIFICATE_EXPIRED'] as const;
const challengeErrors = ['CHALLENGE_UNKNOWN', 'CHALLENGE_USED', 'CHALLENGE_EXPIRED', 'CHALLENGE_SIGNATURE'] as const;
/** Base64 of a list of about 100,000 entries. */
const MAX_CRL_TEXT = 8 * 1024 * 1024;
const trustedCaParams = strictObject({ trustedCaId: Id('trusted CA') });

export const bindingEndpoints = {
  createBindingChallenge: endpoint({
    method: 'POST', path: '/v1/bindings/challenges', summary: 'Begin to bind a certificate to my account', tag: 'Bindings', access: 'account', status: 201,
    body: strictObject({ certificateDer: Base64(16384, 'signing certificate'), projectId: Type.Optional(Id('project; needed for the certificate of another CA')) }),
    response: KeyChallenge, errors: ['NOT_FOUND', 'BINDING_EXISTS', 'BINDING_RULE', ...certificateErrors],
  }),
  createBinding: endpoint({
    method: 'POST', path: '/v1/bindings', summary: 'Bind: the challenge signed by the certificate’s key', tag: 'Bindings', access: 'account', status: 201, body: strictObject(signed), response: Binding,
    errors: ['BINDING_EXISTS', 'BINDING_RULE', ...challengeErrors, ...certificateErrors],
  }),
  listBindings: endpoint({ method: 'GET', path: '/v1/bindings', summary: 'Certificates bound to my account', tag: 'Bindings', access: 'account', status: 200, response: strictObject({ items: Type.Array(Binding) }), errors: [] }),
  removeBinding: endpoint({ method: 'DELETE', path: '/v1/bindings/:bindingId', summary: 'Unbind', tag: 'Bindings', access: 'account', status: 204, params: strictObject({ bindingId: Id('binding') }), response: null, errors: ['NOT_FOUND'] }),
  createLoginChallenge: endpoint({
    method: 'POST', path: '/v1/certificate-sessions/challenges', summary: 'Begin to log in by certificate', tag: 'Accounts', access: 'public', status: 201,
    body: strictObject({ certificateDer: Base64(16384, 'signing certificate') }),
    response: strictObject({ ...KeyChallenge.properties, accounts: Type.Array(MaskedAccount) }), errors: ['CERTIFICATE_NOT_BOUND', ...certificateErrors],
  }),
  createCertificateSession: endpoint({
    method: 'POST', path: '/v1/certificate-sessions', summary: 'Log in: the challenge signed by the certificate’s key; `accountId` when the certificate is bound to several', tag: 'Accounts', access: 'public', status: 201,
    body: strictObject({ ...signed, accountId: Type.Optional(Id('account')) }), response: Session,
    errors: ['CERTIFICATE_NOT_BOUND', 'LOGIN_ACCOUNT_CHOICE', ...challengeErrors, ...certificateErrors],
  }),
  listTrustedCas: endpoint({ method: 'GET', path: '/v1/trusted-cas', summary: 'Foreign CAs that projects may trust', tag: 'Bindings', access: 'staff', status: 200, response: strictObject({ items: Type.Array(TrustedCa) }), errors: [] }),
  putTrustedCa: endpoint({
    method: 'PUT', path: '/v1/trusted-cas/:trustedCaId', summary: 'Add or replace a foreign CA', tag: 'Bindings', access: 'staff', status: 200, params: trustedCaParams,
    body: strictObject({ name: Type.String({ minLength: 1, maxLength: 120 }), withoutCrl: TrustedCa.properties.withoutCrl, chainDer: Type.Array(Base64(16384, 'issuing CA first, root last'), { minItems: 1, maxItems: 5 }) }),
    response: TrustedCa, errors: ['CERTIFICATE_MALFORMED', 'CERTIFICATE_NOT_TRUSTED'],
  }),
  putTrustedCaCrl: endpoint({
    method: 'PUT', path: '/v1/trusted-cas/:trustedCaId/crl', summary: 'Deposit a revocation list of a foreign CA', tag: 'Bindings', access: 'staff', status: 200, params: trustedCaParams,
    body: strictObject({ crl: Type.String({ minLength: 1, maxLength: MAX_CRL_TEXT, contentEncoding: 'base64', description: 'CRL in DER, in base64' }) }), maxBodyBytes: MAX_CRL_TEXT + 4096, response: TrustedCa, errors: ['NOT_FOUND', 'CRL_NOT_ACCEPTED'],
  }),
} as const;
