/**
 * Requests (申请): one thing asked of the CA about one certificate or key. Drafts, materials, review, authorization codes. States and who may
 * move them: docs/spec/requests.md. The writing itself is an issuance (issuances.ts); what is paid is an order (orders.ts).
 */
import { Base64, Fen, Hex, Id, Nullable, TokenSerial, Type, UtcTime, strictObject, type Static } from '../schema.ts';
import { endpoint } from './endpoint.ts';
import { CertificateSubject, KeyAlgorithm, pageQuery, RequestKind } from './orders.ts';

export const REQUEST_STATES = [
  'draft', 'submitted', 'in-review', 'approved', 'rejected', 'awaiting-payment', 'paid', 'code-sent', 'writing', 'completed', 'withdrawn', 'expired', 'cancelled',
] as const;
export const RequestState = Type.Union(REQUEST_STATES.map((state) => Type.Literal(state)), {
  description: '草稿, 待审核, 审核中, 审核通过, 未通过, 待支付, 已支付, 授权码已发送, 制证中, 已完成, 已撤销, 已过期, 已退单',
});
export type RequestState = (typeof REQUEST_STATES)[number];

/** applicant: the account whose request it is; staff: CA staff; system: payment and clock; tool: the applicant's tool, with code and key. */
export const REQUEST_ACTORS = ['applicant', 'staff', 'system', 'tool'] as const;
export const RequestActor = Type.Union(REQUEST_ACTORS.map((actor) => Type.Literal(actor)));
export type RequestActor = (typeof REQUEST_ACTORS)[number];

/** Reasons of RFC 5280 §5.3.1 for certificates of subscribers. certificateHold is a suspension; the two CA reasons and removeFromCRL are not for them. */
export const REVOCATION_REASONS = ['unspecified', 'keyCompromise', 'affiliationChanged', 'superseded', 'cessationOfOperation', 'privilegeWithdrawn'] as const;
export const RevocationReason = Type.Union(REVOCATION_REASONS.map((reason) => Type.Literal(reason)), { description: 'RFC 5280 §5.3.1: 未说明, 密钥泄露, 信息变更, 被取代, 停止使用, 权限撤销' });
export type RevocationReason = (typeof REVOCATION_REASONS)[number];

export const KeyPolicy = Type.Union([Type.Literal('new-keys'), Type.Literal('same-keys')], { description: 'new-keys: both key pairs are new; same-keys: new certificates over the keys that are on the token' });
export type KeyPolicy = Static<typeof KeyPolicy>;
/** Of a reissue. hold-until-new-works: the old pair stays as it is until the new key is proven; revoke-at-once: revoked when the request is approved. */
export const OldKeyHandling = Type.Union([Type.Literal('hold-until-new-works'), Type.Literal('revoke-at-once')], { description: 'what becomes of the old certificates while a reissue is under way' });
export type OldKeyHandling = Static<typeof OldKeyHandling>;

export const MATERIAL_MEDIA_TYPES = ['application/pdf', 'image/jpeg', 'image/png'] as const;
export const MAX_MATERIAL_BYTES = 4 * 1024 * 1024;
export const MAX_MATERIALS = 20;

export const RequestMaterial = strictObject(
  {
    id: Id('material'),
    materialKindId: Id('row of the list of the change kind'),
    fileName: Type.String({ maxLength: 120 }),
    mediaType: Type.Union(MATERIAL_MEDIA_TYPES.map((type) => Type.Literal(type))),
    bytes: Type.Integer({ minimum: 1, maximum: MAX_MATERIAL_BYTES }),
    sha256Hex: Hex(64, 'SHA-256 of the file'),
    addedAtUtc: UtcTime('when uploaded'),
  },
  { $id: 'RequestMaterial' },
);
export type RequestMaterial = Static<typeof RequestMaterial>;

export const RequestHistoryEntry = strictObject(
  { atUtc: UtcTime('when'), actor: RequestActor, event: Type.String({ description: 'row of the transition table' }), from: Nullable(RequestState), to: RequestState, reason: Nullable(Type.String()) },
  { $id: 'RequestHistoryEntry' },
);
export type RequestHistoryEntry = Static<typeof RequestHistoryEntry>;

