/** 我的UKey: the certificates of one key with their history, days left and warnings, and what else a person should know of it. */
import { Nullable, Type, UtcTime, strictObject, type Static } from '../schema.ts';
import { CertificateState } from '../rest/certificates.ts';
import { call } from './call.ts';
import { TokenCertificate, TokenRef } from './tokens.ts';

/** Days before the end at which the warning becomes more serious. */
export const EXPIRY_WARNINGS = [90, 30, 15, 7] as const;

export const CertificatePair = strictObject(
  {
    containerId: Type.String({ maxLength: 160 }),
    standing: Type.Union([Type.Literal('current'), Type.Literal('history')], { description: 'history: only there so that what was sealed for it can be opened' }),
    sign: Nullable(TokenCertificate),
    encrypt: Nullable(TokenCertificate),
    other: Nullable(TokenCertificate),
    notAfterUtc: UtcTime('end of the certificate that ends first'),
    daysLeft: Type.Integer({ description: 'whole days; negative when expired' }),
    /** The smallest of 90, 30, 15, 7 that is not below the days left; 0: expired; null: no warning. Never for history. */
    warning: Nullable(Type.Union([...EXPIRY_WARNINGS.map((days) => Type.Literal(days)), Type.Literal(0)])),
    /** What the CA service says; null: it does not know it, was not asked or did not answer. */
    caState: Nullable(CertificateState),
    projectName: Nullable(Type.String()),
    bidsToOpen: Type.Integer({ minimum: 0, description: 'bids of the ledger that are still to be opened and name its encryption certificate' }),
  },
  { $id: 'CertificatePair' },
);
export type CertificatePair = Static<typeof CertificatePair>;

export const KeyOverview = strictObject(
  {
    token: TokenRef,
    pairs: Type.Array(CertificatePair, { description: 'current ones first, then by end' }),
    caAsked: Type.Boolean({ description: 'the service answered, so that caState null means: not of this CA' }),
  },
  { $id: 'KeyOverview' },
);
export type KeyOverview = Static<typeof KeyOverview>;

export const keyOverviewCalls = {
  'keys.overview': call({ summary: '我的UKey: certificates of a plugged key with history, days left and warnings', input: strictObject({ token: TokenRef }), output: KeyOverview }),
  'keys.keepDefaultPin': call({ summary: 'The person knows that the key still has the PIN it was handed out with, and keeps it (or takes that back)', input: strictObject({ token: TokenRef, keep: Type.Boolean() }), output: Type.Null() }),
} as const;
