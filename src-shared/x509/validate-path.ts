/**
 * Path validation, RFC 5280 §6, as far as a hierarchy of CA certificates with plain names goes: signatures, names, validity, basic constraints, path
 * length, key usage, unknown critical extensions, revocation by CRL. Name and policy constraints are not understood, so a critical one refuses the path.
 * The answer says why a path is not valid; data that is absent (no CRL) is never taken as good news.
 */
import { equalBytes } from '../bytes/byte-strings.ts';
import type { CryptoPort } from '../crypto/crypto-port.ts';
import { AppError } from '../errors/app-error.ts';
import { parseCertificate, type Certificate } from './certificate.ts';
import { parseCertificateRevocationList, type CertificateRevocationList } from './certificate-revocation-list.ts';
import { findExtension } from './extension.ts';
import { AUTHORITY_KEY_IDENTIFIER } from './extensions/authority-key-identifier.ts';
import { BASIC_CONSTRAINTS } from './extensions/basic-constraints.ts';
import { KEY_USAGE, type KeyUsageName } from './extensions/key-usage.ts';
import { CERTIFICATE_EXTENSIONS, findUnknownCritical } from './extensions/known-extensions.ts';
import { SUBJECT_KEY_IDENTIFIER } from './extensions/subject-key-identifier.ts';
import { isListOf } from './list-of-issuer.ts';
import { verifySigned } from './signed-structure.ts';

export type PathFailure =
  | 'CERT_MALFORMED' | 'ISSUER_NOT_FOUND' | 'PATH_TOO_LONG' | 'SIGNATURE_INVALID' | 'ALGORITHM_UNSUPPORTED' | 'CERT_NOT_YET_VALID' | 'CERT_EXPIRED' | 'ISSUER_NOT_CA'
  | 'PATH_LENGTH_EXCEEDED' | 'ISSUER_MAY_NOT_SIGN' | 'KEY_USAGE' | 'UNKNOWN_CRITICAL_EXTENSION' | 'CERT_REVOKED' | 'CRL_MISSING' | 'CRL_STALE' | 'CRL_INVALID';

export type PathResult =
  | { readonly valid: true; /** Leaf first, trust anchor last. */ readonly chain: readonly Certificate[]; readonly revocation: 'checked' | 'not-checked' }
  | { readonly valid: false; readonly reason: PathFailure; /** Of the certificate that fails; null when it cannot be read. */ readonly serialHex: string | null; readonly revokedAt?: Date };

export interface PathQuestion {
  readonly leafDer: Uint8Array;
  /** Certificates that may stand between; more than needed do no harm. */
  readonly intermediatesDer: readonly Uint8Array[];
  readonly trustAnchorsDer: readonly Uint8Array[];
  readonly at: Date;
  /** All of these must be set in the leaf. */
  readonly keyUsage?: readonly KeyUsageName[];
  /** `crls`: every certificate but the anchor needs a current list of its issuer. `not-checked`: the answer says so. */
  readonly revocation: { readonly kind: 'crls'; readonly crlsDer: readonly Uint8Array[] } | { readonly kind: 'not-checked' };
}

const MAX_PATH_LENGTH = 8;

class PathError extends Error {
  readonly reason: PathFailure;
  readonly certificate: Certificate | null;
  readonly revokedAt: Date | undefined;
  constructor(reason: PathFailure, certificate: Certificate | null, revokedAt?: Date) {
    super(reason);
    this.reason = reason;
    this.certificate = certificate;
    this.revokedAt = revokedAt;
  }
}

export async function validatePath(question: PathQuestion, crypto: CryptoPort): Promise<PathResult> {
  try {
    const chain = buildChain(question);
    for (const [index, certificate] of chain.entries()) await checkLink(chain, index, certificate, question.at, crypto);
    checkLeafUsage(chain[0] as Certificate, question.keyUsage ?? []);
    if (question.revocation.kind === 'crls') await checkRevocation(chain, question.revocation.crlsDer, question.at, crypto);
    return { valid: true, chain, revocation: question.revocation.kind === 'crls' ? 'checked' : 'not-checked' };
  } catch (thrown) {
    if (!(thrown instanceof PathError)) throw thrown;
    const serialHex = thrown.certificate?.serialHex ?? null;
    return thrown.revokedAt ? { valid: false, reason: thrown.reason, serialHex, revokedAt: thrown.revokedAt } : { valid: false, reason: thrown.reason, serialHex };
  }
}

/** From the leaf upwards by issuer name and key identifier, until a trust anchor. */
function buildChain(question: PathQuestion): Certificate[] {
  const anchors = question.trustAnchorsDer.map((der) => readCertificate(der));
  const intermediates = question.intermediatesDer.map((der) => readCertificate(der));
  const chain = [readCertificate(question.leafDer)];
  for (;;) {
    const last = chain[chain.length - 1] as Certificate;
    if (anchors.some((anchor) => equalBytes(anchor.der, last.der))) return chain;
    if (chain.length > MAX_PATH_LENGTH) throw new PathError('PATH_TOO_LONG', last);
    const unused = intermediates.filter((one) => !chain.some((used) => equalBytes(used.der, one.der)));
    const issuer = [...anchors, ...unused].find((candidate) => couldHaveIssued(candidate, last));
    if (!issuer) throw new PathError('ISSUER_NOT_FOUND', last);
    chain.push(issuer);
  }
}

