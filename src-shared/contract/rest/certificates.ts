/** Certificates that the service issued: search and detail. Chain and CRL have standard, unversioned addresses. */
import { Base64, Hex, Id, Nullable, TokenSerial, Type, UtcTime, strictObject, type Static } from '../schema.ts';
import { endpoint } from './endpoint.ts';
import { pageQuery } from './orders.ts';

/** pending: issued, not yet proven on the key; active; revoked. Expiry follows from notAfterUtc. */
export const CertificateState = Type.Union([Type.Literal('pending'), Type.Literal('active'), Type.Literal('revoked')]);
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
    revokedAtUtc: Nullable(UtcTime('when revoked')),
  },
  { $id: 'CertificateRecord' },
);
export type CertificateRecord = Static<typeof CertificateRecord>;

export const certificateEndpoints = {
  searchCertificates: endpoint({
    method: 'GET', path: '/v1/certificates', summary: 'My certificates (staff: all)', tag: 'Certificates', access: 'account', status: 200,
    query: strictObject({ ...pageQuery, serialHex: Type.Optional(Hex(40, 'serial')), subject: Type.Optional(Type.String({ maxLength: 64, description: 'part of the subject' })), tokenSerial: Type.Optional(TokenSerial), state: Type.Optional(CertificateState) }),
    response: strictObject({ items: Type.Array(CertificateRecord), next: Nullable(Type.String()) }), errors: ['CURSOR_INVALID'],
  }),
  getCertificate: endpoint({ method: 'GET', path: '/v1/certificates/:serialHex', summary: 'One certificate', tag: 'Certificates', access: 'account', status: 200, params: strictObject({ serialHex: Hex(40, 'serial') }), response: CertificateRecord, errors: ['NOT_FOUND'] }),
} as const;
