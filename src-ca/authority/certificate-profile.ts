/** Certificate profiles: the data of resources/certificate-profiles, checked by schema. A profile says what a certificate contains; addresses, names and keys come from elsewhere. */
import { Ajv } from 'ajv';
import { KEY_USAGES } from '#shared/x509/extensions/key-usage.ts';
import { Type, strictObject, type Static } from '#shared/contract/schema.ts';
import issuingCa from '../../resources/certificate-profiles/issuing-ca.json' with { type: 'json' };
import root from '../../resources/certificate-profiles/root.json' with { type: 'json' };
import subscriberEncrypt from '../../resources/certificate-profiles/subscriber-encrypt.json' with { type: 'json' };
import subscriberSign from '../../resources/certificate-profiles/subscriber-sign.json' with { type: 'json' };

const Usages = Type.Array(Type.Union(KEY_USAGES.map((usage) => Type.Literal(usage))), { minItems: 1, uniqueItems: true });
const Oid = Type.String({ pattern: '^[0-2](\\.(0|[1-9]\\d*))+$' });

export const CertificateProfile = strictObject({
  id: Type.Union([Type.Literal('root'), Type.Literal('issuing-ca'), Type.Literal('subscriber-sign'), Type.Literal('subscriber-encrypt')]),
  description: Type.String({ minLength: 1 }),
  issuedBy: Type.Union([Type.Literal('itself'), Type.Literal('root'), Type.Literal('issuing-ca')]),
  basicConstraints: strictObject({ ca: Type.Boolean(), pathLength: Type.Union([Type.Integer({ minimum: 0, maximum: 8 }), Type.Null()]) }),
  /** By kind of subject key: SM2 encryption keys also agree on keys. */
  keyUsage: strictObject({ rsa: Usages, sm2: Usages }),
  extKeyUsage: Type.Array(Oid, { uniqueItems: true }),
  maxYears: Type.Integer({ minimum: 1, maximum: 30 }),
  policies: Type.Array(Oid, { uniqueItems: true }),
  /** Unified social credit code and identity number go in where the subject has them (GM/T 0015). */
  subjectIdentity: Type.Boolean(),
  crlDistributionPoints: Type.Boolean(),
  authorityInfoAccess: Type.Boolean(),
});
export type CertificateProfile = Static<typeof CertificateProfile>;
export type ProfileId = CertificateProfile['id'];
export type CertificateProfiles = Readonly<Record<ProfileId, CertificateProfile>>;

const isProfile = new Ajv({ allErrors: true }).compile<CertificateProfile>(CertificateProfile);

/** @throws when a profile does not fit the schema: the files are part of the program */
export function checkProfile(data: unknown): CertificateProfile {
  if (!isProfile(data)) throw new Error(`certificate profile: ${(isProfile.errors ?? []).map((error) => `${error.instancePath} ${error.message}`).join('; ')}`);
  const signs = data.keyUsage.rsa.includes('keyCertSign');
  if (signs !== data.basicConstraints.ca) throw new Error(`certificate profile ${data.id}: keyCertSign and cA must stand together`);
  return data;
}

export const CERTIFICATE_PROFILES: CertificateProfiles = {
  root: checkProfile(root),
  'issuing-ca': checkProfile(issuingCa),
  'subscriber-sign': checkProfile(subscriberSign),
  'subscriber-encrypt': checkProfile(subscriberEncrypt),
};
