/**
 * EnvelopedData as a structure (RFC 5652 §6): written and strictly read, recipients by key transport only. Pure.
 * `EnvelopedData ::= SEQUENCE { version, originatorInfo [0] OPTIONAL, recipientInfos SET, encryptedContentInfo, unprotectedAttrs [1] OPTIONAL }`
 * `KeyTransRecipientInfo ::= SEQUENCE { version, rid, keyEncryptionAlgorithm AlgorithmIdentifier, encryptedKey OCTET STRING }`
 * `EncryptedContentInfo ::= SEQUENCE { contentType, contentEncryptionAlgorithm AlgorithmIdentifier, encryptedContent [0] IMPLICIT OCTET STRING OPTIONAL }`
 */
import { DerReader } from '../asn1/der-reader.ts';
import { derContextPrimitive, derInteger, derOctetString, derOid, derSequence, derSetOf } from '../asn1/der-writer.ts';
import { OIDS } from '../asn1/oids.ts';
import type { EncryptAlgorithmId } from '../crypto/algorithms.ts';
import { AppError } from '../errors/app-error.ts';
import { readAlgorithmIdentifier, writeAlgorithmIdentifier, type AlgorithmIdentifier } from '../x509/algorithm-identifier.ts';
import { readReference, writeReference, type CertificateReference } from './certificate-reference.ts';
import { CMS_FAMILIES, openContentInfo, requireDataType, writeContentInfo, type CmsFamily } from './content-types.ts';
import { hasNoParameters } from './signature-identifiers.ts';

/** Content ciphers in CBC mode. EnvelopedData has no integrity of its own: what needs it is signed, or sealed by an AEAD. */
export const CONTENT_CIPHERS = {
  'sm4-cbc': { oid: OIDS.sm4Cbc, keyBytes: 16 },
  'aes-128-cbc': { oid: OIDS.aes128Cbc, keyBytes: 16 },
  'aes-256-cbc': { oid: OIDS.aes256Cbc, keyBytes: 32 },
} as const;
export type ContentCipherId = keyof typeof CONTENT_CIPHERS;

export interface Recipient {
  readonly recipient: CertificateReference;
  readonly algorithm: EncryptAlgorithmId;
  readonly encryptedKey: Uint8Array;
}

export interface EnvelopedData {
  readonly family: CmsFamily;
  readonly recipients: readonly Recipient[];
  readonly cipher: ContentCipherId;
  readonly iv: Uint8Array;
  readonly encryptedContent: Uint8Array;
}

/** `gmssl` names SM2 encryption by the identifier of key exchange, the only one that program reads. */
export type Sm2KeyEncryptionProfile = 'standard' | 'gmssl';
const SM2_KEY_ENCRYPTION_OIDS = { standard: OIDS.sm2Encrypt, gmssl: '1.2.156.10197.1.301.2' } as const satisfies Record<Sm2KeyEncryptionProfile, string>;
/** Products do not agree; all of these mean SM2 encryption here. */
const SM2_KEY_ENCRYPTION_READ: readonly string[] = [OIDS.sm2Encrypt, SM2_KEY_ENCRYPTION_OIDS.gmssl, OIDS.sm2Sign, OIDS.curveSm2, OIDS.sm2SignWithSm3];
const MAX_RECIPIENTS = 64;

export function writeEnvelopedData(data: EnvelopedData, profile: Sm2KeyEncryptionProfile): Uint8Array {
  // Version 0 in RFC 5652 with these recipients, 1 in GB/T 35275; 2 with key identifiers.
  const byKeyIdentifier = data.recipients.some(({ recipient }) => recipient.by === 'key-identifier');
  const version = byKeyIdentifier ? 2 : data.family === 'gm' ? 1 : 0;
  const encryptedContentInfo = derSequence(
    derOid(CMS_FAMILIES[data.family].data),
    writeAlgorithmIdentifier(CONTENT_CIPHERS[data.cipher].oid, derOctetString(data.iv)),
    derContextPrimitive(0, data.encryptedContent),
  );
  const recipients = data.recipients.map((one) => writeRecipient(one, data.family, profile));
  return writeContentInfo(data.family, 'envelopedData', derSequence(derInteger(version), derSetOf(...recipients), encryptedContentInfo));
}

