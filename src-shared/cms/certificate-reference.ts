/**
 * How a message names a certificate: issuer and serial number, or subject key identifier (RFC 5652 §5.3, §6.2.1). Pure.
 * `CHOICE { issuerAndSerialNumber SEQUENCE { issuer Name, serialNumber INTEGER }, subjectKeyIdentifier [0] IMPLICIT OCTET STRING }`
 */
import { DerReader } from '../asn1/der-reader.ts';
import { derContextPrimitive, derElement, derSequence } from '../asn1/der-writer.ts';
import { OIDS } from '../asn1/oids.ts';
import { TAG, contextPrimitive } from '../asn1/tags.ts';
import { equalBytes } from '../bytes/byte-strings.ts';
import { parseCertificate } from '../x509/certificate.ts';
import { keyIdentifierOf } from '../x509/public-key-info.ts';

export type CertificateReference =
  | { readonly by: 'issuer-and-serial'; readonly issuerDer: Uint8Array; readonly serialOctets: Uint8Array }
  | { readonly by: 'key-identifier'; readonly keyIdentifier: Uint8Array };
export type ReferenceForm = CertificateReference['by'];

export function referenceTo(certificateDer: Uint8Array, form: ReferenceForm): CertificateReference {
  const certificate = parseCertificate(certificateDer);
  return form === 'key-identifier'
    ? { by: form, keyIdentifier: keyIdentifierIn(certificateDer) }
    : { by: form, issuerDer: certificate.issuer.der, serialOctets: certificate.serialOctets };
}

export function writeReference(reference: CertificateReference): Uint8Array {
  return reference.by === 'key-identifier'
    ? derContextPrimitive(0, reference.keyIdentifier)
    : derSequence(reference.issuerDer, derElement(TAG.INTEGER, reference.serialOctets));
}

export function readReference(reader: DerReader): CertificateReference {
  if (reader.peekTag() === contextPrimitive(0)) return { by: 'key-identifier', keyIdentifier: reader.readAny('subject key identifier').content };
  const pair = reader.readSequence('issuer and serial number');
  const issuerDer = pair.read(TAG.SEQUENCE, 'issuer').bytes;
  const serialOctets = pair.readIntegerBytes('serial number');
  pair.end('issuer and serial number');
  return { by: 'issuer-and-serial', issuerDer, serialOctets };
}

/** Whether the reference stands for that certificate. */
export function refersTo(reference: CertificateReference, certificateDer: Uint8Array): boolean {
  if (reference.by === 'key-identifier') return equalBytes(reference.keyIdentifier, keyIdentifierIn(certificateDer));
  const certificate = parseCertificate(certificateDer);
  return equalBytes(reference.issuerDer, certificate.issuer.der) && equalBytes(reference.serialOctets, certificate.serialOctets);
}

/** What the certificate says of itself; without the extension, the identifier that its issuer would have written. */
function keyIdentifierIn(certificateDer: Uint8Array): Uint8Array {
  const certificate = parseCertificate(certificateDer);
  const extension = certificate.extensions.find((one) => one.oid === OIDS.subjectKeyIdentifier);
  return extension ? DerReader.open(extension.valueDer).readOctetString('subject key identifier') : keyIdentifierOf(certificate.publicKeySpkiDer);
}
