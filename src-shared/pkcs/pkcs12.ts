/**
 * PKCS#12 boxes (RFC 7292) of a private key and its certificates: shrouded key bags and certificate bags under PBES2, integrity by
 * HMAC with the classic derivation. Older password encryption (RC2, triple DES) is refused. Pure.
 * `PFX ::= SEQUENCE { version INTEGER { 3 }, authSafe ContentInfo, macData MacData }`
 */
import { DerReader } from '../asn1/der-reader.ts';
import { derContext, derContextPrimitive, derElement, derInteger, derNull, derOctetString, derOid, derSequence, derSetOf } from '../asn1/der-writer.ts';
import { OIDS } from '../asn1/oids.ts';
import { TAG } from '../asn1/tags.ts';
import { equalBytesConstantTime, wipeBytes } from '../bytes/byte-strings.ts';
import { toUtf8 } from '../bytes/utf8.ts';
import { AppError } from '../errors/app-error.ts';
import { readAlgorithmIdentifier, writeAlgorithmIdentifier } from '../x509/algorithm-identifier.ts';
import { parseCertificate } from '../x509/certificate.ts';
import { decryptPrivateKeyInfo, encryptPrivateKeyInfo } from './encrypted-private-key.ts';
import { DEFAULT_ITERATIONS, MAX_ITERATIONS, pbes2Decrypt, pbes2Encrypt, type Pbes2Options } from './pbes2.ts';
import { MAC_DIGESTS, pkcs12MacKey, pkcs12Password } from './pkcs12-kdf.ts';

export interface Pkcs12Key {
  /** PKCS#8, secret: wiped by whoever receives it. */
  readonly pkcs8Der: Uint8Array;
  /** Joins a key to its certificate. */
  readonly localKeyId: Uint8Array | null;
}

export interface Pkcs12Certificate {
  readonly certificateDer: Uint8Array;
  readonly localKeyId: Uint8Array | null;
  readonly friendlyName: string | null;
}

export interface Pkcs12Content {
  readonly keys: readonly Pkcs12Key[];
  readonly certificates: readonly Pkcs12Certificate[];
}

const MAX_FILE_BYTES = 1 << 20;
const MAX_BAGS = 64;

export function writePkcs12(password: string, content: Pkcs12Content, options: Pbes2Options): Uint8Array {
  const passwordUtf8 = toUtf8(password);
  const keyBags = content.keys.map((key) => bag(OIDS.pkcs8ShroudedKeyBag, encryptPrivateKeyInfo(passwordUtf8, key.pkcs8Der, options), key.localKeyId, null));
  const certificateBags = content.certificates.map((one) => bag(OIDS.certBag, derSequence(derOid(OIDS.x509Certificate), derContext(0, derOctetString(one.certificateDer))), one.localKeyId, one.friendlyName));
  const sealed = pbes2Encrypt(passwordUtf8, derSequence(...certificateBags), options);
  const encryptedContent = derSequence(derOid(OIDS.cmsData), sealed.algorithmDer, derContextPrimitive(0, sealed.ciphertext));
  const encryptedInfo = derSequence(derOid(OIDS.cmsEncryptedData), derContext(0, derSequence(derInteger(0), encryptedContent)));
  const authenticatedSafe = derSequence(encryptedInfo, dataInfo(derSequence(...keyBags)));
  wipeBytes(passwordUtf8);
  return derSequence(derInteger(3), dataInfo(authenticatedSafe), macData(password, authenticatedSafe, options));
}

const dataInfo = (content: Uint8Array): Uint8Array => derSequence(derOid(OIDS.cmsData), derContext(0, derOctetString(content)));

function bag(oid: string, value: Uint8Array, localKeyId: Uint8Array | null, friendlyName: string | null): Uint8Array {
  const attributes: Uint8Array[] = [];
  if (friendlyName !== null) attributes.push(derSequence(derOid(OIDS.friendlyName), derSetOf(derElement(TAG.BMP_STRING, pkcs12Password(friendlyName).subarray(0, -2)))));
  if (localKeyId) attributes.push(derSequence(derOid(OIDS.localKeyId), derSetOf(derOctetString(localKeyId))));
  return derSequence(derOid(oid), derContext(0, value), ...(attributes.length > 0 ? [derSetOf(...attributes)] : []));
}

function macData(password: string, authenticatedSafe: Uint8Array, options: Pbes2Options): Uint8Array {
  const oid = options.suite === 'sm' ? OIDS.sm3 : OIDS.sha256;
  const salt = options.randomBytes(16);
  const iterations = options.iterations ?? DEFAULT_ITERATIONS;
  const mac = macOf(password, oid, salt, iterations, authenticatedSafe);
  return derSequence(derSequence(writeAlgorithmIdentifier(oid, derNull()), derOctetString(mac)), derOctetString(salt), derInteger(iterations));
}

function macOf(password: string, digestOid: string, salt: Uint8Array, iterations: number, data: Uint8Array): Uint8Array {
  const row = MAC_DIGESTS[digestOid];
  if (!row) throw new AppError('ALGORITHM_UNSUPPORTED', { oid: digestOid });
  const bmpPassword = pkcs12Password(password);
  const key = pkcs12MacKey(row, bmpPassword, salt, iterations);
  const mac = row.hmac(key, data);
  wipeBytes(key, bmpPassword);
  return mac;
}

