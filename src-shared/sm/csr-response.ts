/**
 * CSRResponse (GM/T 0092-2020 §8): what a CA with key management answers to a request — the signing certificate, the enveloped
 * encryption key, and its certificate. Pure.
 * `CSRResponse ::= SEQUENCE { signCertificate SET OF Certificate, encryptedPrivateKey [0] SM2EnvelopedKey OPTIONAL, encryptCertificate [1] SET OF Certificate OPTIONAL }`
 */
import { DerReader } from '../asn1/der-reader.ts';
import { derContext, derSequence, derSetOf } from '../asn1/der-writer.ts';
import { CONSTRUCTED, TAG } from '../asn1/tags.ts';
import { equalBytes } from '../bytes/byte-strings.ts';
import { AppError } from '../errors/app-error.ts';
import { parseCertificate } from '../x509/certificate.ts';
import { sm2PointOf } from './sm-provider.ts';
import { readSm2EnvelopedKey, readSm2EnvelopedKeyParts, writeSm2EnvelopedKey, type Sm2EnvelopedKey } from './sm2-enveloped-key.ts';

export interface CsrResponse {
  /** The signing certificate and possibly its chain, in no meaningful order. */
  readonly signCertificates: readonly Uint8Array[];
  readonly envelopedKey: Sm2EnvelopedKey | null;
  readonly encryptCertificates: readonly Uint8Array[];
}

const MAX_RESPONSE_BYTES = 256 * 1024;
const MAX_CERTIFICATES = 16;

/** [0] EXPLICIT and [1] IMPLICIT, as the deployed readers want it; readCsrResponse takes both forms of both. */
export function writeCsrResponse(response: CsrResponse): Uint8Array {
  return derSequence(
    derSetOf(...response.signCertificates),
    ...(response.envelopedKey ? [derContext(0, writeSm2EnvelopedKey(response.envelopedKey))] : []),
    ...(response.encryptCertificates.length > 0 ? [derContext(1, ...response.encryptCertificates)] : []),
  );
}

/** @throws DER_MALFORMED, CMS_MALFORMED, CERTIFICATE_MALFORMED, KEY_INVALID */
export function readCsrResponse(der: Uint8Array): CsrResponse {
  const outer = DerReader.open(der, MAX_RESPONSE_BYTES);
  const parts = outer.readSequence('CSRResponse');
  const signCertificates = readCertificates(parts.readSet('signCertificate'));
  const keyParts = parts.readOptionalContext(0, 'encryptedPrivateKey');
  const encryptParts = parts.readOptionalContext(1, 'encryptCertificate');
  parts.end('CSRResponse');
  outer.end('CSRResponse');
  const encryptCertificates = encryptParts ? readCertificates(encryptParts.peekTag() === TAG.SET ? encryptParts.readSet('encryptCertificate') : encryptParts) : [];
  const response = { signCertificates, envelopedKey: keyParts && readEnvelopedKey(keyParts), encryptCertificates };
  requireMatchingParts(response);
  return response;
}

function readEnvelopedKey(inside: DerReader): Sm2EnvelopedKey {
  const first = inside.readAny('encryptedPrivateKey');
  // EXPLICIT: the one element is the whole SEQUENCE. IMPLICIT: it is only its first member.
  if (inside.atEnd) return readSm2EnvelopedKey(first.bytes);
  const members = [first.bytes];
  while (!inside.atEnd) members.push(inside.readAny('encryptedPrivateKey').bytes);
  return readSm2EnvelopedKeyParts(DerReader.open(derSequence(...members)).readSequence('SM2EnvelopedKey'));
}

function readCertificates(set: DerReader): Uint8Array[] {
  const certificates: Uint8Array[] = [];
  while (!set.atEnd) {
    if (certificates.length === MAX_CERTIFICATES) throw new AppError('CMS_MALFORMED', { reason: 'too many certificates' });
    const der = Uint8Array.from(set.read(TAG.SEQUENCE | CONSTRUCTED, 'certificate').bytes);
    parseCertificate(der);
    certificates.push(der);
  }
  if (certificates.length === 0) throw new AppError('CMS_MALFORMED', { reason: 'no certificate' });
  return certificates;
}

/** A key without its certificate, or a certificate of another key, could be written to a token and fail only when a bid is opened. */
function requireMatchingParts(response: CsrResponse): void {
  const { envelopedKey, encryptCertificates } = response;
  if ((envelopedKey === null) !== (encryptCertificates.length === 0)) throw new AppError('CMS_MALFORMED', { reason: 'encryption key and certificate come together' });
  if (envelopedKey && !certificateOfKey(encryptCertificates, envelopedKey.publicKey)) throw new AppError('ENVELOPED_KEY_MISMATCH');
}

/** The certificate of that SM2 key (04 ‖ X ‖ Y). @returns null when there is none */
export function certificateOfKey(certificates: readonly Uint8Array[], publicKey: Uint8Array): Uint8Array | null {
  return certificates.find((der) => equalBytes(sm2PointOf(parseCertificate(der).publicKeySpkiDer), publicKey)) ?? null;
}
