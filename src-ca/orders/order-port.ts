/** Records of the catalogue, orders and payments, as the order services need them. Times are milliseconds since 1970, money is in fen. */
import type { BindingRule, CertificateSubject, ChangeKind, KeyAlgorithm, OrderState, RenewalKeyPolicy, RenewalRule, RequestKind } from '#shared/contract/rest/orders.ts';
import type { RequestRow } from '../requests/request-port.ts';

export interface ProjectRow {
  id: string;
  name: string;
  keyAlgorithm: KeyAlgorithm;
  demo: 0 | 1;
  position: number;
  /** ProjectRules; what is missing in it is as in DEFAULT_RULES. */
  rulesJson: string;
}

/** What a project allows after the first issue. */
export interface ProjectRules {
  readonly renewalRule: RenewalRule;
  readonly renewalKeyPolicy: RenewalKeyPolicy;
  readonly changeKinds: readonly ChangeKind[];
  readonly bindingRule: BindingRule;
  readonly trustedCaIds: readonly string[];
}

const DEFAULT_RULES: ProjectRules = {
  renewalRule: { kind: 'any-time' }, renewalKeyPolicy: 'new-keys', changeKinds: [], bindingRule: { certificateToSeveralAccounts: false, accountToSeveralCertificates: true }, trustedCaIds: [],
};

export function rulesOf(project: Pick<ProjectRow, 'rulesJson'>): ProjectRules {
  return { ...DEFAULT_RULES, ...(JSON.parse(project.rulesJson) as Partial<ProjectRules>) };
}

export interface CatalogueItemRow {
  id: string;
  projectId: string;
  serviceName: string;
  certificateType: 'person' | 'organisation';
  kind: RequestKind;
  years: number;
  unitPriceFen: number;
  position: number;
}

export interface OrderRow {
  id: string;
  number: string;
  accountId: string;
  projectId: string;
  state: OrderState;
  totalFen: number;
  createdAtMs: number;
  paidAtMs: number | null;
}

/** The commercial side of the request of the same id. */
export interface OrderLineRow {
  id: string;
  orderId: string;
  accountId: string;
  position: number;
  itemId: string;
  /** The item as it was when ordered: a later price list changes nothing. */
  itemJson: string;
  createdAtMs: number;
}

/** A line with what its request says. */
export type OrderLineWithRequest = OrderLineRow & Pick<RequestRow, 'subjectJson' | 'quantity' | 'writtenQuantity' | 'openQuantity'>;

/** `refused`: given up, by the customer or with its order. `returned`: the money came all the same, when nothing waited for it any more, and went back. */
export type PaymentState = 'open' | 'paid' | 'refused' | 'returned';

export interface PaymentRow {
  id: string;
  orderId: string;
  amountFen: number;
  state: PaymentState;
  checkoutUrl: string;
  createdAtMs: number;
  decidedAtMs: number | null;
}

/** Where the page before ended: newest first, stable on (createdAtMs, id). */
export interface PageAfter {
  readonly createdAtMs: number;
  readonly id: string;
}

export interface CatalogueRecords {
  projects(): Promise<ProjectRow[]>;
  items(): Promise<CatalogueItemRow[]>;
  project(id: string): Promise<ProjectRow | null>;
  insertProject(row: ProjectRow, items: readonly CatalogueItemRow[]): Promise<void>;
  insertItem(row: CatalogueItemRow): Promise<void>;
  setRules(projectId: string, rulesJson: string): Promise<void>;
}

export interface OrderRecords {
  insert(order: OrderRow): Promise<void>;
  /** After the requests of the same ids. */
  insertLines(lines: readonly OrderLineRow[]): Promise<void>;
  byId(id: string): Promise<OrderRow | null>;
  /** Moves the order only if it still stands in `from`. False when it does not. */
  move(id: string, from: OrderState, to: OrderState, changes: { paidAtMs?: number }): Promise<boolean>;
  page(filter: { accountId: string; state?: OrderState }, after: PageAfter | null, limit: number): Promise<OrderRow[]>;
  byIds(ids: readonly string[]): Promise<OrderRow[]>;
  lines(orderIds: readonly string[]): Promise<OrderLineWithRequest[]>;
}

export interface PaymentRecords {
  insert(row: PaymentRow): Promise<void>;
  byId(id: string): Promise<PaymentRow | null>;
  openOfOrder(orderId: string): Promise<PaymentRow | null>;
  /** Moves the payment only if it stands in one of these states. False when it does not. */
  decide(id: string, from: readonly PaymentState[], state: PaymentState, atMs: number): Promise<boolean>;
  paidOfOrder(orderId: string): Promise<PaymentRow | null>;
  /** Newest first. */
  newest(limit: number): Promise<(PaymentRow & { orderNumber: string; refundedFen: number })[]>;
}

/** Money given back for a request; once at most of each payment. */
export interface RefundRow {
  id: string;
  paymentId: string;
  requestId: string;
  amountFen: number;
  createdAtMs: number;
}

export interface RefundRecords {
  insert(row: RefundRow): Promise<void>;
  ofRequests(requestIds: readonly string[]): Promise<RefundRow[]>;
  ofPayment(paymentId: string): Promise<RefundRow[]>;
}

/** The unread form of the two JSON columns. */
export function subjectOf(line: Pick<OrderLineWithRequest, 'subjectJson'>): CertificateSubject {
  return JSON.parse(line.subjectJson ?? 'null') as CertificateSubject;
}

export function itemOf(line: Pick<OrderLineRow, 'itemJson'>): Omit<CatalogueItemRow, 'projectId' | 'position'> {
  return JSON.parse(line.itemJson) as Omit<CatalogueItemRow, 'projectId' | 'position'>;
}
