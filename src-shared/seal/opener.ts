/**
 * Openers: the certificates that can open a sealed bid, each with its group's share in a CMS envelope. Spec §3, §4. Pure; a token unwraps by callback.
 * `Opener ::= SEQUENCE { issuer Name, serial INTEGER, fingerprint OCTET STRING, label UTF8String, notAfter Time, revocation ENUMERATED,
 *  revocationAt [0] EXPLICIT Time OPTIONAL, envelope OCTET STRING }`
 */
import type { DerReader } from '../asn1/der-reader.ts';
import { derElement, derEnumerated, derOctetString, derSequence, derTime, derUtf8String } from '../asn1/der-writer.ts';
import { TAG } from '../asn1/tags.ts';
import { equalBytes, wipeBytes } from '../bytes/byte-strings.ts';
import { openEnvelope, type EnvelopeRecipient } from '../cms/envelope.ts';
import type { CryptoPort } from '../crypto/crypto-port.ts';
import { MIN_RSA_BITS } from '../crypto/rsa-strength.ts';
import { AppError, refuse } from '../errors/app-error.ts';
import type { SmEngine } from '../sm/sm-engine.ts';
import { parseCertificate, serialHexOf } from '../x509/certificate.ts';
import { KEY_USAGE } from '../x509/extensions/key-usage.ts';
import { findExtension } from '../x509/extension.ts';
import { nameText, nameValue, parseName } from '../x509/name.ts';
import { parsePublicKeyInfo } from '../x509/public-key-info.ts';
import { SHARE_BYTES } from './limits.ts';
import { checkShareEnvelope, sealShareEnvelope } from './share-envelope.ts';
import { asPart, findTextProblem, readDigest, readOptionalTime, readText, readTimeOf, writeOptionalTime } from './strict-structure.ts';
import type { Suite } from './suites.ts';

export const REVOCATION_STATES = { unknown: 0, good: 1, revoked: 2 } as const;
export type RevocationState = keyof typeof REVOCATION_STATES;

export interface Opener {
  readonly issuerDer: Uint8Array;
  readonly serialOctets: Uint8Array;
  readonly fingerprint: Uint8Array;
  readonly label: string;
  readonly notAfter: Date;
  readonly revocation: RevocationState;
  readonly revocationAt: Date | null;
  /** CMS EnvelopedData whose content is the share. */
  readonly envelopeDer: Uint8Array;
}

/** What a sealer says of a certificate that shall open. */
export interface OpenerCertificate {
  readonly certificateDer: Uint8Array;
  readonly revocation: RevocationState;
  /** Time of the revocation data; null when there is none. */
  readonly revocationAt: Date | null;
}

const MAX_LABEL_LENGTH = 256;

/**
 * Whether a certificate may be an opener: a key that the format has, encryption usage, not revoked, valid now and past the opening.
 * @throws SEAL_OPENER_REFUSED
 */
export function checkOpenerCertificate(opener: OpenerCertificate, now: Date, opensAt: Date | null): void {
  const certificate = asPart('SEAL_OPENER_REFUSED', () => parseCertificate(opener.certificateDer));
  const label = labelOf(opener.certificateDer);
  const key = asPart('SEAL_OPENER_REFUSED', () => parsePublicKeyInfo(certificate.publicKeySpkiDer));
  if (key.kind === 'ec' || (key.kind === 'rsa' && key.modulusBits < MIN_RSA_BITS)) refuse('SEAL_OPENER_REFUSED', { reason: 'kind or length of its key', label });
  const usage = findExtension(certificate.extensions, KEY_USAGE);
  // Without the extension every use is allowed (RFC 5280 §4.2.1.3).
  if (usage && !usage.value.includes('keyEncipherment') && !usage.value.includes('dataEncipherment')) refuse('SEAL_OPENER_REFUSED', { reason: 'not for encryption', label });
  if (opener.revocation === 'revoked') refuse('SEAL_OPENER_REFUSED', { reason: 'revoked', label });
  if (certificate.notBefore.date > now) refuse('SEAL_OPENER_REFUSED', { reason: 'not yet valid', label });
  const needed = opensAt && opensAt > now ? opensAt : now;
  if (certificate.notAfter.date <= needed) refuse('SEAL_OPENER_REFUSED', { reason: 'expires before the opening', label, notAfter: certificate.notAfter.date.toISOString() });
}

