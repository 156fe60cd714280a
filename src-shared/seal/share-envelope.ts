/**
 * The one form in which a share travels, to an opener (§4) and from an opener to a hall (§10): CMS EnvelopedData for one recipient, its algorithms given by the kind of that
 * recipient's key. Pure.
 * Rule: the form is held against the recipient's certificate before its key is asked. What an envelope says of itself is no reason to hand its octets to a token.
 */
import { equalBytes } from '../bytes/byte-strings.ts';
import { CONTENT_CIPHERS, readEnvelopedData, writeEnvelopedData } from '../cms/enveloped-data.ts';
import { sealEnvelope } from '../cms/envelope.ts';
import type { CryptoPort } from '../crypto/crypto-port.ts';
import { AppError, refuse } from '../errors/app-error.ts';
import type { ErrorCode } from '../errors/error-table.ts';
import { tryReadSm2Point } from '../sm/sm2-curve.ts';
import { readSm2Ciphertext } from '../sm/sm2-der.ts';
import type { SmEngine } from '../sm/sm-engine.ts';
import { parseCertificate } from '../x509/certificate.ts';
import { parsePublicKeyInfo } from '../x509/public-key-info.ts';
import { asPart } from './strict-structure.ts';

const FORMS = { sm2: { family: 'gm', cipher: 'sm4-cbc', algorithm: 'sm2' }, rsa: { family: 'rfc5652', cipher: 'aes-256-cbc', algorithm: 'rsa-oaep-sha1' } } as const;
type TransportKey = { readonly kind: 'sm2' } | { readonly kind: 'rsa'; readonly modulusBits: number };
const BLOCK_BYTES = 16;

/** @throws KEY_INVALID, ALGORITHM_UNSUPPORTED, CERTIFICATE_MALFORMED */
export function sealShareEnvelope(content: Uint8Array, certificateDer: Uint8Array, crypto: CryptoPort, engine: SmEngine): Promise<Uint8Array> {
  const { family, cipher } = FORMS[transportKeyOf(certificateDer).kind];
  return sealEnvelope({ family, content, cipher, recipientCertificates: [certificateDer] }, crypto, engine);
}

/** @throws ALGORITHM_UNSUPPORTED for a key to which nothing can be sent, KEY_INVALID, CERTIFICATE_MALFORMED */
function transportKeyOf(certificateDer: Uint8Array): TransportKey {
  const key = parsePublicKeyInfo(parseCertificate(certificateDer).publicKeySpkiDer);
  if (key.kind === 'rsa') return { kind: 'rsa', modulusBits: key.modulusBits };
  if (key.kind === 'sm2') return { kind: 'sm2' };
  throw new AppError('ALGORITHM_UNSUPPORTED', { reason: 'no key transport with this curve' });
}

export interface EnvelopeRecipientName {
  readonly issuerDer: Uint8Array;
  readonly serialOctets: Uint8Array;
}

export interface WantedEnvelope {
  readonly recipient: EnvelopeRecipientName;
  /** Octets of the content, before encryption. */
  readonly contentBytes: number;
  /** null where the certificate is not at hand, as when a header is read: the form is then one of the two. */
  readonly certificateDer: Uint8Array | null;
  /** For every fault, with the details below beside its reason. */
  readonly code: ErrorCode;
  readonly details?: Readonly<Record<string, string>>;
}

/** @throws the code that is wanted */
export function checkShareEnvelope(der: Uint8Array, wanted: WantedEnvelope): void {
  const { code, recipient } = wanted;
  const malformed = (reason: string): never => refuse(code, { reason, ...wanted.details });
  const data = asPart(code, () => readEnvelopedData(der));
  const key = wanted.certificateDer === null ? null : asPart(code, () => transportKeyOf(wanted.certificateDer ?? refuse(code)));
  const [one, ...others] = data.recipients;
  if (!one || others.length > 0) return malformed('number of recipients');
  if (one.recipient.by !== 'issuer-and-serial' || !equalBytes(one.recipient.issuerDer, recipient.issuerDer) || !equalBytes(one.recipient.serialOctets, recipient.serialOctets)) malformed('recipient is not the opener');
  const form = one.algorithm === 'sm2' ? FORMS.sm2 : FORMS.rsa;
  if (key !== null && form.algorithm !== FORMS[key.kind].algorithm) malformed('not the form of the recipient\'s kind of key');
  if (data.family !== form.family || data.cipher !== form.cipher) malformed('algorithms');
  if (data.encryptedContent.length !== paddedBytes(wanted.contentBytes)) malformed('length of the content');
  if (!equalBytes(writeEnvelopedData(data, 'standard'), der)) malformed('not in canonical form');
  if (one.algorithm === 'sm2') checkSm2Ciphertext(one.encryptedKey, code, malformed);
  else if (key?.kind === 'rsa' && one.encryptedKey.length !== Math.ceil(key.modulusBits / 8)) malformed('length of the wrapped key');
}

/** CBC with the padding of PKCS#7: always some of it. */
const paddedBytes = (contentBytes: number): number => contentBytes - (contentBytes % BLOCK_BYTES) + BLOCK_BYTES;

function checkSm2Ciphertext(encryptedKey: Uint8Array, code: ErrorCode, malformed: (reason: string) => never): void {
  const ciphertext = asPart(code, () => readSm2Ciphertext(encryptedKey));
  if (ciphertext.masked.length !== CONTENT_CIPHERS['sm4-cbc'].keyBytes) malformed('length of the wrapped key');
  // An invalid curve point is how a key is drawn out of a careless token.
  if (!tryReadSm2Point(ciphertext.point)) malformed('point is not on the curve');
}
