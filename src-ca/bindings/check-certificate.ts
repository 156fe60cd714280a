/** Which certificates are good for binding and login: a signing certificate of this service that is active and in its time, or one of a foreign CA that the project trusts. */
import { createHash } from 'node:crypto';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { parseCertificate, type Certificate } from '#shared/x509/certificate.ts';
import { nameText } from '#shared/x509/name.ts';
import type { CertificateRecords, CertificateRow } from '../issuance/issuance-port.ts';
import { rulesOf, type CatalogueRecords } from '../orders/order-port.ts';
import type { Transactions } from '../transactions.ts';
import type { TrustedCaRecords } from './binding-port.ts';
import { checkForeignCertificate, type TrustedCaWithLists } from './trusted-ca-path.ts';

export interface CheckCertificateScope {
  readonly certificates: CertificateRecords;
  readonly catalogue: CatalogueRecords;
  readonly trustedCas: TrustedCaRecords;
}

export interface CheckCertificatePorts {
  readonly transactions: Transactions<CheckCertificateScope>;
  readonly crypto: CryptoPort;
  readonly clock: () => Date;
}

/** A certificate as bindings know it. */
export interface KnownCertificate {
  readonly certificateDer: Uint8Array;
  readonly certificateSha256: string;
  readonly serialHex: string;
  readonly subject: string;
  readonly issuer: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly projectId: string | null;
  /** Null: of this service. */
  readonly trustedCaId: string | null;
  /** Account that this service issued it to. */
  readonly ownerAccountId: string | null;
}

/**
 * @param projectId whose trusted CAs count for a foreign certificate; of our own certificates the project is known
 * @throws CERTIFICATE_MALFORMED, CERTIFICATE_NOT_TRUSTED, CERTIFICATE_NOT_FOR_SIGNING, CERTIFICATE_REVOKED, CERTIFICATE_SUSPENDED, CERTIFICATE_EXPIRED
 */
export async function checkSigningCertificate(ports: CheckCertificatePorts, certificateDer: Uint8Array, projectId: string | null): Promise<KnownCertificate> {
  const certificate = readCertificate(certificateDer);
  const certificateSha256 = createHash('sha256').update(certificateDer).digest('hex');
  const own = await ports.transactions.read(({ certificates }) => certificates.bySerial(certificate.serialHex));
  // The serial number alone is anyone's to choose.
  const isOwn = own !== null && own.sha256Hex === certificateSha256;
  if (isOwn) checkOwn(own, ports.clock().getTime());
  const trusted = isOwn ? null : await checkForeignCertificate(ports.crypto, certificate, await trustedCasOf(ports, projectId), ports.clock());
  return {
    certificateDer, certificateSha256, serialHex: certificate.serialHex, subject: nameText(certificate.subject), issuer: nameText(certificate.issuer),
    notBeforeMs: certificate.notBefore.date.getTime(), notAfterMs: certificate.notAfter.date.getTime(),
    projectId: isOwn ? own.projectId : projectId, trustedCaId: trusted?.id ?? null, ownerAccountId: isOwn ? own.accountId : null,
  };
}

function readCertificate(der: Uint8Array): Certificate {
  try {
    return parseCertificate(der);
  } catch (thrown) {
    throw thrown instanceof AppError ? new AppError('CERTIFICATE_MALFORMED', thrown.details, thrown) : thrown;
  }
}

function checkOwn(row: CertificateRow, nowMs: number): void {
  if (row.purpose !== 'sign') throw new AppError('CERTIFICATE_NOT_FOR_SIGNING');
  if (row.state === 'revoked') throw new AppError('CERTIFICATE_REVOKED');
  if (row.state === 'suspended') throw new AppError('CERTIFICATE_SUSPENDED');
  // Not proven on a key yet.
  if (row.state === 'pending') throw new AppError('CERTIFICATE_NOT_TRUSTED', { reason: 'PENDING' });
  if (nowMs < row.notBeforeMs || nowMs > row.notAfterMs) throw new AppError('CERTIFICATE_EXPIRED');
}

async function trustedCasOf(ports: CheckCertificatePorts, projectId: string | null): Promise<TrustedCaWithLists[]> {
  if (projectId === null) return [];
  return await ports.transactions.read(async ({ catalogue, trustedCas }) => {
    const project = await catalogue.project(projectId);
    const ids = project === null ? [] : rulesOf(project).trustedCaIds;
    const found: TrustedCaWithLists[] = [];
    for (const id of ids) {
      const ca = await trustedCas.byId(id);
      if (ca !== null) found.push({ ca, crls: await trustedCas.crls(id) });
    }
    return found;
  });
}
