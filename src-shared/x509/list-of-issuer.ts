/** Whether a revocation list is one of an issuer: RFC 5280 §6.3.3, for complete lists that a CA issues itself. Whether it is current is another question. Pure. */
import { equalBytes } from '../bytes/byte-strings.ts';
import type { CryptoPort } from '../crypto/crypto-port.ts';
import type { Certificate } from './certificate.ts';
import type { CertificateRevocationList } from './certificate-revocation-list.ts';
import { findExtension } from './extension.ts';
import { KEY_USAGE } from './extensions/key-usage.ts';
import { CRL_EXTENSIONS, findUnknownCritical } from './extensions/known-extensions.ts';
import { verifySigned } from './signed-structure.ts';

/** @throws ALGORITHM_UNSUPPORTED, KEY_INVALID and what else a signature can be that cannot be verified */
export async function isListOf(crl: CertificateRevocationList, issuer: Certificate, crypto: CryptoPort): Promise<boolean> {
  if (!equalBytes(crl.issuer.der, issuer.subject.der)) return false;
  const usage = findExtension(issuer.extensions, KEY_USAGE)?.value;
  if (usage && !usage.includes('cRLSign')) return false;
  // Lists of changes and lists for a part of the certificates say so critically.
  if (findUnknownCritical(crl.extensions, CRL_EXTENSIONS)) return false;
  return equalBytes(crl.signatureAlgorithm.der, crl.tbsSignatureAlgorithm.der) && (await verifySigned(crl, issuer.publicKeySpkiDer, crypto));
}
