/** Certification requests of subscribers: strict form, the expected subject, a strong key of the right kind, proof of possession. The requester's wishes are ignored; the profile decides. */
import { OIDS } from '#shared/asn1/oids.ts';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import { KEY_ALGORITHMS, SIGN_ALGORITHMS } from '#shared/crypto/algorithms.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { findRsaWeakness } from '#shared/crypto/rsa-strength.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { ErrorCode } from '#shared/errors/error-table.ts';
import { signAlgorithmOf } from '#shared/x509/algorithm-identifier.ts';
import { parseCertificationRequest, type CertificationRequest } from '#shared/x509/certification-request.ts';
import { CERTIFICATE_EXTENSIONS, findUnknownCritical } from '#shared/x509/extensions/known-extensions.ts';
import { parsePublicKeyInfo } from '#shared/x509/public-key-info.ts';
import { verifySigned } from '#shared/x509/signed-structure.ts';

/** @throws CSR_MALFORMED, CSR_SUBJECT, CSR_KEY_ALGORITHM, CSR_KEY_WEAK, CSR_SIGNATURE */
export async function checkCsr(csrDer: Uint8Array, expectedSubjectDer: Uint8Array, keyAlgorithm: KeyAlgorithm, crypto: CryptoPort): Promise<{ publicKeySpkiDer: Uint8Array }> {
  const request = readAs('CSR_MALFORMED', () => parseCertificationRequest(csrDer));
  checkAttributes(request);
  if (!equalBytes(request.subject.der, expectedSubjectDer)) throw new AppError('CSR_SUBJECT');
  checkKey(request.publicKeySpkiDer, keyAlgorithm);
  await checkPossession(request, keyAlgorithm, crypto);
  // Copied: the view would keep the whole request alive.
  return { publicKeySpkiDer: Uint8Array.from(request.publicKeySpkiDer) };
}

/** Refuse by default: of attributes only the extension request of PKCS#9 is known, and in it nothing critical that we do not understand. */
function checkAttributes(request: CertificationRequest): void {
  const unknown = request.attributeOids.find((oid) => oid !== OIDS.extensionRequest);
  if (unknown) throw new AppError('CSR_MALFORMED', { reason: 'unknown attribute', oid: unknown });
  const critical = findUnknownCritical(request.requestedExtensions, CERTIFICATE_EXTENSIONS);
  if (critical) throw new AppError('CSR_MALFORMED', { reason: 'unknown critical extension', oid: critical.oid });
}

function checkKey(publicKeySpkiDer: Uint8Array, keyAlgorithm: KeyAlgorithm): void {
  const key = readAs('CSR_MALFORMED', () => parsePublicKeyInfo(publicKeySpkiDer));
  if (key.kind !== KEY_ALGORITHMS[keyAlgorithm].keyKind) throw new AppError('CSR_KEY_ALGORITHM', { wanted: keyAlgorithm, got: key.kind });
  const weakness = key.kind === 'rsa' ? findRsaWeakness(key) : null;
  if (weakness) throw new AppError('CSR_KEY_WEAK', { reason: weakness });
}

async function checkPossession(request: CertificationRequest, keyAlgorithm: KeyAlgorithm, crypto: CryptoPort): Promise<void> {
  const algorithm = readAs('CSR_KEY_ALGORITHM', () => signAlgorithmOf(request.signatureAlgorithm));
  if (SIGN_ALGORITHMS[algorithm].keyKind !== KEY_ALGORITHMS[keyAlgorithm].keyKind) throw new AppError('CSR_KEY_ALGORITHM', { wanted: keyAlgorithm, got: algorithm });
  let genuine: boolean;
  try {
    genuine = await verifySigned(request, request.publicKeySpkiDer, crypto);
  } catch (thrown) {
    // A point outside its curve, for example.
    throw thrown instanceof AppError && thrown.code === 'KEY_INVALID' ? new AppError('CSR_MALFORMED', thrown.details, thrown) : thrown;
  }
  if (!genuine) throw new AppError('CSR_SIGNATURE');
}

/** Errors about the data get the code of the request; their details stay. */
function readAs<T>(code: ErrorCode, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw thrown instanceof AppError ? new AppError(code, thrown.details, thrown) : thrown;
  }
}
