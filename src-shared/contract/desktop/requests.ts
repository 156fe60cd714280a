/**
 * Requests (申请) as screens see them: everything that is asked of the CA about a certificate or key, from draft to completion, and what can be done
 * now with the key that is plugged in (待处理证书). The writing itself is a deed (deeds.ts).
 */
import { AuthorizationCode, Hex, Id, Nullable, Secret, TokenSerial, Type, UtcTime, strictObject, type Static } from '../schema.ts';
import { Account } from '../rest/accounts.ts';
import { MaskedAccount } from '../rest/bindings.ts';
import { CertificateRecord, RequestConfirmation } from '../rest/certificates.ts';
import { CatalogueItem, Project, RequestKind } from '../rest/orders.ts';
import { MATERIAL_MEDIA_TYPES, MAX_MATERIAL_BYTES, Request, RequestDraft, RequestMaterial, RequestState, RequestUpdate } from '../rest/requests.ts';
import { call } from './call.ts';
import { LedgerAnswer } from './ledger.ts';
import { TokenRef } from './tokens.ts';

/** The key that the account was signed in with. */
export const SessionKey = strictObject(
  { token: TokenRef, certificateSha256Hex: Hex(64, 'signing certificate'), certificateSerialHex: Hex(42, 'its serial number'), subjectCommonName: Type.String() },
  { $id: 'SessionKey' },
);
export type SessionKey = Static<typeof SessionKey>;

/** What can be asked or carried out for a certificate that stands on a key, now. */
export const KeyAction = strictObject(
  {
    kind: RequestKind,
    state: Type.Union([Type.Literal('open'), Type.Literal('begun'), Type.Literal('to-pay'), Type.Literal('ready'), Type.Literal('writing'), Type.Literal('blocked')], {
      description: 'open: can be asked for; begun: a request is under way; to-pay: approved, waits for payment; ready: the code was sent, it can be carried out on the key; writing: begun on the key; blocked: not now, see reason',
    }),
    /** Code of the error table, as the service would refuse it. */
    reason: Nullable(Type.String({ maxLength: 64 })),
    fromUtc: Nullable(UtcTime('when a blocked one opens, as far as that is known')),
    requestId: Nullable(Id('request that is under way')),
    orderId: Nullable(Id('order that waits for payment')),
    /** What it costs, row by row of the price list. */
    items: Type.Array(CatalogueItem),
  },
  { $id: 'KeyAction' },
);
export type KeyAction = Static<typeof KeyAction>;

export const KeyCertificate = strictObject(
  {
    certificate: CertificateRecord,
    encryptionSerialHex: Nullable(Hex(40, 'serial number of the encryption certificate of the pair')),
    projectId: Nullable(Id('project')),
    onThisKey: Type.Boolean({ description: 'the certificate is on the plugged key, not only in the list of the service' }),
    daysLeft: Type.Integer({ description: 'whole days; negative when expired' }),
    actions: Type.Array(KeyAction),
  },
  { $id: 'KeyCertificate' },
);
export type KeyCertificate = Static<typeof KeyCertificate>;

export const KeyRequests = strictObject(
  {
    tokenSerial: TokenSerial,
    certificates: Type.Array(KeyCertificate, { description: 'active and suspended ones; those that end first first' }),
    keyActions: Type.Array(KeyAction, { description: 'about the key itself: unlock' }),
    requests: Type.Array(Request, { description: 'every request about this key that is neither completed nor given up' }),
  },
  { $id: 'KeyRequests' },
);
export type KeyRequests = Static<typeof KeyRequests>;

/** What has to be read before a renewal, change or reissue; `version` goes into the signature. */
export const RiskNotice = strictObject({ version: Type.String(), title: Type.String(), paragraphs: Type.Array(Type.String()) }, { $id: 'RiskNotice' });
export type RiskNotice = Static<typeof RiskNotice>;

const page = { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })), after: Type.Optional(Type.String({ maxLength: 200 })) };
const byId = strictObject({ requestId: Id('request') });
/** One use of a key: the PIN goes into one login. */
const keyUse = { token: TokenRef, pin: Secret(64, 'user PIN'), confirmedFewTries: Type.Optional(Type.Boolean()) };
/** Base64 of the largest material, and its names. */
const MATERIAL_CALL_BYTES = Math.ceil(MAX_MATERIAL_BYTES / 3) * 4 + 8192;

