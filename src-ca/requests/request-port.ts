/** Records of requests, as the request services need them. Times are milliseconds since 1970, money is in fen. */
import type { CertificateSubject, KeyAlgorithm, RequestKind } from '#shared/contract/rest/orders.ts';
import type { KeyPolicy, OldKeyHandling, RequestActor, RequestMaterial, RequestState, RevocationReason } from '#shared/contract/rest/requests.ts';
import type { CatalogueItemRow, PageAfter } from '../orders/order-port.ts';

export interface RequestRow {
  id: string;
  number: string;
  accountId: string;
  projectId: string;
  kind: RequestKind;
  state: RequestState;
  /** Grows with every change; every change names the one it saw. */
  version: number;
  keyAlgorithm: KeyAlgorithm;
  certificateType: 'person' | 'organisation';
  tokenSerial: string | null;
  tokenModelId: string | null;
  /** The signing certificate that the request is about. */
  certificateSerialHex: string | null;
  subjectJson: string | null;
  changeKindId: string | null;
  keyPolicy: KeyPolicy | null;
  revocationReason: RevocationReason | null;
  oldKeyHandling: OldKeyHandling | null;
  itemId: string | null;
  /** The item as it was when chosen: a later price list changes nothing. */
  itemJson: string | null;
  quantity: number;
  writtenQuantity: number;
  openQuantity: number;
  orderId: string | null;
  rejectionReason: string | null;
  claimedByStaffId: string | null;
  riskNoticeVersion: string | null;
  riskNoticeSignature: Buffer | null;
  riskNoticeAtMs: number | null;
  /** Taken while the request is under way; unique, so that two requests for one key cannot be. */
  openSlot: string | null;
  createdAtMs: number;
  submittedAtMs: number | null;
  /** When paid; of a free request, when approved. */
  paidAtMs: number | null;
  stateSinceMs: number;
  expiresAtMs: number | null;
}

export interface RequestEventRow {
  requestId: string;
  version: number;
  atMs: number;
  actor: RequestActor;
  actorAccountId: string | null;
  event: string;
  fromState: RequestState | null;
  toState: RequestState;
  reason: string | null;
}

export interface MaterialRow {
  id: string;
  requestId: string;
  materialKindId: string;
  fileName: string;
  mediaType: RequestMaterial['mediaType'];
  bytes: number;
  sha256Hex: string;
  addedAtMs: number;
  /** 1: the request was approved on the strength of it; such a material is never removed. */
  approved: 0 | 1;
}

export interface RequestFilter {
  readonly accountId: string;
  readonly kind?: RequestKind;
  readonly state?: RequestState;
  readonly tokenSerial?: string;
}

export interface RequestRecords {
  insert(row: RequestRow): Promise<void>;
  byId(id: string): Promise<RequestRow | null>;
  ofOrder(orderId: string): Promise<RequestRow[]>;
  /** Changes the request only if it still has this version and state. False when it has not. */
  change(before: Pick<RequestRow, 'id' | 'version' | 'state'>, changes: Partial<Omit<RequestRow, 'id'>>): Promise<boolean>;
  /** Newest first. */
  page(filter: RequestFilter, after: PageAfter | null, limit: number): Promise<RequestRow[]>;
  /** 待制作证书: new issues with keys that are not completed, newest first. */
  toWritePage(accountId: string, after: PageAfter | null, limit: number): Promise<RequestRow[]>;
  /** Of all accounts, oldest first. */
  reviewPage(filter: { state: RequestState; kind?: RequestKind }, after: PageAfter | null, limit: number): Promise<RequestRow[]>;
  inSlot(openSlot: string): Promise<RequestRow | null>;
  /** The completed request of one of these kinds about this certificate. */
  completedAbout(certificateSerialHex: string, kinds: readonly RequestKind[]): Promise<RequestRow | null>;
  expired(atMs: number, limit: number): Promise<RequestRow[]>;
  insertEvent(row: RequestEventRow): Promise<void>;
  /** In the order of their versions. */
  events(requestIds: readonly string[]): Promise<RequestEventRow[]>;
  insertMaterial(row: MaterialRow): Promise<void>;
  removeMaterial(id: string): Promise<void>;
  materials(requestIds: readonly string[]): Promise<MaterialRow[]>;
  /** An approval rests on the materials of the request from now on. */
  markMaterialsApproved(requestId: string): Promise<void>;
  /** Those without an approval of requests that ended before this time without being carried out. */
  materialsOfEnded(endedBeforeMs: number, limit: number): Promise<MaterialRow[]>;
  /** Of these ids, those that stand in the records. */
  knownMaterials(ids: readonly string[]): Promise<string[]>;
  /** False when this staff member has approved it before. */
  insertRecoveryApproval(row: { requestId: string; staffId: string; atMs: number }): Promise<boolean>;
  removeRecoveryApprovals(requestId: string): Promise<void>;
  recoveryApprovals(requestIds: readonly string[]): Promise<{ requestId: string; staffId: string }[]>;
}

/** The unread forms of the JSON columns. */
export function requestSubject(row: Pick<RequestRow, 'subjectJson'>): CertificateSubject | null {
  return row.subjectJson === null ? null : (JSON.parse(row.subjectJson) as CertificateSubject);
}

export type ChosenItem = Omit<CatalogueItemRow, 'projectId' | 'position'>;

export function requestItem(row: Pick<RequestRow, 'itemJson'>): ChosenItem | null {
  return row.itemJson === null ? null : (JSON.parse(row.itemJson) as ChosenItem);
}

export function unitPriceFen(row: Pick<RequestRow, 'itemJson'>): number {
  return requestItem(row)?.unitPriceFen ?? 0;
}

export function remainingQuantity(row: Pick<RequestRow, 'quantity' | 'writtenQuantity' | 'openQuantity'>): number {
  return row.quantity - row.writtenQuantity - row.openQuantity;
}
