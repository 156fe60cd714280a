/** The certificate that a request is about: whose it is, and in which state of it each kind can be asked for. */
import type { CertificateSubject, RequestKind } from '#shared/contract/rest/orders.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { CertificateRecords, CertificateRow, IssuanceRecords } from '../issuance/issuance-port.ts';
import type { RequestRow } from './request-port.ts';

interface CertificateNeed {
  readonly states: readonly CertificateRow['state'][];
  /** Whether it must not have expired. */
  readonly unexpired: boolean;
}

/** A renewal of an expired certificate is the project's rule (`renewal-window.ts`). A revoked one can be reissued: the holder of a lost key reports it first. */
const NEEDS: Readonly<Partial<Record<RequestKind, CertificateNeed>>> = {
  renewal: { states: ['active'], unexpired: false },
  change: { states: ['active'], unexpired: true },
  reissue: { states: ['active', 'suspended', 'revoked'], unexpired: true },
  revocation: { states: ['active', 'suspended'], unexpired: true },
  suspension: { states: ['active'], unexpired: true },
  release: { states: ['suspended'], unexpired: true },
  unlock: { states: ['active', 'suspended', 'revoked'], unexpired: false },
  'key-recovery': { states: ['active', 'suspended', 'revoked'], unexpired: false },
};

/** The signing certificate of the pair that has this serial number. @throws NOT_FOUND, also when it is another account's */
export async function ownedSigningCertificate(certificates: CertificateRecords, accountId: string, serialHex: string): Promise<CertificateRow> {
  const named = await certificates.bySerial(serialHex);
  if (named === null || named.accountId !== accountId) refuse('NOT_FOUND', { what: 'certificate' });
  const sign = named.purpose === 'sign' ? named : (await certificates.ofIssuance(named.issuanceId)).find(({ purpose }) => purpose === 'sign');
  return sign ?? refuse('NOT_FOUND', { what: 'certificate' });
}

/** @throws REQUEST_CERTIFICATE_STATE; nothing is looked at when the request is about no certificate */
export async function checkCertificateFor(certificates: CertificateRecords, request: Pick<RequestRow, 'kind' | 'certificateSerialHex'>, nowMs: number): Promise<void> {
  if (request.certificateSerialHex === null) return;
  const certificate = await certificates.bySerial(request.certificateSerialHex);
  if (certificate === null) refuse('NOT_FOUND', { what: 'certificate' });
  refuseState(request.kind, certificate, nowMs);
}

function refuseState(kind: RequestKind, certificate: CertificateRow, nowMs: number): void {
  const need = NEEDS[kind];
  if (need === undefined) return;
  if (!need.states.includes(certificate.state)) throw new AppError('REQUEST_CERTIFICATE_STATE', { state: certificate.state });
  if (need.unexpired && certificate.notAfterMs <= nowMs) throw new AppError('REQUEST_CERTIFICATE_STATE', { state: 'expired' });
}

/** What the certificate of a request says of its holder now. @throws NOT_FOUND */
export async function subjectBefore(scope: { readonly certificates: CertificateRecords; readonly issuances: IssuanceRecords }, { certificateSerialHex }: Pick<RequestRow, 'certificateSerialHex'>): Promise<CertificateSubject> {
  const certificate = certificateSerialHex === null ? null : await scope.certificates.bySerial(certificateSerialHex);
  const issuance = certificate === null ? null : await scope.issuances.byId(certificate.issuanceId);
  if (issuance === null) refuse('NOT_FOUND', { what: 'certificate' });
  return JSON.parse(issuance.subjectJson) as CertificateSubject;
}