function readCertificate(der: Uint8Array): Certificate {
  return guarded('CERT_MALFORMED', null, () => {
    const certificate = parseCertificate(der);
    // Everything that is understood must also be readable, before anything relies on it.
    for (const codec of CERTIFICATE_EXTENSIONS) findExtension(certificate.extensions, codec);
    return certificate;
  });
}

function couldHaveIssued(candidate: Certificate, child: Certificate): boolean {
  if (!equalBytes(candidate.subject.der, child.issuer.der)) return false;
  const wanted = findExtension(child.extensions, AUTHORITY_KEY_IDENTIFIER)?.value.keyIdentifier;
  const own = findExtension(candidate.extensions, SUBJECT_KEY_IDENTIFIER)?.value;
  return !wanted || !own || equalBytes(wanted, own);
}

async function checkLink(chain: readonly Certificate[], index: number, certificate: Certificate, at: Date, crypto: CryptoPort): Promise<void> {
  if (at < certificate.notBefore.date) throw new PathError('CERT_NOT_YET_VALID', certificate);
  if (at > certificate.notAfter.date) throw new PathError('CERT_EXPIRED', certificate);
  if (findUnknownCritical(certificate.extensions, CERTIFICATE_EXTENSIONS)) throw new PathError('UNKNOWN_CRITICAL_EXTENSION', certificate);
  if (index > 0) checkIssuerRole(chain, index, certificate);
  const issuer = chain[index + 1];
  // The anchor is trusted because it is configured, not because it signed itself.
  if (!issuer) return;
  await checkSignature(certificate, issuer, crypto);
}

/** §6.1.4 (k)–(n). */
function checkIssuerRole(chain: readonly Certificate[], index: number, certificate: Certificate): void {
  const constraints = findExtension(certificate.extensions, BASIC_CONSTRAINTS)?.value;
  if (certificate.version !== 3 || !constraints?.ca) throw new PathError('ISSUER_NOT_CA', certificate);
  const below = chain.slice(1, index).filter((one) => !equalBytes(one.subject.der, one.issuer.der)).length;
  if (constraints.pathLength !== null && below > constraints.pathLength) throw new PathError('PATH_LENGTH_EXCEEDED', certificate);
  const usage = findExtension(certificate.extensions, KEY_USAGE)?.value;
  if (usage && !usage.includes('keyCertSign')) throw new PathError('ISSUER_MAY_NOT_SIGN', certificate);
}

async function checkSignature(certificate: Certificate, issuer: Certificate, crypto: CryptoPort): Promise<void> {
  // §4.1.1.2: what stands outside the signed part must equal what stands inside.
  if (!equalBytes(certificate.signatureAlgorithm.der, certificate.tbsSignatureAlgorithm.der)) throw new PathError('SIGNATURE_INVALID', certificate);
  const genuine = await guardedAsync('SIGNATURE_INVALID', certificate, () => verifySigned(certificate, issuer.publicKeySpkiDer, crypto));
  if (!genuine) throw new PathError('SIGNATURE_INVALID', certificate);
}

function checkLeafUsage(leaf: Certificate, wanted: readonly KeyUsageName[]): void {
  const usage = findExtension(leaf.extensions, KEY_USAGE)?.value ?? [];
  if (wanted.some((one) => !usage.includes(one))) throw new PathError('KEY_USAGE', leaf);
}

async function checkRevocation(chain: readonly Certificate[], crlsDer: readonly Uint8Array[], at: Date, crypto: CryptoPort): Promise<void> {
  const crls = crlsDer.map((der) => guarded('CRL_INVALID', null, () => parseCertificateRevocationList(der)));
  for (const [index, certificate] of chain.slice(0, -1).entries()) {
    const issuer = chain[index + 1] as Certificate;
    const crl = newestOf(crls.filter((one) => equalBytes(one.issuer.der, issuer.subject.der)));
    if (!crl) throw new PathError('CRL_MISSING', certificate);
    await checkCrl(crl, issuer, certificate, at, crypto);
    const entry = crl.entries.find((one) => one.serialHex === certificate.serialHex);
    if (entry) throw new PathError('CERT_REVOKED', certificate, entry.revokedAt);
  }
}

function newestOf(crls: readonly CertificateRevocationList[]): CertificateRevocationList | null {
  return crls.reduce<CertificateRevocationList | null>((newest, one) => (newest && newest.thisUpdate.date >= one.thisUpdate.date ? newest : one), null);
}

async function checkCrl(crl: CertificateRevocationList, issuer: Certificate, certificate: Certificate, at: Date, crypto: CryptoPort): Promise<void> {
  if (!(await guardedAsync('CRL_INVALID', certificate, () => isListOf(crl, issuer, crypto)))) throw new PathError('CRL_INVALID', certificate);
  if (at < crl.thisUpdate.date || !crl.nextUpdate || at > crl.nextUpdate.date) throw new PathError('CRL_STALE', certificate);
}

/** Turns errors about the data into a reason; anything else is a mistake of ours and goes on. */
function guarded<T>(reason: PathFailure, certificate: Certificate | null, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw asPathError(thrown, reason, certificate);
  }
}

async function guardedAsync<T>(reason: PathFailure, certificate: Certificate, verify: () => Promise<T>): Promise<T> {
  try {
    return await verify();
  } catch (thrown) {
    throw asPathError(thrown, reason, certificate);
  }
}

function asPathError(thrown: unknown, reason: PathFailure, certificate: Certificate | null): unknown {
  if (!(thrown instanceof AppError)) return thrown;
  return new PathError(thrown.code === 'ALGORITHM_UNSUPPORTED' ? 'ALGORITHM_UNSUPPORTED' : reason, certificate);
}
