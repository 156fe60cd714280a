/**
 * How long the certificates of a request will be valid. An unexpired pair goes on from its end, an expired one from the payment (product rule of
 * renewal); a change or reissue without years keeps the end of the pair before.
 */
import { AppError } from '#shared/errors/app-error.ts';
import { assert } from '#shared/errors/assert.ts';
import { CERTIFICATE_PROFILES } from '../authority/certificate-profile.ts';
import { endOfYears } from '../authority/validity.ts';
import type { CertificateRecords } from '../issuance/issuance-port.ts';
import { replacedCertificate } from '../issuance/replaced-certificate.ts';
import { requestItem, type RequestRow } from './request-port.ts';

export interface Validity {
  readonly years: number;
  /** Absent: `years` after the certificates begin. */
  readonly notAfter?: Date;
}

type ValidityFacts = Pick<RequestRow, 'kind' | 'certificateSerialHex' | 'itemJson' | 'paidAtMs'>;

/** @param nowMs  stands for the payment while nothing is paid yet */
export async function validityOf(certificates: CertificateRecords, request: ValidityFacts, nowMs: number): Promise<Validity> {
  const years = requestItem(request)?.years ?? 0;
  const serialHex = replacedCertificate(request);
  if (serialHex === null) return { years };
  const old = await certificates.bySerial(serialHex);
  assert(old, 'a request about a certificate has it');
  const paidAtMs = request.paidAtMs ?? nowMs;
  // Certificates end one second before the same time of day: the next one counts from the full second.
  const beginMs = old.notAfterMs > paidAtMs ? old.notAfterMs + 1000 : paidAtMs;
  return { years, notAfter: endOfYears(new Date(beginMs), years) };
}

/** @throws REQUEST_VALIDITY_TOO_LONG */
export async function checkValidity(certificates: CertificateRecords, request: ValidityFacts, nowMs: number): Promise<void> {
  const { maxYears } = CERTIFICATE_PROFILES['subscriber-sign'];
  const { notAfter } = await validityOf(certificates, request, nowMs);
  if (notAfter !== undefined && notAfter > endOfYears(new Date(nowMs), maxYears)) throw new AppError('REQUEST_VALIDITY_TOO_LONG', { maxYears, notAfterUtc: notAfter.toISOString() });
}
