/** Which fields each kind of request knows, and which it needs before it is submitted. A new kind is a row. */
import type { RequestKind } from '#shared/contract/rest/orders.ts';
import type { RequestDraft } from '#shared/contract/rest/requests.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { RequestRow } from './request-port.ts';

export type RequestField = Exclude<keyof RequestDraft, 'kind'>;

interface KindFields {
  /** In a row of the request, when it is submitted. */
  readonly needed: readonly (keyof RequestRow)[];
  readonly fields: readonly RequestField[];
}

/** `tokenSerial` beside a certificate is allowed when it is the certificate's own; only unlock and key recovery take it as an answer. */
const FIELDS: Readonly<Record<RequestKind, KindFields>> = {
  'new-issue': { needed: ['itemJson', 'subjectJson'], fields: ['projectId', 'itemId', 'quantity', 'subject'] },
  renewal: { needed: ['certificateSerialHex', 'itemJson'], fields: ['certificateSerialHex', 'tokenSerial', 'tokenModelId', 'itemId', 'keyPolicy'] },
  change: { needed: ['certificateSerialHex', 'changeKindId', 'subjectJson'], fields: ['certificateSerialHex', 'tokenSerial', 'tokenModelId', 'itemId', 'changeKindId', 'subject', 'keyPolicy'] },
  unlock: { needed: ['tokenSerial'], fields: ['certificateSerialHex', 'tokenSerial', 'tokenModelId', 'itemId'] },
  revocation: { needed: ['certificateSerialHex', 'revocationReason'], fields: ['certificateSerialHex', 'tokenSerial', 'tokenModelId', 'revocationReason'] },
  suspension: { needed: ['certificateSerialHex'], fields: ['certificateSerialHex', 'tokenSerial', 'tokenModelId'] },
  release: { needed: ['certificateSerialHex'], fields: ['certificateSerialHex', 'tokenSerial', 'tokenModelId'] },
  reissue: { needed: ['certificateSerialHex', 'revocationReason', 'oldKeyHandling'], fields: ['certificateSerialHex', 'tokenSerial', 'tokenModelId', 'itemId', 'revocationReason', 'oldKeyHandling'] },
  'key-recovery': { needed: ['certificateSerialHex', 'tokenSerial'], fields: ['certificateSerialHex', 'tokenSerial', 'tokenModelId'] },
};

/** @throws REQUEST_FIELD_NOT_FOR_KIND */
export function refuseForeignFields(kind: RequestKind, given: readonly string[]): void {
  for (const field of given) {
    if (!(FIELDS[kind].fields as readonly string[]).includes(field)) throw new AppError('REQUEST_FIELD_NOT_FOR_KIND', { kind, field });
  }
}

/** The names of the contract for what is missing in a row. */
const FIELD_OF: Readonly<Partial<Record<keyof RequestRow, string>>> = { itemJson: 'itemId', subjectJson: 'subject' };

/** @throws REQUEST_INCOMPLETE */
export function refuseIncomplete(row: RequestRow, itemsOffered: boolean): void {
  const needed = itemsOffered ? [...new Set([...FIELDS[row.kind].needed, 'itemJson' as const])] : FIELDS[row.kind].needed;
  const fields = needed.filter((name) => row[name] === null).map((name) => FIELD_OF[name] ?? name);
  if (fields.length > 0) throw new AppError('REQUEST_INCOMPLETE', { kind: row.kind, fields });
}