/** Common name, else the whole subject, as far as the format allows it. */
export function labelOf(certificateDer: Uint8Array): string {
  const { subject } = parseCertificate(certificateDer);
  const label = (nameValue(subject, 'commonName') ?? nameText(subject)).normalize('NFC').slice(0, MAX_LABEL_LENGTH);
  return findTextProblem(label, 0, MAX_LABEL_LENGTH) ? '' : label;
}

/** @throws KEY_INVALID, ALGORITHM_UNSUPPORTED, CERTIFICATE_MALFORMED */
export async function wrapShare(share: Uint8Array, opener: OpenerCertificate, suite: Suite, crypto: CryptoPort, engine: SmEngine): Promise<Opener> {
  const { certificateDer } = opener;
  const certificate = parseCertificate(certificateDer);
  const envelopeDer = await sealShareEnvelope(share, certificateDer, crypto, engine);
  return {
    issuerDer: certificate.issuer.der, serialOctets: certificate.serialOctets, fingerprint: suite.digest(certificateDer), label: labelOf(certificateDer), notAfter: certificate.notAfter.date,
    revocation: opener.revocation, revocationAt: opener.revocationAt, envelopeDer,
  };
}

/**
 * One answer for every failure of a key, so that nothing is learnt by trying; whether it is the right share is asked elsewhere.
 * @throws SEAL_NOT_AN_OPENER, SEAL_UNWRAP_FAILED; SEAL_ENVELOPE_MALFORMED for what anyone can see, before the key is asked
 */
export async function unwrapShare(opener: Opener, recipient: EnvelopeRecipient, suite: Suite, engine: SmEngine, group: string): Promise<Uint8Array> {
  if (!equalBytes(suite.digest(recipient.certificateDer), opener.fingerprint)) refuse('SEAL_NOT_AN_OPENER');
  checkShareEnvelope(opener.envelopeDer, { recipient: opener, contentBytes: SHARE_BYTES, certificateDer: recipient.certificateDer, code: 'SEAL_ENVELOPE_MALFORMED', details: { group } });
  let share: Uint8Array;
  try {
    share = await openEnvelope(opener.envelopeDer, recipient, engine);
  } catch (thrown) {
    // What the token itself says (PIN, key pulled) is not about the envelope and passes.
    if (thrown instanceof AppError && !UNWRAP_FAULTS.includes(thrown.code)) throw thrown;
    throw new AppError('SEAL_UNWRAP_FAILED', { group });
  }
  if (share.length !== SHARE_BYTES) {
    wipeBytes(share);
    refuse('SEAL_UNWRAP_FAILED', { group });
  }
  return share;
}

const UNWRAP_FAULTS: readonly string[] = ['DECRYPT_FAILED', 'KEY_INVALID', 'DER_MALFORMED', 'CMS_MALFORMED', 'CMS_NO_RECIPIENT', 'ALGORITHM_UNSUPPORTED'];

export function writeOpener(opener: Opener): Uint8Array {
  return derSequence(
    opener.issuerDer, derElement(TAG.INTEGER, opener.serialOctets), derOctetString(opener.fingerprint), derUtf8String(opener.label), derTime(opener.notAfter),
    derEnumerated(REVOCATION_STATES[opener.revocation]), ...writeOptionalTime(opener.revocationAt), derOctetString(opener.envelopeDer),
  );
}

export function readOpener(list: DerReader): Opener {
  const inside = list.readSequence('opener');
  const issuerDer = Uint8Array.from(inside.read(TAG.SEQUENCE, 'issuer').bytes);
  parseName(issuerDer);
  const serialOctets = Uint8Array.from(inside.readIntegerBytes('serial'));
  serialHexOf(serialOctets);
  const fingerprint = readDigest(inside, 'fingerprint');
  const label = readText(inside, 'label', 0, MAX_LABEL_LENGTH);
  const notAfter = readTimeOf(inside, 'not after');
  const state = inside.readEnumerated('revocation');
  const revocation = (Object.keys(REVOCATION_STATES) as RevocationState[]).find((name) => REVOCATION_STATES[name] === state) ?? refuse('DER_MALFORMED', { reason: 'unknown revocation state' });
  const revocationAt = readOptionalTime(inside, 'revocation at');
  const envelopeDer = Uint8Array.from(inside.readOctetString('envelope'));
  inside.end('opener');
  // The kind of the opener's key is not known here; it is asked before that key is used.
  checkShareEnvelope(envelopeDer, { recipient: { issuerDer, serialOctets }, contentBytes: SHARE_BYTES, certificateDer: null, code: 'SEAL_ENVELOPE_MALFORMED' });
  return { issuerDer, serialOctets, fingerprint, label, notAfter, revocation, revocationAt, envelopeDer };
}
