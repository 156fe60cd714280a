/** Catalogue, orders, payment, and the list of what still has to be written (待制作证书). */
import { Fen, Id, Nullable, Type, UtcTime, strictObject, type Static } from '../schema.ts';
import { endpoint } from './endpoint.ts';
import { AccountKind } from './accounts.ts';

export const KeyAlgorithm = Type.Union([Type.Literal('rsa-2048'), Type.Literal('sm2')], { description: 'algorithm of both key pairs' });
export type KeyAlgorithm = Static<typeof KeyAlgorithm>;
export const REQUEST_KINDS = ['new-issue', 'renewal', 'change', 'unlock', 'revocation', 'suspension', 'release', 'reissue', 'key-recovery'] as const;
export const RequestKind = Type.Union(REQUEST_KINDS.map((kind) => Type.Literal(kind)), { description: '新领, 延期, 变更, 解锁, 吊销, 挂失, 解除冻结, 补办, 密钥恢复' });
export type RequestKind = (typeof REQUEST_KINDS)[number];

export const CatalogueItem = strictObject(
  {
    id: Id('catalogue item'),
    serviceName: Type.String({ maxLength: 120, description: '服务名称' }),
    certificateType: AccountKind,
    kind: RequestKind,
    years: Type.Integer({ minimum: 0, maximum: 5, description: 'years that are added; 0 where the end of the certificate stays' }),
    unitPriceFen: Fen('price of one key'),
  },
  { $id: 'CatalogueItem' },
);
export type CatalogueItem = Static<typeof CatalogueItem>;

/** When a certificate of the project may be renewed. */
export const RenewalRule = Type.Union([
  strictObject({ kind: Type.Literal('any-time') }),
  strictObject({ kind: Type.Literal('window'), daysBefore: Type.Integer({ minimum: 1, maximum: 366, description: 'days before the end of the certificate' }), afterExpiry: Type.Boolean({ description: 'an expired certificate may be renewed, too' }) }),
], { $id: 'RenewalRule' });
export type RenewalRule = Static<typeof RenewalRule>;

/** Who decides whether a renewal makes new keys. */
export const RenewalKeyPolicy = Type.Union([Type.Literal('new-keys'), Type.Literal('same-keys'), Type.Literal('holder-chooses')]);
export type RenewalKeyPolicy = Static<typeof RenewalKeyPolicy>;

export const SUBJECT_FIELDS = ['commonName', 'organisationName', 'unifiedSocialCreditCode', 'identityNumber', 'handlerName', 'province', 'locality'] as const;
export type SubjectField = (typeof SUBJECT_FIELDS)[number];

/** One row of the table of changes (变更): which fields of the subject it may change, and what must be handed in. */
export const ChangeKind = strictObject(
  {
    id: Id('change kind'),
    nameZh: Type.String({ maxLength: 120 }),
    nameEn: Type.String({ maxLength: 120 }),
    fields: Type.Array(Type.Union(SUBJECT_FIELDS.map((field) => Type.Literal(field)))),
    materials: Type.Array(strictObject({ id: Id('material kind'), nameZh: Type.String({ maxLength: 120 }), nameEn: Type.String({ maxLength: 120 }), required: Type.Boolean() })),
    durationDays: Type.Integer({ minimum: 0, maximum: 60, description: 'working days that it takes' }),
    hintZh: Type.String({ maxLength: 400 }),
    hintEn: Type.String({ maxLength: 400 }),
  },
  { $id: 'ChangeKind' },
);
export type ChangeKind = Static<typeof ChangeKind>;

/** Which bindings of accounts and certificates the project allows. */
export const BindingRule = strictObject(
  { certificateToSeveralAccounts: Type.Boolean(), accountToSeveralCertificates: Type.Boolean() },
  { $id: 'BindingRule' },
);
export type BindingRule = Static<typeof BindingRule>;

export const Project = strictObject(
  {
    id: Id('project'),
    name: Type.String({ maxLength: 120, description: 'trading platform' }),
    keyAlgorithm: KeyAlgorithm,
    demo: Type.Boolean({ description: 'made by the demo; certificates of it prove nothing' }),
    items: Type.Array(CatalogueItem),
    renewalRule: RenewalRule,
    renewalKeyPolicy: RenewalKeyPolicy,
    changeKinds: Type.Array(ChangeKind),
    bindingRule: BindingRule,
    trustedCaIds: Type.Array(Type.String({ maxLength: 64 }), { description: 'CAs of others whose certificates may be bound' }),
  },
  { $id: 'Project' },
);
export type Project = Static<typeof Project>;

/** Allowed transitions stand in docs/spec/ca-api.md and in the service's table. */
export const OrderState = Type.Union([
  Type.Literal('awaiting-payment'), Type.Literal('paid'), Type.Literal('writing'), Type.Literal('completed'), Type.Literal('cancelled'),
], { description: '未支付, 已支付, 制证中, 已完成, 已取消' });
export type OrderState = Static<typeof OrderState>;

/** Whose name the certificates of a line bear. */
export const CertificateSubject = strictObject(
  {
    commonName: Type.String({ minLength: 1, maxLength: 64, description: 'name in the certificate: of the organisation or the person' }),
    organisationName: Nullable(Type.String({ maxLength: 64 })),
    unifiedSocialCreditCode: Nullable(Type.String({ maxLength: 18 })),
    identityNumber: Nullable(Type.String({ maxLength: 18, description: 'resident identity number; persons only' })),
    handlerName: Nullable(Type.String({ maxLength: 64, description: '经办人' })),
    province: Nullable(Type.String({ maxLength: 64 })),
    locality: Nullable(Type.String({ maxLength: 64 })),
  },
  { $id: 'CertificateSubject' },
);
export type CertificateSubject = Static<typeof CertificateSubject>;