export const Request = strictObject(
  {
    id: Id('request'),
    number: Type.String({ description: '申请编号' }),
    kind: RequestKind,
    state: RequestState,
    version: Type.Integer({ minimum: 1, description: 'grows with every change; an update names the one it saw' }),
    projectId: Id('project'),
    projectName: Type.String(),
    keyAlgorithm: KeyAlgorithm,
    tokenSerial: Nullable(TokenSerial),
    tokenModelId: Nullable(Type.String({ maxLength: 64 })),
    certificateSerialHex: Nullable(Hex(40, 'signing certificate that the request is about')),
    certificateSubject: Nullable(Type.String({ description: 'its subject, RFC 4514 form' })),
    certificateNotAfterUtc: Nullable(UtcTime('its end')),
    subject: Nullable(CertificateSubject),
    changeKindId: Nullable(Id('change kind')),
    keyPolicy: Nullable(KeyPolicy),
    revocationReason: Nullable(RevocationReason),
    oldKeyHandling: Nullable(OldKeyHandling),
    itemId: Nullable(Id('catalogue item')),
    years: Nullable(Type.Integer({ minimum: 0, maximum: 5 })),
    unitPriceFen: Fen('price of one key'),
    quantity: Type.Integer({ minimum: 1, maximum: 1000 }),
    writtenQuantity: Type.Integer({ minimum: 0, description: 'keys completed' }),
    openQuantity: Type.Integer({ minimum: 0, description: 'keys begun and not completed' }),
    remainingQuantity: Type.Integer({ minimum: 0, description: 'keys for which writing has not begun' }),
    orderId: Nullable(Id('order that pays it')),
    orderNumber: Nullable(Type.String()),
    refundedFen: Fen('given back so far'),
    materials: Type.Array(RequestMaterial),
    riskNoticeAcceptedAtUtc: Nullable(UtcTime('when the risk notice was accepted by the key')),
    rejectionReason: Nullable(Type.String()),
    claimedByStaffId: Nullable(Id('account of the staff member who reviews it')),
    recoveryApprovals: Type.Integer({ minimum: 0, description: 'staff approvals for bringing escrowed keys back; two are needed' }),
    codeExpiresAtUtc: Nullable(UtcTime('end of the newest authorization code')),
    createdAtUtc: UtcTime('when begun'),
    submittedAtUtc: Nullable(UtcTime('when submitted')),
    expiresAtUtc: Nullable(UtcTime('when the request expires if nothing happens')),
    history: Type.Array(RequestHistoryEntry),
  },
  { $id: 'Request' },
);
export type Request = Static<typeof Request>;

/** A request as staff see it: with the applicant beside it. */
export const ReviewRequest = strictObject(
  {
    request: Request,
    applicant: strictObject({ accountId: Id('account'), displayName: Type.String(), organisationName: Nullable(Type.String()), phone: Type.String({ description: 'with its middle hidden' }) }),
  },
  { $id: 'ReviewRequest' },
);
export type ReviewRequest = Static<typeof ReviewRequest>;

/** What the applicant decides. Which of these a kind knows, and which it needs before it is submitted: docs/spec/requests.md. */
const content = {
  certificateSerialHex: Type.Optional(Hex(40, 'signing certificate that the request is about; new issue has none')),
  tokenSerial: Type.Optional(TokenSerial),
  tokenModelId: Type.Optional(Type.String({ pattern: '^[a-z0-9-]{1,64}$' })),
  itemId: Type.Optional(Id('catalogue item')),
  quantity: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  subject: Type.Optional(CertificateSubject),
  changeKindId: Type.Optional(Id('change kind')),
  keyPolicy: Type.Optional(KeyPolicy),
  revocationReason: Type.Optional(RevocationReason),
  oldKeyHandling: Type.Optional(OldKeyHandling),
};

export const RequestDraft = strictObject({ kind: RequestKind, projectId: Type.Optional(Id('project; of a new issue only, else the certificate says it')), ...content }, { $id: 'RequestDraft' });
export type RequestDraft = Static<typeof RequestDraft>;
export const RequestUpdate = strictObject({ version: Type.Integer({ minimum: 1, description: 'version that was seen' }), ...content }, { $id: 'RequestUpdate' });
export type RequestUpdate = Static<typeof RequestUpdate>;

const requestParams = strictObject({ requestId: Id('request') });
const materialParams = strictObject({ requestId: Id('request'), materialId: Id('material') });
const idempotencyErrors = ['IDEMPOTENCY_KEY_MISSING', 'IDEMPOTENCY_KEY_REUSED', 'IDEMPOTENCY_IN_FLIGHT'] as const;
const contentErrors = [
  'REQUEST_INCOMPLETE', 'REQUEST_FIELD_NOT_FOR_KIND', 'REQUEST_FIELD_NOT_CHANGEABLE', 'REQUEST_CERTIFICATE_STATE', 'REQUEST_OTHER_KEY', 'ORDER_ITEM_UNKNOWN', 'ACCOUNT_SUBJECT_INVALID',
] as const;
const reviewErrors = ['NOT_FOUND', 'REQUEST_STATE', 'REQUEST_OWN_REVIEW', 'REQUEST_CLAIMED'] as const;
/** What staff tell the applicant. */
const StaffReason = Type.String({ minLength: 2, maxLength: 300, pattern: '\\S' });
const fileParts = {
  fileName: Type.String({ minLength: 1, maxLength: 120, pattern: '^[^\\x00-\\x1f\\x7f/\\\\]+$' }),
  mediaType: Type.Union(MATERIAL_MEDIA_TYPES.map((type) => Type.Literal(type))),
  // The form is checked by decoding: a pattern over megabytes costs more than the decoding.
  content: Type.String({ minLength: 1, maxLength: Math.ceil(MAX_MATERIAL_BYTES / 3) * 4, contentEncoding: 'base64', description: 'the file in base64' }),
};

