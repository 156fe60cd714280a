/** Staff revoke, suspend or release a pair, named by either certificate of it. */
import type { CertificateRecord } from '#shared/contract/rest/certificates.ts';
import { refuse } from '#shared/errors/app-error.ts';
import type { AuditSeal } from '../audit/audit-port.ts';
import type { Caller } from '../caller.ts';
import { certificateView } from '../certificates/read-certificates.ts';
import type { Clock } from '../clock.ts';
import type { Transactions } from '../transactions.ts';
import { changePair, type ChangePairScope, type PairChange } from './change-pair.ts';
import type { CrlPublisher } from './crl-publisher.ts';

export interface StaffChangesPorts {
  readonly transactions: Transactions<ChangePairScope>;
  readonly crlPublisher: Pick<CrlPublisher, 'changed'>;
  readonly auditSeal: AuditSeal;
  readonly clock: Clock;
}

/** @returns both certificates as they stand now. @throws NOT_FOUND, CERTIFICATE_STATE */
export async function changePairByStaff(ports: StaffChangesPorts, caller: Caller, serialHex: string, change: PairChange, note: string | undefined): Promise<{ items: CertificateRecord[] }> {
  const pair = await ports.transactions.write(async (scope) => {
    const certificate = (await scope.certificates.bySerial(serialHex)) ?? refuse('NOT_FOUND', { what: 'certificate' });
    await changePair(scope, ports.auditSeal, certificate, change, { actor: caller.accountId, way: 'staff', nowMs: ports.clock().getTime(), ...(note === undefined ? {} : { note }) });
    return await scope.certificates.ofIssuance(certificate.issuanceId);
  });
  const [first] = pair;
  if (first !== undefined) ports.crlPublisher.changed(first.caId);
  return { items: pair.map(certificateView) };
}
