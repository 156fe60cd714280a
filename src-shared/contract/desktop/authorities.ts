/** 受信任的CA: the authorities that the bid tool trusts, as screens see them. What trust decides: docs/spec/sealed-bid.md §8 and docs/bid-tool.md. */
import { Base64, Hex, Nullable, Type, strictObject, type Static } from '../schema.ts';
import { FileSource } from './bid-files.ts';
import { CertificateFacts } from './bids.ts';
import { call } from './call.ts';

export const AuthorityCertificate = strictObject(
  {
    facts: CertificateFacts,
    sm3Hex: Hex(64, 'SM3 of the certificate, as authorities with SM2 keys publish it'),
    /** anchor: trusted by itself. between: only joins others to an anchor, because one that is self-signed is there too. */
    role: Type.Union([Type.Literal('anchor'), Type.Literal('between')]),
    selfSigned: Type.Boolean(),
  },
  { $id: 'AuthorityCertificate' },
);
export type AuthorityCertificate = Static<typeof AuthorityCertificate>;

export const TrustedAuthority = strictObject(
  {
    id: Type.String({ description: 'name of its file' }),
    /** ca-service: taken from the CA service of the settings. added: by a person here. folder: a file that somebody put into the folder. */
    source: Type.Union([Type.Literal('ca-service'), Type.Literal('added'), Type.Literal('folder')]),
    certificates: Type.Array(AuthorityCertificate, { description: 'none: the file cannot be read and nobody is trusted by it' }),
  },
  { $id: 'TrustedAuthority' },
);
export type TrustedAuthority = Static<typeof TrustedAuthority>;

export const TrustedAuthorities = strictObject({ folder: Type.String(), caBaseUrl: Nullable(Type.String()), authorities: Type.Array(TrustedAuthority) }, { $id: 'TrustedAuthorities' });
export type TrustedAuthorities = Static<typeof TrustedAuthorities>;

export const authorityCalls = {
  'authorities.list': call({ summary: 'Whom the bid tool trusts, and where each comes from', input: null, output: TrustedAuthorities }),
  'authorities.inspect': call({
    summary: 'A certificate file as an authority, before anybody trusts it',
    input: strictObject({ source: FileSource }),
    output: strictObject({ certificateDer: Base64(16_384, 'certificate'), certificate: AuthorityCertificate, known: Type.Boolean({ description: 'it is trusted already' }) }),
  }),
  'authorities.add': call({
    summary: 'Trust it, after a person has compared the fingerprint',
    input: strictObject({ certificateDer: Base64(16_384, 'certificate'), confirmedSha256: Hex(64, 'the fingerprint that was read and confirmed') }),
    output: TrustedAuthorities,
  }),
  'authorities.remove': call({ summary: 'Trust it no more; only those that were added here', input: strictObject({ id: Type.String({ minLength: 1, maxLength: 255 }) }), output: TrustedAuthorities }),
} as const;