export const OrderLine = strictObject(
  {
    id: Id('order line; the request of the same id is what it pays'),
    item: CatalogueItem,
    quantity: Type.Integer({ minimum: 1, maximum: 1000 }),
    writtenQuantity: Type.Integer({ minimum: 0, description: 'keys completed' }),
    openQuantity: Type.Integer({ minimum: 0, description: 'keys whose writing has begun and is not completed' }),
    subject: CertificateSubject,
  },
  { $id: 'OrderLine' },
);
export type OrderLine = Static<typeof OrderLine>;

export const Order = strictObject(
  {
    id: Id('order'),
    number: Type.String({ description: '订单号' }),
    state: OrderState,
    projectId: Id('project'),
    projectName: Type.String(),
    totalFen: Fen('sum of the lines'),
    lines: Type.Array(OrderLine),
    createdAtUtc: UtcTime('when ordered'),
    paidAtUtc: Nullable(UtcTime('when paid')),
  },
  { $id: 'Order' },
);
export type Order = Static<typeof Order>;

/** One row of 待制作证书: a paid line with keys still to write. */
export const PendingWriting = strictObject(
  {
    requestId: Id('request'),
    requestNumber: Type.String({ description: '申请编号' }),
    orderId: Id('order'),
    orderNumber: Type.String(),
    orderName: Type.String({ description: 'service name' }),
    projectName: Type.String(),
    companyName: Type.String({ description: 'name in the certificate' }),
    kind: RequestKind,
    certificateType: AccountKind,
    keyAlgorithm: KeyAlgorithm,
    years: Type.Integer(),
    unitPriceFen: Fen('price of one key'),
    quantity: Type.Integer(),
    remainingQuantity: Type.Integer({ description: 'keys for which writing has not begun' }),
    openQuantity: Type.Integer({ description: 'keys begun and not completed' }),
    orderedAtUtc: UtcTime('when ordered'),
    codeExpiresAtUtc: Nullable(UtcTime('end of the newest authorization code')),
  },
  { $id: 'PendingWriting' },
);
export type PendingWriting = Static<typeof PendingWriting>;

export const pageQuery = { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })), after: Type.Optional(Type.String({ maxLength: 200, description: 'opaque cursor of the page before' })) };
const page = <S extends Parameters<typeof Type.Array>[0]>(item: S) => strictObject({ items: Type.Array(item), next: Nullable(Type.String({ description: 'cursor of the next page' })) });

const orderParams = strictObject({ orderId: Id('order') });

export const orderEndpoints = {
  listProjects: endpoint({ method: 'GET', path: '/v1/projects', summary: 'Catalogue: trading platforms with their price lists', tag: 'Orders', access: 'public', status: 200, response: strictObject({ items: Type.Array(Project) }), errors: [] }),
  createOrder: endpoint({
    method: 'POST', path: '/v1/orders', summary: 'Order', tag: 'Orders', access: 'account', idempotent: true, status: 201, response: Order,
    body: strictObject({
      projectId: Id('project'),
      lines: Type.Array(strictObject({ itemId: Id('catalogue item'), quantity: Type.Integer({ minimum: 1, maximum: 1000 }), subject: CertificateSubject }), { minItems: 1, maxItems: 20 }),
    }),
    errors: ['ORDER_ITEM_UNKNOWN', 'ACCOUNT_SUBJECT_INVALID', 'IDEMPOTENCY_KEY_MISSING', 'IDEMPOTENCY_KEY_REUSED', 'IDEMPOTENCY_IN_FLIGHT'],
  }),
  listOrders: endpoint({ method: 'GET', path: '/v1/orders', summary: 'My orders, newest first', tag: 'Orders', access: 'account', status: 200, query: strictObject({ ...pageQuery, state: Type.Optional(OrderState) }), response: page(Order), errors: ['CURSOR_INVALID'] }),
  getOrder: endpoint({ method: 'GET', path: '/v1/orders/:orderId', summary: 'One order', tag: 'Orders', access: 'account', status: 200, params: orderParams, response: Order, errors: ['NOT_FOUND'] }),
  startPayment: endpoint({
    method: 'POST', path: '/v1/orders/:orderId/payments', summary: 'Start a payment; pay at the address in the answer', tag: 'Orders', access: 'account', idempotent: true, status: 201, params: orderParams,
    response: strictObject({ paymentId: Id('payment'), checkoutUrl: Type.String({ description: 'page of the payment provider' }), amountFen: Fen('to pay') }),
    errors: ['NOT_FOUND', 'ORDER_STATE', 'IDEMPOTENCY_KEY_MISSING', 'IDEMPOTENCY_KEY_REUSED', 'IDEMPOTENCY_IN_FLIGHT'],
  }),
  cancelOrder: endpoint({ method: 'POST', path: '/v1/orders/:orderId/cancellation', summary: 'Cancel an order that is not paid; its requests with it', tag: 'Orders', access: 'account', status: 200, params: orderParams, response: Order, errors: ['NOT_FOUND', 'ORDER_STATE'] }),
  listPendingWritings: endpoint({ method: 'GET', path: '/v1/pending-writings', summary: '待制作证书: paid lines with keys still to write', tag: 'Orders', access: 'account', status: 200, query: strictObject({ ...pageQuery }), response: page(PendingWriting), errors: ['CURSOR_INVALID'] }),
} as const;
