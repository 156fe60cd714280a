/** What a deed has to know of the request that it carries out, before anything is spent. */
import type { DeedKeyPolicy, DeedKind } from '#shared/contract/desktop/deed-plans.ts';
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import type { Request } from '#shared/contract/rest/requests.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { CaCaller } from '../ca-client/ca-client.ts';
import { findOrderLine } from './order-line.ts';

export interface WantedWriting {
  readonly requestNumber: string;
  readonly orderNumber: string;
  readonly companyName: string;
  readonly projectName: string;
  readonly keyAlgorithm: KeyAlgorithm;
  /** Of renewal and change. */
  readonly keyPolicy: DeedKeyPolicy | null;
  /** The key that the request is for; null: any. */
  readonly tokenSerial: string | null;
  /** Signing certificate that the request is about. */
  readonly certificateSerialHex: string | null;
}

/** In these states a code may be there; whether it is, and right, the service says. */
const WRITABLE: readonly Request['state'][] = ['code-sent', 'writing'];

/** @throws NOT_FOUND, REQUEST_STATE, REQUEST_OTHER_KIND */
export async function findRequest(kind: DeedKind, requestId: string, ca: CaCaller): Promise<WantedWriting> {
  if (kind === 'new-issue') return findNewIssue(requestId, ca);
  const request = await ca.getRequest({ params: { requestId } });
  if (kind !== 'administrator-pin') requireWritable(kind, request);
  return {
    requestNumber: request.number, orderNumber: request.orderNumber ?? '', companyName: request.subject?.commonName ?? request.certificateSubject ?? '', projectName: request.projectName,
    keyAlgorithm: request.keyAlgorithm, keyPolicy: kind === 'renewal' || kind === 'change' ? (request.keyPolicy ?? 'new-keys') : null, tokenSerial: request.tokenSerial, certificateSerialHex: request.certificateSerialHex,
  };
}

/** From the list of what is still to be written: a new issue may be written to many keys, and one that is used up is not in it. */
async function findNewIssue(requestId: string, ca: CaCaller): Promise<WantedWriting> {
  const { requestNumber, orderNumber, companyName, projectName, keyAlgorithm } = await findOrderLine(requestId, ca);
  return { requestNumber, orderNumber, companyName, projectName, keyAlgorithm, keyPolicy: null, tokenSerial: null, certificateSerialHex: null };
}

function requireWritable(kind: DeedKind, request: Request): void {
  if (request.kind !== kind) throw new AppError('REQUEST_OTHER_KIND', { kind: request.kind });
  if (!WRITABLE.includes(request.state)) throw new AppError('REQUEST_STATE', { state: request.state });
}
