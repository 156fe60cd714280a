/** Whom a bid command trusts: certificates of authorities named on the command line, with the revocation lists of the data folder and of files. */
import { join } from 'node:path';
import { parseCertificateRevocationList } from '#shared/x509/certificate-revocation-list.ts';
import { fromPem } from '#shared/x509/pem.ts';
import { openCrlCache, type CrlCache } from '../../../sealing/crl-cache.ts';
import { fetchBytes } from '../../../sealing/fetch-bytes.ts';
import { trustIn, type TrustQuestion } from '../../../sealing/trust.ts';
import type { BidContext } from './bid-context.ts';
import { readCertificates, readSmallFile } from './bid-inputs.ts';

export interface TrustOptions {
  /** Certificates of authorities. */
  readonly trust?: readonly string[];
  /** Revocation lists that were brought along. */
  readonly crl?: readonly string[];
}

/** @returns null when no authority is named: then nothing is said about chains */
export async function readTrust(context: BidContext, { trust = [], crl = [] }: TrustOptions): Promise<TrustQuestion | null> {
  if (trust.length === 0) return null;
  const [certificates, lists] = [await allCertificates(trust), await crlCache(context, false).all()];
  for (const path of crl) lists.push(await readList(path));
  return trustIn(certificates, lists);
}

/** Fetches the lists that these certificates and the authorities name, and says how it went. */
export async function refreshLists(context: BidContext, certificates: readonly Uint8Array[], { trust = [] }: TrustOptions): Promise<void> {
  const issuers = await allCertificates(trust);
  for (const { address, problem } of await crlCache(context, true).refresh([...certificates, ...issuers], issuers)) context.terminal.note(`${address}: ${problem ?? context.say('crlFresh')}`);
}

const crlCache = ({ dataFolder, means }: BidContext, online: boolean): CrlCache => openCrlCache(join(dataFolder, 'crls'), online ? fetchBytes : null, means);

async function allCertificates(paths: readonly string[]): Promise<Uint8Array[]> {
  const certificates: Uint8Array[] = [];
  for (const path of paths) certificates.push(...(await readCertificates(path)));
  return certificates;
}

/** PEM or DER; whose it is, and whether it is current, is asked when it is used. @throws DER_MALFORMED, CERTIFICATE_MALFORMED */
async function readList(path: string): Promise<Uint8Array> {
  const bytes = await readSmallFile(path);
  const der = bytes[0] === 0x30 ? bytes : (fromPem(Buffer.from(bytes).toString('latin1')).find(({ label }) => label === 'X509 CRL')?.der ?? bytes);
  parseCertificateRevocationList(der);
  return der;
}