export const requestCalls = {
  'projects.list': call({ summary: 'Trading platforms with price lists, rules of renewal and tables of changes', input: null, output: strictObject({ items: Type.Array(Project) }) }),
  'orders.startPayment': call({ summary: 'Pay an order; the person pays at the address in the answer', input: strictObject({ orderId: Id('order') }), output: strictObject({ paymentId: Id('payment'), checkoutUrl: Type.String(), amountFen: Type.Integer() }) }),
  'session.accountsForKey': call({
    summary: 'Accounts that the signing certificate of a key may log in to, masked; no PIN is needed',
    input: strictObject({ token: TokenRef, certificateSha256Hex: Type.Optional(Hex(64, 'signing certificate; absent: the one that is valid longest')) }),
    output: strictObject({ certificateSha256Hex: Hex(64, 'signing certificate'), accounts: Type.Array(MaskedAccount) }),
  }),
  'session.logInByKey': call({
    summary: 'Log in with the key: a challenge of the service signed by it',
    input: strictObject({ ...keyUse, certificateSha256Hex: Type.Optional(Hex(64, 'signing certificate')), accountId: Type.Optional(Id('account, when the certificate is bound to several')) }),
    output: Account,
  }),
  'session.key': call({ summary: 'The key that the account was signed in with, or null', input: null, output: Nullable(SessionKey) }),
  'requests.list': call({
    summary: 'My requests, newest first', input: strictObject({ ...page, kind: Type.Optional(RequestKind), state: Type.Optional(RequestState), tokenSerial: Type.Optional(TokenSerial) }),
    output: strictObject({ items: Type.Array(Request), next: Nullable(Type.String()) }),
  }),
  'requests.get': call({ summary: 'One request', input: byId, output: Request }),
  'requests.forKey': call({ summary: '待处理证书: certificates of a plugged key with what can be done for each now', input: strictObject({ token: TokenRef }), output: KeyRequests }),
  'requests.create': call({ summary: 'Begin a request, as a draft', input: strictObject({ draft: RequestDraft }), output: Request }),
  'requests.update': call({ summary: 'Change a draft or a rejected request', input: strictObject({ requestId: Id('request'), change: RequestUpdate }), output: Request }),
  'requests.submit': call({ summary: 'Submit a draft, or a rejected request again', input: byId, output: Request }),
  'requests.withdraw': call({ summary: 'Withdraw before review or after a rejection', input: byId, output: Request }),
  'requests.cancel': call({ summary: 'Give an approved request up; what was paid comes back', input: byId, output: Request }),
  'requests.resendCode': call({ summary: 'Send a new authorization code; the one before is void', input: byId, output: strictObject({ expiresAtUtc: UtcTime('end of the code'), sentToPhone: Type.String() }) }),
  'requests.addMaterial': call({
    summary: 'Hand in one material: a file by its path, or its content', maxInputBytes: MATERIAL_CALL_BYTES,
    input: strictObject({
      requestId: Id('request'), materialKindId: Id('row of the table of changes'),
      source: Type.Union([
        strictObject({ kind: Type.Literal('path'), path: Type.String({ minLength: 1, maxLength: 1024 }) }),
        strictObject({ kind: Type.Literal('content'), fileName: Type.String({ minLength: 1, maxLength: 120 }), mediaType: Type.Union(MATERIAL_MEDIA_TYPES.map((one) => Type.Literal(one))), content: Type.String({ minLength: 1, maxLength: MATERIAL_CALL_BYTES, description: 'base64' }) }),
      ]),
    }),
    output: Request,
  }),
  'requests.getMaterial': call({ summary: 'One material with its content', input: strictObject({ requestId: Id('request'), materialId: Id('material') }), output: strictObject({ material: RequestMaterial, content: Type.String({ description: 'base64' }) }) }),
  'requests.removeMaterial': call({ summary: 'Take a material away', input: strictObject({ requestId: Id('request'), materialId: Id('material') }), output: Request }),
  'requests.riskNotice': call({ summary: 'The risk notice in the language of the settings', input: null, output: RiskNotice }),
  'requests.acceptRiskNotice': call({
    summary: 'The risk notice was read to its end and accepted: signed by the key', input: strictObject({ requestId: Id('request'), noticeVersion: Type.String({ maxLength: 32 }), ...keyUse }), output: Request,
  }),
  'requests.confirmByKey': call({
    summary: 'Revocation or suspension confirmed by the certificate’s own key: done at once. The ledger is asked first',
    input: strictObject({ requestId: Id('request'), ...keyUse, ledgerAnswer: Type.Optional(LedgerAnswer) }), output: RequestConfirmation,
  }),
  'requests.confirmByCode': call({
    summary: 'An approved revocation, suspension or release carried out with the authorization code. The ledger is asked first',
    input: strictObject({ requestId: Id('request'), authorizationCode: AuthorizationCode, ledgerAnswer: Type.Optional(LedgerAnswer) }), output: RequestConfirmation,
  }),
} as const;