/** @throws DER_MALFORMED, KEY_FILE_MALFORMED, ALGORITHM_UNSUPPORTED, DECRYPT_FAILED (wrong password or changed file; they cannot be told apart) */
export function readPkcs12(password: string, der: Uint8Array): Pkcs12Content {
  const outer = DerReader.open(der, MAX_FILE_BYTES);
  const pfx = outer.readSequence('PFX');
  pfx.readSmallInteger('version', 3, 3);
  const authenticatedSafe = readDataInfo(pfx.readSequence('authSafe'));
  checkMac(password, pfx, authenticatedSafe);
  pfx.end('PFX');
  outer.end('PFX');
  const passwordUtf8 = toUtf8(password);
  const content: Collected = { keys: [], certificates: [] };
  const infos = DerReader.open(authenticatedSafe, MAX_FILE_BYTES).readSequence('AuthenticatedSafe');
  while (!infos.atEnd) readBags(passwordUtf8, readSafeContents(passwordUtf8, infos.readSequence('ContentInfo')), content);
  wipeBytes(passwordUtf8);
  return content;
}

interface Collected {
  readonly keys: Pkcs12Key[];
  readonly certificates: Pkcs12Certificate[];
}

function readDataInfo(info: DerReader): Uint8Array {
  const oid = info.readOid('content type');
  if (oid !== OIDS.cmsData) throw new AppError('KEY_FILE_MALFORMED', { reason: 'integrity without a password', oid });
  const wrapped = info.readOptionalContext(0, 'content') ?? malformed('content missing');
  const content = wrapped.readOctetString('content');
  wrapped.end('content');
  info.end('ContentInfo');
  return content;
}

/** `MacData ::= SEQUENCE { mac DigestInfo, macSalt OCTET STRING, iterations INTEGER DEFAULT 1 }` */
function checkMac(password: string, pfx: DerReader, authenticatedSafe: Uint8Array): void {
  if (pfx.atEnd) malformed('integrity check missing');
  const data = pfx.readSequence('MacData');
  const info = data.readSequence('mac');
  const algorithm = readAlgorithmIdentifier(info, 'mac algorithm');
  const mac = info.readOctetString('mac');
  info.end('mac');
  const salt = data.readOctetString('mac salt');
  const iterations = data.atEnd ? 1 : data.readSmallInteger('mac iterations', 1, MAX_ITERATIONS);
  data.end('MacData');
  if (!equalBytesConstantTime(macOf(password, algorithm.oid, salt, iterations, authenticatedSafe), mac)) throw new AppError('DECRYPT_FAILED');
}

function readSafeContents(passwordUtf8: Uint8Array, info: DerReader): Uint8Array {
  const oid = info.readOid('content type');
  const wrapped = info.readOptionalContext(0, 'content') ?? malformed('content missing');
  if (oid === OIDS.cmsData) return wrapped.readOctetString('content');
  if (oid !== OIDS.cmsEncryptedData) throw new AppError('ALGORITHM_UNSUPPORTED', { oid });
  const encrypted = wrapped.readSequence('EncryptedData');
  encrypted.readSmallInteger('version', 0, 0);
  const content = encrypted.readSequence('EncryptedContentInfo');
  if (content.readOid('content type') !== OIDS.cmsData) malformed('encrypted content is not data');
  const algorithm = readAlgorithmIdentifier(content, 'encryption algorithm');
  const ciphertext = content.readOptionalContextPrimitive(0, 'encrypted content') ?? malformed('encrypted content missing');
  return pbes2Decrypt(passwordUtf8, algorithm, ciphertext.content);
}

function readBags(passwordUtf8: Uint8Array, safeContents: Uint8Array, into: Collected): void {
  const bags = DerReader.open(safeContents, MAX_FILE_BYTES).readSequence('SafeContents');
  while (!bags.atEnd) {
    if (into.keys.length + into.certificates.length >= MAX_BAGS) malformed('too many bags');
    const one = bags.readSequence('SafeBag');
    const oid = one.readOid('bag type');
    const value = (one.readOptionalContext(0, 'bag value') ?? malformed('bag without value')).readAny('bag value');
    const { localKeyId, friendlyName } = readAttributes(one);
    one.end('SafeBag');
    if (oid === OIDS.pkcs8ShroudedKeyBag) into.keys.push({ pkcs8Der: decryptPrivateKeyInfo(passwordUtf8, value.bytes), localKeyId });
    else if (oid === OIDS.certBag) into.certificates.push({ certificateDer: readCertificateBag(value.bytes), localKeyId, friendlyName });
    else throw new AppError('ALGORITHM_UNSUPPORTED', { oid });
  }
}

function readCertificateBag(der: Uint8Array): Uint8Array {
  const certificateBag = DerReader.open(der).readSequence('CertBag');
  if (certificateBag.readOid('certificate type') !== OIDS.x509Certificate) malformed('certificate of another kind');
  const wrapped = certificateBag.readOptionalContext(0, 'certificate') ?? malformed('certificate missing');
  const certificateDer = Uint8Array.from(wrapped.readOctetString('certificate'));
  parseCertificate(certificateDer);
  return certificateDer;
}

/** Attributes of other kinds are allowed and passed over (RFC 7292 §4.2). */
function readAttributes(one: DerReader): { readonly localKeyId: Uint8Array | null; readonly friendlyName: string | null } {
  let localKeyId: Uint8Array | null = null;
  let friendlyName: string | null = null;
  if (one.atEnd) return { localKeyId, friendlyName };
  const attributes = one.readSet('bag attributes');
  while (!attributes.atEnd) {
    const attribute = attributes.readSequence('bag attribute');
    const oid = attribute.readOid('attribute type');
    const values = attribute.readSet('attribute values');
    if (oid === OIDS.localKeyId) localKeyId = Uint8Array.from(values.readOctetString('localKeyId'));
    if (oid === OIDS.friendlyName) friendlyName = values.readString('friendlyName').text;
  }
  return { localKeyId, friendlyName };
}

function malformed(reason: string): never {
  throw new AppError('KEY_FILE_MALFORMED', { reason });
}