export const requestEndpoints = {
  createRequest: endpoint({
    method: 'POST', path: '/v1/requests', summary: 'Begin a request, as a draft', tag: 'Requests', access: 'account', idempotent: true, status: 201, response: Request, body: RequestDraft,
    errors: ['NOT_FOUND', ...contentErrors, ...idempotencyErrors],
  }),
  listRequests: endpoint({
    method: 'GET', path: '/v1/requests', summary: 'My requests, newest first', tag: 'Requests', access: 'account', status: 200,
    query: strictObject({ ...pageQuery, kind: Type.Optional(RequestKind), state: Type.Optional(RequestState), tokenSerial: Type.Optional(TokenSerial) }),
    response: strictObject({ items: Type.Array(Request), next: Nullable(Type.String()) }), errors: ['CURSOR_INVALID'],
  }),
  getRequest: endpoint({ method: 'GET', path: '/v1/requests/:requestId', summary: 'One request (staff: anyone’s)', tag: 'Requests', access: 'account', status: 200, params: requestParams, response: Request, errors: ['NOT_FOUND'] }),
  updateRequest: endpoint({
    method: 'PUT', path: '/v1/requests/:requestId', summary: 'Change a draft or a rejected request; what is left out is left as it is', tag: 'Requests', access: 'account', status: 200, params: requestParams, response: Request, body: RequestUpdate,
    errors: ['NOT_FOUND', 'REQUEST_STATE', 'REQUEST_VERSION', ...contentErrors],
  }),
  submitRequest: endpoint({
    method: 'POST', path: '/v1/requests/:requestId/submission', summary: 'Submit a draft, or a rejected request again', tag: 'Requests', access: 'account', status: 200, params: requestParams, response: Request,
    errors: ['NOT_FOUND', 'REQUEST_STATE', 'REQUEST_MATERIALS_MISSING', 'REQUEST_OPEN_FOR_KEY', 'REQUEST_NOT_IN_WINDOW', 'REQUEST_VALIDITY_TOO_LONG', ...contentErrors],
  }),
  withdrawRequest: endpoint({ method: 'POST', path: '/v1/requests/:requestId/withdrawal', summary: 'Withdraw a request before its review or after its rejection', tag: 'Requests', access: 'account', status: 200, params: requestParams, response: Request, errors: ['NOT_FOUND', 'REQUEST_STATE'] }),
  cancelRequest: endpoint({
    method: 'POST', path: '/v1/requests/:requestId/cancellation', summary: 'Give an approved request up while no key is written; what was paid is given back', tag: 'Requests', access: 'account', idempotent: true, status: 200, params: requestParams, response: Request,
    errors: ['NOT_FOUND', 'REQUEST_STATE', ...idempotencyErrors],
  }),
  resendAuthorizationCode: endpoint({
    method: 'POST', path: '/v1/requests/:requestId/authorization-codes', summary: 'Send a new authorization code; the one before is void', tag: 'Requests', access: 'account', idempotent: true, status: 202, params: requestParams,
    response: strictObject({ expiresAtUtc: UtcTime('end of the code'), sentToPhone: Type.String({ description: 'phone number with its middle hidden' }) }),
    errors: ['NOT_FOUND', 'REQUEST_STATE', 'RATE_LIMITED', ...idempotencyErrors],
  }),
  addMaterial: endpoint({
    method: 'POST', path: '/v1/requests/:requestId/materials', summary: 'Upload one material of a draft or a rejected request', tag: 'Requests', access: 'account', idempotent: true, status: 201, params: requestParams, response: Request,
    body: strictObject({ materialKindId: Id('row of the list of the change kind'), ...fileParts }), maxBodyBytes: Math.ceil(MAX_MATERIAL_BYTES / 3) * 4 + 4096,
    errors: ['NOT_FOUND', 'REQUEST_STATE', 'MATERIAL_KIND_UNKNOWN', 'MATERIAL_TYPE', 'MATERIAL_TOO_LARGE', 'MATERIAL_TOO_MANY', ...idempotencyErrors],
  }),
  getMaterial: endpoint({
    method: 'GET', path: '/v1/requests/:requestId/materials/:materialId', summary: 'One material with its content (staff: anyone’s)', tag: 'Requests', access: 'account', status: 200, params: materialParams,
    response: strictObject({ material: RequestMaterial, content: Type.String({ contentEncoding: 'base64', description: 'the file in base64' }) }), errors: ['NOT_FOUND'],
  }),
  removeMaterial: endpoint({ method: 'DELETE', path: '/v1/requests/:requestId/materials/:materialId', summary: 'Take a material away from a draft or a rejected request', tag: 'Requests', access: 'account', status: 200, params: materialParams, response: Request, errors: ['NOT_FOUND', 'REQUEST_STATE'] }),
  acceptRiskNotice: endpoint({
    method: 'POST', path: '/v1/requests/:requestId/risk-notice', summary: 'The risk notice was read and accepted: signed by the key that the request is about. Renewal and change need it before writing.', tag: 'Requests', access: 'account', status: 200, params: requestParams, response: Request,
    body: strictObject({
      noticeVersion: Type.String({ pattern: '^[A-Za-z0-9.-]{1,32}$', description: 'version of the text that was shown' }),
      certificateSerialHex: Hex(40, 'certificate whose key signs: the one the request is about'),
      signature: Base64(1024, 'over `BidKey risk notice v1` ‖ 0x00 ‖ request id ‖ 0x00 ‖ notice version'),
    }),
    errors: ['NOT_FOUND', 'REQUEST_STATE', 'REQUEST_CERTIFICATE_STATE', 'REQUEST_SIGNATURE'],
  }),
  listReviewRequests: endpoint({
    method: 'GET', path: '/v1/review/requests', summary: 'Requests of all accounts in one state, oldest first', tag: 'Review', access: 'staff', status: 200,
    query: strictObject({ ...pageQuery, state: RequestState, kind: Type.Optional(RequestKind) }),
    response: strictObject({ items: Type.Array(ReviewRequest), next: Nullable(Type.String()) }), errors: ['CURSOR_INVALID'],
  }),
  getReviewRequest: endpoint({ method: 'GET', path: '/v1/review/requests/:requestId', summary: 'One request with its applicant', tag: 'Review', access: 'staff', status: 200, params: requestParams, response: ReviewRequest, errors: ['NOT_FOUND'] }),
  claimRequest: endpoint({ method: 'POST', path: '/v1/requests/:requestId/claim', summary: 'Take a submitted request into review; never one’s own', tag: 'Review', access: 'staff', status: 200, params: requestParams, response: Request, errors: reviewErrors }),
  releaseRequestClaim: endpoint({ method: 'POST', path: '/v1/requests/:requestId/release-claim', summary: 'Put a request that is in review back to the submitted ones', tag: 'Review', access: 'staff', status: 200, params: requestParams, response: Request, errors: reviewErrors }),
  approveRequest: endpoint({ method: 'POST', path: '/v1/requests/:requestId/approval', summary: 'Approve the request that one has claimed; leads to payment, code or completion', tag: 'Review', access: 'staff', status: 200, params: requestParams, response: Request, errors: [...reviewErrors, 'REQUEST_CERTIFICATE_STATE'] }),
  rejectRequest: endpoint({
    method: 'POST', path: '/v1/requests/:requestId/rejection', summary: 'Reject the request that one has claimed, with a reason', tag: 'Review', access: 'staff', status: 200, params: requestParams, response: Request,
    body: strictObject({ reason: StaffReason }), errors: reviewErrors,
  }),
  cancelRequestByStaff: endpoint({
    method: 'POST', path: '/v1/requests/:requestId/staff-cancellation', summary: 'End an unlock or a key recovery that its tool has begun and can never complete, with a reason; what was paid is given back', tag: 'Review', access: 'staff', status: 200, params: requestParams, response: Request,
    body: strictObject({ reason: StaffReason }), errors: ['NOT_FOUND', 'REQUEST_STATE', 'REQUEST_OWN_REVIEW'],
  }),
  approveRecovery: endpoint({
    method: 'POST', path: '/v1/requests/:requestId/recovery-approvals', summary: 'Agree to bringing escrowed encryption keys back for this request; two different staff members, neither the applicant', tag: 'Review', access: 'staff', status: 200, params: requestParams, response: Request,
    errors: ['NOT_FOUND', 'REQUEST_STATE', 'REQUEST_OWN_REVIEW', 'RECOVERY_APPROVED_ALREADY'],
  }),
} as const;

/** What the key signs when the risk notice is accepted. The name in front keeps it from being a signature of anything else. */
export const RISK_NOTICE_LABEL = 'BidKey risk notice v1';
