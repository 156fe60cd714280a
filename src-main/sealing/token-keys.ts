/**
 * Keys of a logged-in token as sealing wants them: decryption keys and signers, each with its certificate. Stands on the token port alone, whatever the driver.
 * Rule: a key is known by its certificate, in whichever container it lies (history containers too), never by a label.
 */
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { toHex } from '#shared/bytes/hex.ts';
import type { EnvelopeRecipient } from '#shared/cms/envelope.ts';
import { refuse } from '#shared/errors/app-error.ts';
import { nullWhenRefused } from '#shared/errors/null-when-refused.ts';
import { findOpener } from '#shared/seal/collect-shares.ts';
import type { SealSigner } from '#shared/seal/one-signature.ts';
import type { SealHeader } from '#shared/seal/seal-header.ts';
import type { Suite } from '#shared/seal/suites.ts';
import { parseCertificate, type Certificate } from '#shared/x509/certificate.ts';
import { findExtension } from '#shared/x509/extension.ts';
import { KEY_USAGE } from '#shared/x509/extensions/key-usage.ts';
import { parsePublicKeyInfo } from '#shared/x509/public-key-info.ts';
import type { ContainerSide, KeyPurpose, TokenSession } from '../token/token-port.ts';
import { withSealedFile, type BidFile } from './sealed-file.ts';
import type { SealingMeans } from './sealing-means.ts';

export interface TokenKeys {
  /** Every key that can decrypt, with each certificate that is known for it. */
  readonly recipients: readonly EnvelopeRecipient[];
  /** Every key that can sign and has a certificate for that on the token. */
  readonly signers: readonly SealSigner[];
}

interface Found {
  readonly containerId: string;
  readonly purpose: KeyPurpose;
  readonly side: ContainerSide;
}

/** @param knownCertificates certificates from elsewhere (a ledger, a backup), for keys whose own one is no longer on the token */
export async function readTokenKeys(session: TokenSession, knownCertificates: readonly Uint8Array[] = []): Promise<TokenKeys> {
  const found: Found[] = [];
  for (const { containerId, sign, encrypt } of await session.listContainers()) {
    // The decryption side first: a foreign key that serves for both stands on both sides and is taken once.
    if (encrypt.hasPrivateKey) found.push({ containerId, purpose: 'encrypt', side: encrypt });
    if (sign.hasPrivateKey) found.push({ containerId, purpose: 'sign', side: sign });
  }
  const known = knownCertificates.map(tryParse).filter((one) => one !== null);
  return { recipients: recipientsOf(session, found, known), signers: signersOf(session, found) };
}

function recipientsOf(session: TokenSession, found: readonly Found[], known: readonly Certificate[]): EnvelopeRecipient[] {
  const byCertificate = new Map<string, EnvelopeRecipient>();
  for (const { containerId, purpose, side } of found) {
    for (const certificate of certificatesOf(side, known)) {
      const key = toHex(certificate.der);
      if (byCertificate.has(key)) continue;
      const decrypt = (ciphertext: Uint8Array) => session.decrypt(containerId, purpose, ciphertext);
      const sm2 = kindOf(certificate) === 'sm2';
      byCertificate.set(key, { certificateDer: certificate.der, decrypt, ...(sm2 ? { openSession: decrypt } : {}) });
    }
  }
  return [...byCertificate.values()];
}

/** Of this very key: a certificate object that was left behind by another key opens nothing. */
function certificatesOf(side: ContainerSide, known: readonly Certificate[]): Certificate[] {
  const own = side.certificateDer === null ? null : tryParse(side.certificateDer);
  const spki = side.publicKeySpkiDer;
  if (spki === null) return own ? [own] : [];
  return [...(own ? [own] : []), ...known].filter(({ publicKeySpkiDer }) => equalBytes(publicKeySpkiDer, spki));
}

function signersOf(session: TokenSession, found: readonly Found[]): SealSigner[] {
  const signers: SealSigner[] = [];
  for (const { containerId, purpose, side } of found) {
    if (purpose !== 'sign') continue;
    for (const certificate of certificatesOf(side, [])) {
      if (maySign(certificate)) signers.push({ certificateDer: certificate.der, sign: (message) => session.sign(containerId, 'sign', message) });
    }
  }
  return signers;
}

function maySign(certificate: Certificate): boolean {
  const usage = findExtension(certificate.extensions, KEY_USAGE)?.value;
  const kind = kindOf(certificate);
  return (kind === 'rsa' || kind === 'sm2') && (!usage || usage.includes('digitalSignature') || usage.includes('nonRepudiation'));
}

function kindOf(certificate: Certificate): 'rsa' | 'sm2' | 'ec' | null {
  return nullWhenRefused(() => parsePublicKeyInfo(certificate.publicKeySpkiDer).kind);
}

/** Tokens hold all kinds of things in certificate objects. */
function tryParse(der: Uint8Array): Certificate | null {
  return nullWhenRefused(() => parseCertificate(der));
}

/** Those of the keys that open this bid. @throws SEAL_NOT_AN_OPENER when there is none */
export function openersIn(recipients: readonly EnvelopeRecipient[], header: SealHeader, suite: Suite): EnvelopeRecipient[] {
  const mine = recipients.filter(({ certificateDer }) => findOpener(header, certificateDer, suite) !== null);
  return mine.length > 0 ? mine : refuse('SEAL_NOT_AN_OPENER');
}

/** The same for a file; for a plain one none are needed. */
export function openersOfFile(bid: BidFile, recipients: readonly EnvelopeRecipient[], means: SealingMeans): Promise<EnvelopeRecipient[]> {
  return withSealedFile(bid, means, async ({ header, means: { suite } }) => (header.core.kind === 'plain' ? [] : openersIn(recipients, header, suite)));
}

/**
 * The signer that is meant: the one of that fingerprint (digest of the certificate by this suite), else of those valid now the one certified last.
 * @throws SEAL_NO_SIGNING_KEY
 */
export function chooseSigner(keys: TokenKeys, at: Date, wanted: { readonly fingerprint: Uint8Array; readonly suite: Suite } | null = null): SealSigner {
  const now = keys.signers
    .map((signer) => ({ signer, certificate: parseCertificate(signer.certificateDer) }))
    .filter(({ certificate: { notBefore, notAfter } }) => notBefore.date <= at && at < notAfter.date)
    .filter(({ signer }) => wanted === null || equalBytes(wanted.suite.digest(signer.certificateDer), wanted.fingerprint))
    .sort((one, other) => other.certificate.notBefore.date.getTime() - one.certificate.notBefore.date.getTime());
  return now[0]?.signer ?? refuse('SEAL_NO_SIGNING_KEY', { signingKeys: keys.signers.length });
}
