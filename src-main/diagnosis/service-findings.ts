/** The CA service: whether it is set, answers, by a certificate that this machine trusts, how far the clocks are apart, and its own chain of CA certificates. */
import { fromPem } from '#shared/x509/pem.ts';
import { parseCertificate, type Certificate } from '#shared/x509/certificate.ts';
import { nameText } from '#shared/x509/name.ts';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { toHex } from '#shared/bytes/hex.ts';
import { verifySigned } from '#shared/x509/signed-structure.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import type { CaStatus } from '#shared/contract/desktop/desktop-contract.ts';
import { AppError, toAppError } from '#shared/errors/app-error.ts';
import type { CaClient } from '../ca-client/ca-client.ts';
import type { Found } from './findings.ts';

export interface ServicePorts {
  /** Null: none is set. */
  readonly baseUrl: () => string | null;
  /** @throws CA_NOT_CONFIGURED, CA_ADDRESS_* */
  readonly client: () => CaClient;
  readonly askStatus: () => Promise<CaStatus>;
  readonly crypto: CryptoPort;
  readonly now: () => Date;
}

/** CA certificates of the service; empty when it does not answer. */
export interface ServiceChain {
  readonly rootsDer: readonly Uint8Array[];
  readonly intermediatesDer: readonly Uint8Array[];
}

/** Certificates, codes and challenges are judged by time: more than this is not a matter of taste any more. */
const MAX_CLOCK_OFFSET_SECONDS = 60;
const NO_CHAIN: ServiceChain = { rootsDer: [], intermediatesDer: [] };

export async function lookAtService(ports: ServicePorts, found: Found): Promise<ServiceChain> {
  const address = ports.baseUrl();
  if (address === null) {
    found('CA_NOT_SET', '');
    return NO_CHAIN;
  }
  const status = await ports.askStatus();
  if (!status.reachable) {
    const reason = await whyUnreachable(ports);
    found(reason === 'tls' ? 'CA_TLS' : 'CA_AWAY', '', { address, code: status.errorCode, reason });
    return NO_CHAIN;
  }
  found('CA_REACHABLE', '', { address, name: status.info?.name ?? '', version: status.info?.version ?? '', sandbox: status.info?.sandbox != null });
  const offset = status.clockOffsetSeconds ?? 0;
  found(Math.abs(offset) <= MAX_CLOCK_OFFSET_SECONDS ? 'CLOCK_RIGHT' : 'CLOCK_OFF', '', { offsetSeconds: offset, hereUtc: ports.now().toISOString(), serviceUtc: status.info?.timeUtc ?? null });
  return readChain(ports, address, found);
}

/** The status says only that it failed; one more call says at which step. */
async function whyUnreachable({ client }: ServicePorts): Promise<string> {
  try {
    await client().anonymous.getServiceInfo({});
    return 'just now';
  } catch (thrown) {
    const { details } = toAppError(thrown);
    return typeof details['reason'] === 'string' ? details['reason'] : 'unknown';
  }
}

async function readChain({ client, crypto }: ServicePorts, address: string, found: Found): Promise<ServiceChain> {
  try {
    const bytes = await client().publicFile('ca/chain.pem');
    if (bytes === null) throw new AppError('CERTIFICATE_MALFORMED', { reason: 'no chain is published' });
    const certificates = fromPem(Buffer.from(bytes).toString('latin1')).map(({ der }) => parseCertificate(der));
    const roots = certificates.filter(isSelfIssued);
    for (const root of roots) if (!(await verifySigned(root, root.publicKeySpkiDer, crypto))) throw new AppError('CERTIFICATE_MALFORMED', { reason: `root not signed by itself: ${nameText(root.subject)}` });
    if (roots.length === 0) throw new AppError('CERTIFICATE_MALFORMED', { reason: 'no root' });
    return { rootsDer: roots.map(({ der }) => der), intermediatesDer: certificates.filter((one) => !isSelfIssued(one)).map(({ der }) => der) };
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.code === 'INTERNAL') throw thrown;
    found('CA_CHAIN_INVALID', '', { address, code: error.code, reason: typeof error.details['reason'] === 'string' ? error.details['reason'] : null });
    return NO_CHAIN;
  }
}

const isSelfIssued = (certificate: Certificate) => equalBytes(certificate.subject.der, certificate.issuer.der);

export const fingerprintOf = (certificateDer: Uint8Array, crypto: CryptoPort) => toHex(crypto.digest('sha-256', certificateDer));
