/** Keys that are seen, the state of their PIN, and each certificate: valid now, by the chain and the revocation lists of the service, ending soon, with a key to it. */
import type { TokenCertificate, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { fromBase64 } from '#shared/bytes/base64.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { toAppError } from '#shared/errors/app-error.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';
import { findExtension } from '#shared/x509/extension.ts';
import { CRL_DISTRIBUTION_POINTS } from '#shared/x509/extensions/crl-distribution-points.ts';
import { validatePath, type PathResult } from '#shared/x509/validate-path.ts';
import type { CaClient } from '../ca-client/ca-client.ts';
import { daysLeft, expiryWarning } from '../keys/days-left.ts';
import type { Facts, Found } from './findings.ts';
import type { ServiceChain } from './service-findings.ts';

export interface KeyPorts {
  readonly crypto: CryptoPort;
  readonly now: () => Date;
  /** Null: there is none to ask. */
  readonly client: CaClient | null;
}

export async function lookAtKeys(tokens: readonly TokenSummary[], chain: ServiceChain, ports: KeyPorts, found: Found): Promise<void> {
  if (tokens.length === 0) return found('NO_KEY', '');
  const crls = createCrlReader(ports.client);
  for (const token of tokens) {
    const { serial, driverId } = token.ref;
    const facts: Facts = { serial, driver: driverId, label: token.label, model: token.modelId, hardwareModel: token.hardwareModel };
    found('KEY_SEEN', serial, { ...facts, certificates: token.certificates.length });
    lookAtPin(token, facts, found);
    if (token.modelId === null) found('KEY_NO_MODEL', serial, { ...facts, manufacturer: token.manufacturer });
    if (token.certificates.length === 0) found('KEY_EMPTY', serial, facts);
    for (const certificate of token.certificates) await lookAtCertificate(certificate, token, chain, { ...ports, crls }, found);
  }
}

function lookAtPin({ pin, ref, defaultPin }: TokenSummary, facts: Facts, found: Found): void {
  const tries = { ...facts, triesLeft: pin.triesLeft };
  if (pin.status === 'locked') found('KEY_PIN_LOCKED', ref.serial, tries);
  else if (pin.status === 'not-initialised') found('KEY_NOT_INITIALISED', ref.serial, facts);
  else if (pin.status === 'low' || pin.status === 'final-try') found('KEY_PIN_LOW', ref.serial, tries);
  if (defaultPin === 'change-it' || pin.mustChange) found('KEY_DEFAULT_PIN', ref.serial, facts);
}

interface CertificateMeans extends KeyPorts {
  readonly crls: CrlReader;
}

async function lookAtCertificate(certificate: TokenCertificate, token: TokenSummary, chain: ServiceChain, means: CertificateMeans, found: Found): Promise<void> {
  const { sha256Hex, purpose, subjectCommonName, issuerCommonName, serialHex, notBeforeUtc, notAfterUtc } = certificate;
  const days = daysLeft(notAfterUtc, means.now());
  const facts: Facts = { serial: token.ref.serial, holder: subjectCommonName, issuer: issuerCommonName, certificateSerial: serialHex, purpose, notBeforeUtc, notAfterUtc, daysLeft: days };
  const about = `${token.ref.serial} ${sha256Hex.slice(0, 16)}`;
  if (certificate.hasPrivateKey === false) found('CERTIFICATE_NO_KEY', about, facts);
  if (Date.parse(notAfterUtc) <= means.now().getTime()) return found('CERTIFICATE_EXPIRED', about, facts);
  if (Date.parse(notBeforeUtc) > means.now().getTime()) return found('CERTIFICATE_NOT_YET', about, facts);
  const warning = expiryWarning(days);
  if (warning !== null && warning <= 30) found('CERTIFICATE_ENDS_SOON', about, facts);
  const trust = await trustOf(certificate, chain, means);
  found(trust.code, about, { ...facts, reason: trust.reason });
}

type TrustCode = 'CERTIFICATE_VALID' | 'CERTIFICATE_REVOKED' | 'CERTIFICATE_UNTRUSTED' | 'CERTIFICATE_OTHER_CA' | 'CERTIFICATE_NOT_CHECKED';

async function trustOf(certificate: TokenCertificate, chain: ServiceChain, means: CertificateMeans): Promise<{ readonly code: TrustCode; readonly reason: string | null }> {
  if (chain.rootsDer.length === 0) return { code: 'CERTIFICATE_NOT_CHECKED', reason: 'no chain' };
  const question = { leafDer: fromBase64(certificate.certificateDer), intermediatesDer: chain.intermediatesDer, trustAnchorsDer: chain.rootsDer, at: means.now() };
  const path = await validatePath({ ...question, revocation: { kind: 'not-checked' } }, means.crypto);
  if (!path.valid) return { code: path.reason === 'ISSUER_NOT_FOUND' ? 'CERTIFICATE_OTHER_CA' : 'CERTIFICATE_UNTRUSTED', reason: path.reason };
  const crlsDer = await means.crls.of(path.chain.slice(0, -1).map(({ der }) => der));
  if (crlsDer === null) return { code: 'CERTIFICATE_NOT_CHECKED', reason: 'CRL_MISSING' };
  return byRevocation(await validatePath({ ...question, revocation: { kind: 'crls', crlsDer } }, means.crypto));
}

function byRevocation(path: PathResult): { readonly code: TrustCode; readonly reason: string | null } {
  if (path.valid) return { code: 'CERTIFICATE_VALID', reason: null };
  if (path.reason === 'CERT_REVOKED') return { code: 'CERTIFICATE_REVOKED', reason: path.revokedAt?.toISOString() ?? null };
  const notKnown = path.reason === 'CRL_MISSING' || path.reason === 'CRL_STALE' || path.reason === 'CRL_INVALID';
  return { code: notKnown ? 'CERTIFICATE_NOT_CHECKED' : 'CERTIFICATE_UNTRUSTED', reason: path.reason };
}

interface CrlReader {
  /** The lists that these certificates name. @returns null when one of them cannot be had */
  of(certificatesDer: readonly Uint8Array[]): Promise<Uint8Array[] | null>;
}

/** Fetches from the service only, whatever host the certificates name: a certificate on a key may be anyone's. */
function createCrlReader(client: CaClient | null): CrlReader {
  const fetched = new Map<string, Promise<Uint8Array | null>>();
  const fetchOnce = (path: string) => {
    const known = fetched.get(path) ?? fetchCrl(client, path);
    fetched.set(path, known);
    return known;
  };
  return {
    async of(certificatesDer) {
      const lists: Uint8Array[] = [];
      for (const der of certificatesDer) {
        const [address] = findExtension(parseCertificate(der).extensions, CRL_DISTRIBUTION_POINTS)?.value ?? [];
        const list = address !== undefined && URL.canParse(address) ? await fetchOnce(new URL(address).pathname.replace(/^.*\/(?=crl\/)/, '').replace(/^\/+/, '')) : null;
        if (list === null) return null;
        lists.push(list);
      }
      return lists;
    },
  };
}

async function fetchCrl(client: CaClient | null, path: string): Promise<Uint8Array | null> {
  try {
    return (await client?.publicFile(path)) ?? null;
  } catch (thrown) {
    if (toAppError(thrown).code === 'INTERNAL') throw thrown;
    return null;
  }
}
