/** Makes CMS SignedData; the private keys are callbacks, so a token signs. Pure. */
import { toHex } from '../bytes/hex.ts';
import type { CryptoPort } from '../crypto/crypto-port.ts';
import { SIGN_ALGORITHMS, type SignAlgorithmId } from '../crypto/algorithms.ts';
import { AppError } from '../errors/app-error.ts';
import { assert } from '../errors/assert.ts';
import { parseCertificate } from '../x509/certificate.ts';
import { parsePublicKeyInfo } from '../x509/public-key-info.ts';
import type { SignCallback } from '../x509/signed-structure.ts';
import { referenceTo, type ReferenceForm } from './certificate-reference.ts';
import { CMS_FAMILIES, type CmsFamily } from './content-types.ts';
import { DIGEST_OIDS, type CmsDigestId } from './signature-identifiers.ts';
import { writeSignedAttributes } from './signed-attributes.ts';
import { writeSignedData, type SignerInfo } from './signed-data.ts';

export interface CmsSigner {
  readonly certificateDer: Uint8Array;
  readonly algorithm: SignAlgorithmId;
  /** Signs octets (not a digest) with the certificate's key: RSASSA-PKCS1-v1_5, or SM2 in DER with the default id. */
  readonly sign: SignCallback;
  /** Claimed by the signer; left out when null. */
  readonly signingTime: Date | null;
  readonly reference?: ReferenceForm;
}

export interface CmsToSign {
  readonly family: CmsFamily;
  /** Attached and detached hold the content; `digests` is for detached content that was read in pieces, by the digest of each signer. */
  readonly content:
    | { readonly kind: 'attached' | 'detached'; readonly bytes: Uint8Array }
    | { readonly kind: 'digests'; readonly digests: Readonly<Partial<Record<CmsDigestId, Uint8Array>>> };
  /** Without signed attributes the content itself is signed; only for readers that know no attributes. */
  readonly signedAttributes: boolean;
  readonly signers: readonly CmsSigner[];
  /** Chain certificates to go along; the signers' own always do. */
  readonly chain: readonly Uint8Array[];
}

/** @throws KEY_INVALID when a certificate's key is not of the algorithm's kind, and whatever a callback throws */
export async function signCms(message: CmsToSign, crypto: Pick<CryptoPort, 'digest'>): Promise<Uint8Array> {
  assert(message.signers.length > 0, 'a signed message has a signer');
  const signers: SignerInfo[] = [];
  for (const signer of message.signers) signers.push(await signOne(message, signer, crypto));
  const { content } = message;
  const certificates = uniqueCertificates([...message.signers.map(({ certificateDer }) => certificateDer), ...message.chain]);
  return writeSignedData({ family: message.family, content: content.kind === 'attached' ? content.bytes : null, certificates, crls: [], signers });
}

async function signOne(message: CmsToSign, signer: CmsSigner, crypto: Pick<CryptoPort, 'digest'>): Promise<SignerInfo> {
  const { keyKind, digest } = SIGN_ALGORITHMS[signer.algorithm];
  const key = parsePublicKeyInfo(parseCertificate(signer.certificateDer).publicKeySpkiDer);
  if (key.kind !== keyKind) throw new AppError('KEY_INVALID', { reason: 'certificate has a key of another kind', wanted: keyKind });
  const common = { signer: referenceTo(signer.certificateDer, signer.reference ?? 'issuer-and-serial'), digest, algorithm: signer.algorithm };
  if (!message.signedAttributes) {
    assert(message.content.kind !== 'digests', 'content without attributes is signed as a whole');
    return { ...common, signedAttributesDer: null, signedAttributes: null, signature: await signer.sign(message.content.bytes) };
  }
  const signedAttributes = { contentTypeOid: CMS_FAMILIES[message.family].data, messageDigest: contentDigest(message, digest, crypto), signingTime: signer.signingTime };
  const signedAttributesDer = writeSignedAttributes(signedAttributes);
  return { ...common, signedAttributesDer, signedAttributes, signature: await signer.sign(signedAttributesDer) };
}

function contentDigest(message: CmsToSign, digest: CmsDigestId, crypto: Pick<CryptoPort, 'digest'>): Uint8Array {
  if (message.content.kind !== 'digests') return crypto.digest(digest, message.content.bytes);
  const given = message.content.digests[digest];
  assert(given, `digest ${DIGEST_OIDS[digest]} of the detached content is given`);
  return given;
}

function uniqueCertificates(certificates: readonly Uint8Array[]): Uint8Array[] {
  const seen = new Set<string>();
  return certificates.filter((der) => {
    const key = toHex(der);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
