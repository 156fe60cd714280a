/** Which kinds of request put a new pair in the place of an old one, and why the old one is revoked then (RFC 5280 §5.3.1). */
import type { RequestKind } from '#shared/contract/rest/orders.ts';
import type { RevocationReason } from '#shared/contract/rest/requests.ts';
import { requestSubject, type RequestRow } from '../requests/request-port.ts';
import type { CertificateText } from './authorities.ts';

const REPLACING: readonly RequestKind[] = ['renewal', 'change', 'reissue'];

/** The signing certificate of the old pair; null when nothing is replaced. */
export function replacedCertificate(request: Pick<RequestRow, 'kind' | 'certificateSerialHex'>): string | null {
  return REPLACING.includes(request.kind) ? request.certificateSerialHex : null;
}

/** A change of name or code is a change of affiliation; a lost key says why itself. */
export function replacementReason(request: RequestRow, before: Pick<CertificateText, 'subject'>, after: Pick<CertificateText, 'subject'>): RevocationReason {
  if (request.kind === 'reissue') return request.revocationReason ?? 'superseded';
  const named = request.kind === 'change' && requestSubject(request) !== null && before.subject !== after.subject;
  return named ? 'affiliationChanged' : 'superseded';
}
