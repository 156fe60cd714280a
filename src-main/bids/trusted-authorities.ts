/**
 * 受信任的CA on the screen: whom the bid tool trusts, from where; one more after a person has compared its fingerprint; removing what was added here.
 * Rule: only a certificate that may issue certificates is taken, and only the very one whose fingerprint was confirmed.
 */
import type { AuthorityCertificate, TrustedAuthorities } from '#shared/contract/desktop/authorities.ts';
import type { DesktopInput, DesktopOutput } from '#shared/contract/desktop/desktop-contract.ts';
import { fromBase64, toBase64 } from '#shared/bytes/base64.ts';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { toHex } from '#shared/bytes/hex.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { refuse } from '#shared/errors/app-error.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';
import { findExtension } from '#shared/x509/extension.ts';
import { BASIC_CONSTRAINTS } from '#shared/x509/extensions/basic-constraints.ts';
import { KEY_USAGE } from '#shared/x509/extensions/key-usage.ts';
import { verifySigned } from '#shared/x509/signed-structure.ts';
import { isSelfIssued, trustIn } from '../sealing/trust.ts';
import type { Authorities } from './authorities.ts';
import { certificateFacts, readCertificateFile, sha256Hex } from './certificate-facts.ts';
import type { Uploads } from './files/uploads.ts';

export interface TrustedAuthorityDeps {
  readonly folder: string;
  readonly authorities: Authorities;
  readonly uploads: Pick<Uploads, 'take'>;
  readonly crypto: CryptoPort;
  readonly caBaseUrl: () => string | null;
}

export function createTrustedAuthorities({ folder, authorities, uploads, crypto, caBaseUrl }: TrustedAuthorityDeps) {
  const known = async (): Promise<Uint8Array[]> => (await authorities.files()).flatMap(({ certificates }) => [...certificates]);

  async function list(): Promise<TrustedAuthorities> {
    const files = await authorities.files();
    const all = files.flatMap(({ certificates }) => [...certificates]);
    return { folder, caBaseUrl: caBaseUrl(), authorities: files.map(({ name, source, certificates }) => ({ id: name, source, certificates: certificates.map((der) => viewOf(der, all, crypto)) })) };
  }

  return {
    list,
    inspect: ({ source }: DesktopInput<'authorities.inspect'>): Promise<DesktopOutput<'authorities.inspect'>> => uploads.take(source, async ({ path }) => {
      const der = await readCertificateFile(path);
      await requireAuthority(der, crypto);
      const others = await known();
      const isKnown = others.some((one) => equalBytes(one, der));
      return { certificateDer: toBase64(der), certificate: viewOf(der, [...others, der], crypto), known: isKnown };
    }),
    async add({ certificateDer, confirmedSha256 }: DesktopInput<'authorities.add'>): Promise<TrustedAuthorities> {
      const der = fromBase64(certificateDer);
      await requireAuthority(der, crypto);
      if (sha256Hex(der) !== confirmedSha256) refuse('AUTHORITY_FINGERPRINT');
      if (!(await known()).some((one) => equalBytes(one, der))) await authorities.add(der);
      return list();
    },
    async remove({ id }: DesktopInput<'authorities.remove'>): Promise<TrustedAuthorities> {
      if (!(await authorities.remove(id))) refuse('AUTHORITY_NOT_REMOVABLE', { name: id });
      return list();
    },
  };
}

function viewOf(der: Uint8Array, all: readonly Uint8Array[], crypto: CryptoPort): AuthorityCertificate {
  const role = trustIn(all).anchors.some((one) => equalBytes(one, der)) ? 'anchor' : 'between';
  return { facts: certificateFacts(der), sm3Hex: toHex(crypto.digest('sm3', der)), role, selfSigned: isSelfIssued(parseCertificate(der)) };
}

/** RFC 5280 §4.2.1.9, §4.2.1.3. A root that did not sign itself was changed or is somebody's joke. @throws AUTHORITY_NOT_A_CA, CERTIFICATE_MALFORMED, ALGORITHM_UNSUPPORTED */
async function requireAuthority(der: Uint8Array, crypto: CryptoPort): Promise<void> {
  const certificate = parseCertificate(der);
  if (findExtension(certificate.extensions, BASIC_CONSTRAINTS)?.value.ca !== true) refuse('AUTHORITY_NOT_A_CA', { reason: 'not a CA' });
  const usage = findExtension(certificate.extensions, KEY_USAGE)?.value;
  if (usage && !usage.includes('keyCertSign')) refuse('AUTHORITY_NOT_A_CA', { reason: 'may not sign certificates' });
  if (isSelfIssued(certificate) && !(await verifySigned(certificate, certificate.publicKeySpkiDer, crypto))) refuse('AUTHORITY_NOT_A_CA', { reason: 'its own signature is wrong' });
}