function writeRecipient(one: Recipient, family: CmsFamily, profile: Sm2KeyEncryptionProfile): Uint8Array {
  const version = one.recipient.by === 'key-identifier' ? 2 : family === 'gm' ? 1 : 0;
  // OAEP with all defaults (SHA-1, MGF1 with SHA-1, empty label): an empty SEQUENCE (RFC 4055 §4.1).
  const algorithm = one.algorithm === 'sm2' ? writeAlgorithmIdentifier(SM2_KEY_ENCRYPTION_OIDS[profile], null) : writeAlgorithmIdentifier(OIDS.rsaesOaep, derSequence());
  return derSequence(derInteger(version), writeReference(one.recipient), algorithm, derOctetString(one.encryptedKey));
}

/** @throws DER_MALFORMED, CMS_MALFORMED, ALGORITHM_UNSUPPORTED (PKCS#1 v1.5 key transport too: it can be used as a padding oracle) */
export function readEnvelopedData(der: Uint8Array): EnvelopedData {
  const { family, content: outer } = openContentInfo(der, 'envelopedData');
  const data = outer.readSequence('EnvelopedData');
  outer.end('ContentInfo');
  data.readSmallInteger('version', 0, 2);
  data.readOptionalContext(0, 'originator info');
  const set = data.readSet('recipient infos');
  const recipients: Recipient[] = [];
  while (!set.atEnd) {
    if (recipients.length === MAX_RECIPIENTS) throw new AppError('CMS_MALFORMED', { reason: 'too many recipients' });
    recipients.push(readRecipient(set.readSequence('recipient info')));
  }
  if (recipients.length === 0) throw new AppError('CMS_MALFORMED', { reason: 'no recipient' });
  const encrypted = data.readSequence('encrypted content info');
  requireDataType(encrypted.readOid('content type'), family);
  const { cipher, iv } = contentCipherOf(readAlgorithmIdentifier(encrypted, 'content encryption algorithm'));
  const encryptedContent = encrypted.readOptionalContextPrimitive(0, 'encrypted content');
  if (!encryptedContent) throw new AppError('CMS_MALFORMED', { reason: 'encrypted content missing' });
  encrypted.end('encrypted content info');
  data.readOptionalContext(1, 'unprotected attributes');
  data.end('EnvelopedData');
  return { family, recipients, cipher, iv, encryptedContent: encryptedContent.content };
}

function readRecipient(info: DerReader): Recipient {
  info.readSmallInteger('version', 0, 2);
  const recipient = readReference(info);
  const algorithm = keyEncryptionOf(readAlgorithmIdentifier(info, 'key encryption algorithm'));
  const encryptedKey = info.readOctetString('encrypted key');
  info.end('recipient info');
  return { recipient, algorithm, encryptedKey };
}

function keyEncryptionOf(identifier: AlgorithmIdentifier): EncryptAlgorithmId {
  if (SM2_KEY_ENCRYPTION_READ.includes(identifier.oid) && hasNoParameters(identifier)) return 'sm2';
  const isDefaultOaep = identifier.oid === OIDS.rsaesOaep && identifier.parametersDer?.length === 2 && identifier.parametersDer[0] === 0x30;
  if (isDefaultOaep) return 'rsa-oaep-sha1';
  throw new AppError('ALGORITHM_UNSUPPORTED', { oid: identifier.oid });
}

/** The bare SM4 identifier stands for CBC here: CFCA's programs write it so. */
function contentCipherOf(identifier: AlgorithmIdentifier): { readonly cipher: ContentCipherId; readonly iv: Uint8Array } {
  const oid = identifier.oid === OIDS.sm4 ? OIDS.sm4Cbc : identifier.oid;
  const cipher = (Object.keys(CONTENT_CIPHERS) as ContentCipherId[]).find((id) => CONTENT_CIPHERS[id].oid === oid);
  if (!cipher) throw new AppError('ALGORITHM_UNSUPPORTED', { oid: identifier.oid });
  const iv = DerReader.open(identifier.parametersDer ?? new Uint8Array(0)).readOctetString('initialisation vector');
  if (iv.length !== 16) throw new AppError('CMS_MALFORMED', { reason: 'length of the initialisation vector' });
  return { cipher, iv };
}
