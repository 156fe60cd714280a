/**
 * Is what the CA issued right for this key? Checked before anything of it is written. Rule: a pair that breaks one line here never reaches
 * the key, whatever the service says (ISSUED_PAIR_INVALID, details.reason).
 */
import type { Issuance, IssuedPair } from '#shared/contract/rest/issuances.ts';
import { fromBase64 } from '#shared/bytes/base64.ts';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { toHex } from '#shared/bytes/hex.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { PKI_ERRORS } from '#shared/errors/table/pki.ts';
import type { CertificateFacts, WritingPorts } from './ports.ts';

/** The pair as bytes, found right. */
export interface CheckedPair {
  readonly signCertificateDer: Uint8Array;
  readonly encryptionCertificateDer: Uint8Array;
  readonly encryptionPublicKeySpkiDer: Uint8Array;
  readonly signSha256Hex: string;
  readonly encryptionSha256Hex: string;
  readonly source: IssuedPair;
}

const SIGNING_USAGES: readonly string[] = ['digitalSignature', 'nonRepudiation', 'contentCommitment'];
const ENCRYPTION_USAGES: readonly string[] = ['keyEncipherment', 'dataEncipherment', 'keyAgreement'];

const ENVELOPE_FORMATS: Readonly<Record<Issuance['keyAlgorithm'], NonNullable<IssuedPair['envelopedEncryptionKey']>['format']>> = { 'rsa-2048': 'rsa-oaep+aes-kwp', sm2: 'gmt0092-csr-response' };

/** SubjectPublicKeyInfo of the keys on the token. The encryption key is there beforehand only when a renewal or change keeps it. */
export interface WantedKeys {
  readonly signSpkiDer: Uint8Array;
  readonly keptEncryptionSpkiDer: Uint8Array | null;
}

type PairPorts = Pick<WritingPorts, 'certificates' | 'crypto'>;

/** @throws ISSUED_PAIR_INVALID; ISSUANCE_STATE when nothing is issued yet */
export async function checkIssuedPair(issuance: Issuance, keys: WantedKeys, ports: PairPorts): Promise<CheckedPair> {
  if (!issuance.pair) throw new AppError('ISSUANCE_STATE', { state: issuance.state });
  try {
    return await checkPair(issuance, issuance.pair, keys, ports);
  } catch (thrown) {
    // What cannot be read at all is as wrong as what reads wrongly.
    if (thrown instanceof AppError && Object.hasOwn(PKI_ERRORS, thrown.code)) throw new AppError('ISSUED_PAIR_INVALID', { reason: `unreadable:${thrown.code}` }, thrown);
    throw thrown;
  }
}

async function checkPair(issuance: Issuance, source: IssuedPair, keys: WantedKeys, ports: PairPorts): Promise<CheckedPair> {
  // A key that is on the token already is never sent once more.
  const wantedFormat = keys.keptEncryptionSpkiDer === null ? ENVELOPE_FORMATS[issuance.keyAlgorithm] : undefined;
  if (source.envelopedEncryptionKey?.format !== wantedFormat) refusePair('envelope-format');
  const signCertificateDer = fromBase64(source.signCertificateDer);
  const encryptionCertificateDer = fromBase64(source.encryptionCertificateDer);
  const sign = ports.certificates.readCertificate(signCertificateDer);
  const encryption = ports.certificates.readCertificate(encryptionCertificateDer);
  checkKeys(sign, encryption, keys);
  checkNames(sign, encryption, fromBase64(issuance.csrSubjectDer));
  checkUsages(sign, encryption);
  await checkChains([['sign', signCertificateDer, sign], ['encrypt', encryptionCertificateDer, encryption]], source.chainDer.map(fromBase64), ports);
  return {
    signCertificateDer, encryptionCertificateDer, source,
    encryptionPublicKeySpkiDer: encryption.publicKeySpkiDer,
    signSha256Hex: toHex(ports.crypto.digest('sha-256', signCertificateDer)),
    encryptionSha256Hex: toHex(ports.crypto.digest('sha-256', encryptionCertificateDer)),
  };
}

function checkKeys(sign: CertificateFacts, encryption: CertificateFacts, { signSpkiDer, keptEncryptionSpkiDer }: WantedKeys): void {
  if (!equalBytes(sign.publicKeySpkiDer, signSpkiDer)) refusePair('signing-key');
  if (keptEncryptionSpkiDer !== null && !equalBytes(encryption.publicKeySpkiDer, keptEncryptionSpkiDer)) refusePair('encryption-key');
  // One key for both uses would put a key that the CA holds in escrow under the signatures.
  if (equalBytes(sign.publicKeySpkiDer, encryption.publicKeySpkiDer)) refusePair('keys-not-apart');
}

function checkNames(sign: CertificateFacts, encryption: CertificateFacts, wantedSubjectDer: Uint8Array): void {
  if (!equalBytes(sign.subjectDer, wantedSubjectDer)) refusePair('subject');
  if (!equalBytes(sign.subjectDer, encryption.subjectDer)) refusePair('subjects-differ');
}

function checkUsages(sign: CertificateFacts, encryption: CertificateFacts): void {
  const only = (usages: readonly string[], allowed: readonly string[]) => usages.length > 0 && usages.every((usage) => allowed.includes(usage));
  if (sign.isAuthority || encryption.isAuthority) refusePair('authority-certificate');
  if (!only(sign.keyUsages, SIGNING_USAGES) || !sign.keyUsages.includes('digitalSignature')) refusePair('signing-usage');
  if (!only(encryption.keyUsages, ENCRYPTION_USAGES)) refusePair('encryption-usage');
}

async function checkChains(certificates: readonly (readonly [string, Uint8Array, CertificateFacts])[], chainDer: readonly Uint8Array[], ports: Pick<WritingPorts, 'certificates'>): Promise<void> {
  for (const [name, certificateDer, facts] of certificates) {
    if (facts.notAfter <= facts.notBefore) refusePair(`${name}-validity`);
    // Checked at the certificate's own beginning: the clock of an office computer is wrong too often to decide this.
    const verdict = await ports.certificates.verifyChain(certificateDer, chainDer, facts.notBefore);
    if (!verdict.valid) refusePair(`${name}-chain:${verdict.reason}`);
  }
}

function refusePair(reason: string): never {
  throw new AppError('ISSUED_PAIR_INVALID', { reason });
}
