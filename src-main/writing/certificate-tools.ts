/** X.509 for the deed, on the project's own structures (src-shared/x509). */
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import { KEY_ALGORITHMS } from '#shared/crypto/algorithms.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';
import { parseCertificationRequest, signCertificationRequest } from '#shared/x509/certification-request.ts';
import { findExtension } from '#shared/x509/extension.ts';
import { BASIC_CONSTRAINTS } from '#shared/x509/extensions/basic-constraints.ts';
import { KEY_USAGE } from '#shared/x509/extensions/key-usage.ts';
import { parsePublicKeyInfo } from '#shared/x509/public-key-info.ts';
import { verifySigned } from '#shared/x509/signed-structure.ts';
import { validatePath } from '#shared/x509/validate-path.ts';
import type { CertificateTools } from './ports.ts';

function algorithmOf(publicKeySpkiDer: Uint8Array): KeyAlgorithm | null {
  const key = parsePublicKeyInfo(publicKeySpkiDer);
  if (key.kind === 'rsa') return key.modulusBits === 2048 ? 'rsa-2048' : null;
  return key.kind === 'sm2' ? 'sm2' : null;
}

export function createCertificateTools(crypto: CryptoPort): CertificateTools {
  return {
    readCertificate(certificateDer) {
      const certificate = parseCertificate(certificateDer);
      return {
        serialHex: certificate.serialHex,
        keyAlgorithm: algorithmOf(certificate.publicKeySpkiDer),
        subjectDer: certificate.subject.der,
        publicKeySpkiDer: certificate.publicKeySpkiDer,
        keyUsages: findExtension(certificate.extensions, KEY_USAGE)?.value ?? [],
        isAuthority: findExtension(certificate.extensions, BASIC_CONSTRAINTS)?.value.ca ?? false,
        notBefore: certificate.notBefore.date,
        notAfter: certificate.notAfter.date,
      };
    },
    async verifyChain(certificateDer, chainDer, at) {
      const rootDer = chainDer.at(-1);
      if (!rootDer) return { valid: false, reason: 'CHAIN_EMPTY' };
      const root = parseCertificate(rootDer);
      if (!equalBytes(root.subject.der, root.issuer.der)) return { valid: false, reason: 'ROOT_NOT_SELF_ISSUED' };
      // Whether each of these is revoked is the service's to know: it issued them a second ago. Relying parties ask the CRL.
      return validatePath({ leafDer: certificateDer, intermediatesDer: chainDer.slice(0, -1), trustAnchorsDer: [rootDer], at, revocation: { kind: 'not-checked' } }, crypto);
    },
    makeRequest: (subjectDer, publicKeySpkiDer, algorithm, sign) => signCertificationRequest({ subjectDer, publicKeySpkiDer, signAlgorithm: KEY_ALGORITHMS[algorithm].sign }, sign),
    async verifyRequest(csrDer) {
      const request = parseCertificationRequest(csrDer);
      if (!(await verifySigned(request, request.publicKeySpkiDer, crypto))) throw new AppError('CSR_SIGNATURE');
      return { publicKeySpkiDer: request.publicKeySpkiDer };
    },
  };
}
