/** Records of the catalogue, orders and payments, as the order services need them. Times are milliseconds since 1970, money is in fen. */
import type { CertificateSubject, KeyAlgorithm, OrderState } from '#shared/contract/rest/orders.ts';

export interface ProjectRow {
  id: string;
  name: string;
  keyAlgorithm: KeyAlgorithm;
  demo: 0 | 1;
  position: number;
}

export interface CatalogueItemRow {
  id: string;
  projectId: string;
  serviceName: string;
  certificateType: 'person' | 'organisation';
  kind: 'new-issue';
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

/** Account, time and `toWrite` stand here too, so that 待制作证书 is one walk along an index. */
export interface OrderLineRow {
  id: string;
  orderId: string;
  accountId: string;
  position: number;
  itemId: string;
  /** The item as it was when ordered: a later price list changes nothing. */
  itemJson: string;
  subjectJson: string;
  quantity: number;
  writtenQuantity: number;
  openQuantity: number;
  /** 1 while the order is paid and keys of the line are not all completed. */
  toWrite: 0 | 1;
  createdAtMs: number;
}

export interface PaymentRow {
  id: string;
  orderId: string;
  amountFen: number;
  state: 'open' | 'paid' | 'refused';
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
}

export interface OrderRecords {
  insert(order: OrderRow, lines: readonly OrderLineRow[]): Promise<void>;
  byId(id: string): Promise<OrderRow | null>;
  /** Moves the order only if it still stands in `from`. False when it does not. */
  move(id: string, from: OrderState, to: OrderState, changes: { paidAtMs?: number }): Promise<boolean>;
  page(filter: { accountId: string; state?: OrderState }, after: PageAfter | null, limit: number): Promise<OrderRow[]>;
  lines(orderIds: readonly string[]): Promise<OrderLineRow[]>;
  line(lineId: string): Promise<OrderLineRow | null>;
  setToWrite(orderId: string, toWrite: 0 | 1): Promise<void>;
  toWritePage(accountId: string, after: PageAfter | null, limit: number): Promise<OrderLineRow[]>;
  /** Counts one key as begun, only while the quantity allows it. False when it is used up. */
  takeOne(lineId: string): Promise<boolean>;
  /** A begun key was given up. */
  giveOneBack(lineId: string): Promise<void>;
  /** A begun key is completed. */
  finishOne(lineId: string): Promise<void>;
}

export interface PaymentRecords {
  insert(row: PaymentRow): Promise<void>;
  byId(id: string): Promise<PaymentRow | null>;
  openOfOrder(orderId: string): Promise<PaymentRow | null>;
  /** Decides a payment that is still open. False when it is decided already. */
  decide(id: string, state: 'paid' | 'refused', atMs: number): Promise<boolean>;
  /** Newest first. */
  newest(limit: number): Promise<(PaymentRow & { orderNumber: string })[]>;
}

/** The unread form of the two JSON columns. */
export function subjectOf(line: Pick<OrderLineRow, 'subjectJson'>): CertificateSubject {
  return JSON.parse(line.subjectJson) as CertificateSubject;
}

export function itemOf(line: Pick<OrderLineRow, 'itemJson'>): Omit<CatalogueItemRow, 'projectId' | 'position'> {
  return JSON.parse(line.itemJson) as Omit<CatalogueItemRow, 'projectId' | 'position'>;
}
