/**
 * Step `csr` of an issuance: a checked certification request becomes both certificates.
 * Order: intent (serial numbers) in the store → key pair of the centre → signatures → everything in one transaction. Whoever dies in between
 * leaves an intent without a pair; the next try writes a new one, and its serial numbers are not used again.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { EnvelopedEncryptionKey, Issuance } from '#shared/contract/rest/issuances.ts';
import type { CertificateSubject, KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { assert } from '#shared/errors/assert.ts';
import { sealSm2SessionBy } from '#shared/sm/sm2-session-envelope.ts';
import type { AuditRecords, AuditSeal } from '../audit/audit-port.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { CertificateAuthority, EscrowedKey, KeyManagementCentre } from '../authority/authority-port.ts';
import type { Caller } from '../caller.ts';
import type { Clock } from '../clock.ts';
import { newId } from '../identifiers.ts';
import type { CatalogueRecords } from '../orders/order-port.ts';
import { validityOf } from '../requests/request-validity.ts';
import type { RequestRow } from '../requests/request-port.ts';
import type { Transactions } from '../transactions.ts';
import { authorityFor, type Authorities, type ReadCertificate } from './authorities.ts';
import type { ReachFaultPoint } from './fault-points.ts';
import { pairKeyOf, type CertificateRow, type IssuanceIntentRow, type IssuanceRow } from './issuance-port.ts';
import { keptKeys, type KeptKeys } from './kept-keys.ts';
import { nextIssuanceState } from './issuance-states.ts';
import { issuanceView, type IssuanceViewScope } from './issuance-view.ts';
import type { OneAtATime } from './one-at-a-time.ts';
import { ownedIssuance } from './read-issuances.ts';

interface Scope extends IssuanceViewScope {
  readonly catalogue: CatalogueRecords;
  readonly audit: AuditRecords;
}

export interface SubmitCsrPorts {
  readonly transactions: Transactions<Scope>;
  readonly authorities: Authorities;
  readonly keyManagementCentre: KeyManagementCentre;
  readonly readCertificate: ReadCertificate;
  readonly oneAtATime: OneAtATime;
  readonly auditSeal: AuditSeal;
  readonly clock: Clock;
  readonly reachFaultPoint: ReachFaultPoint;
}

/** Everything that stands in the store after the step, still in memory. */
interface MadePair {
  readonly signCertificateDer: Uint8Array;
  readonly encryptCertificateDer: Uint8Array;
  readonly escrowed: EscrowedKey;
  /** Null with the policy same-keys: the key is on the token already. */
  readonly envelope: EnvelopedEncryptionKey | null;
  readonly signNonce: Buffer;
  readonly decryptCiphertext: Uint8Array;
  readonly decryptedSha256: string;
}

const CHALLENGE_BYTES = 32;

/** The same public key again gets the same certificates. @throws NOT_FOUND, ISSUANCE_STATE, ISSUANCE_KEY_CHANGED, CSR_*, CERTIFICATE_LINT */
export async function submitCsr(ports: SubmitCsrPorts, caller: Caller, issuanceId: string, csrDer: Uint8Array): Promise<Issuance> {
  return await ports.oneAtATime.run(issuanceId, async () => {
    const issuance = await ports.transactions.read(({ issuances }) => ownedIssuance(issuances, caller, issuanceId));
    const authority = authorityFor(ports.authorities, issuance.keyAlgorithm);
    const { publicKeySpkiDer } = await authority.checkCsr(csrDer, issuance.csrSubjectDer);
    const publicKeySha256 = sha256Hex(publicKeySpkiDer);
    const { request, kept } = await ports.transactions.read(async (scope) => requestOf(scope, issuance));
    if (kept !== null && !kept.signPublicKeySpkiDer.equals(publicKeySpkiDer)) throw new AppError('CSR_KEY_NOT_THE_SAME');
    const before = await issuedBefore(ports, issuanceId, publicKeySha256, kept);
    if (before !== null) return before;
    ports.reachFaultPoint('csr:before-intent');
    const intent = await recordIntent(ports, authority, issuance, publicKeySha256);
    ports.reachFaultPoint('csr:intent-committed');
    const made = await makePair(ports, authority, { issuance, request, kept, intent, signPublicKeySpkiDer: publicKeySpkiDer });
    const stored = await storePair(ports, authority, { issuance, request, kept, intent, signPublicKeySpkiDer: publicKeySpkiDer }, made);
    ports.reachFaultPoint('csr:committed');
    return stored;
  });
}

/** What the request says of this issuance: with the policy same-keys, the keys that stay. */
async function requestOf(scope: Scope, issuance: IssuanceRow): Promise<{ request: RequestRow; kept: KeptKeys | null }> {
  const request = await scope.requests.byId(issuance.requestId);
  assert(request, 'every issuance belongs to a request');
  return { request, kept: await keptKeys(scope, request) };
}

/** The pair that exists already; null when there is none yet. */
async function issuedBefore(ports: SubmitCsrPorts, issuanceId: string, publicKeySha256: string, kept: KeptKeys | null): Promise<Issuance | null> {
  return await ports.transactions.read(async (scope) => {
    const issuance = await scope.issuances.byId(issuanceId);
    assert(issuance, 'issuances are never deleted');
    const pair = await scope.issuances.pair(issuanceId);
    if (pair === null) {
      nextIssuanceState(issuance.state, 'certify');
      if (kept === null && (await scope.certificates.byPublicKey(publicKeySha256)) !== null) throw new AppError('CSR_KEY_IN_USE');
      return null;
    }
    if (issuance.state === 'cancelled') throw new AppError('ISSUANCE_STATE', { state: issuance.state });
    if (pair.publicKeySha256 !== publicKeySha256) throw new AppError('ISSUANCE_KEY_CHANGED');
    return await issuanceView(scope, issuance);
  });
}

async function recordIntent(ports: SubmitCsrPorts, authority: CertificateAuthority, issuance: IssuanceRow, publicKeySha256: string): Promise<IssuanceIntentRow> {
  const nowMs = ports.clock().getTime();
  const intent: IssuanceIntentRow = {
    id: newId(), issuanceId: issuance.id, publicKeySha256, signSerialHex: authority.newSerialHex(), encryptSerialHex: authority.newSerialHex(),
    notBeforeMs: nowMs - (nowMs % 1000), state: 'open', createdAtMs: nowMs,
  };
  await ports.transactions.write(async ({ issuances, audit }) => {
    for (const left of await issuances.openIntents(issuance.id)) {
      await issuances.closeIntent(left.id, 'abandoned');
      await recordAudit(audit, ports.auditSeal, { atMs: nowMs, actor: 'system', event: 'issuance.intent-abandoned', target: issuance.id, details: { signSerialHex: left.signSerialHex, encryptSerialHex: left.encryptSerialHex } });
    }
    await issuances.insertIntent(intent);
    await recordAudit(audit, ports.auditSeal, { atMs: nowMs, actor: issuance.accountId, event: 'issuance.intent', target: issuance.id, details: { publicKeySha256, signSerialHex: intent.signSerialHex, encryptSerialHex: intent.encryptSerialHex } });
  });
  return intent;
}

/** How the secret of the completion challenge is sealed. SM2: under a session key, because a key with the calls of GM/T 0016-2012 alone opens nothing else. */
const CHALLENGE_FORMS: Readonly<Record<KeyAlgorithm, (encrypt: (plaintext: Uint8Array) => Promise<Uint8Array>, secret: Uint8Array) => Promise<Uint8Array>>> = {
  'rsa-2048': (encrypt, secret) => encrypt(secret),
  sm2: (encrypt, secret) => sealSm2SessionBy(encrypt, secret, randomBytes),
};

/** What is to be certified, and for whom. */
interface PairPlan {
  readonly issuance: IssuanceRow;
  readonly request: RequestRow;
  readonly kept: KeptKeys | null;
  readonly intent: IssuanceIntentRow;
  readonly signPublicKeySpkiDer: Uint8Array;
}

async function makePair(ports: SubmitCsrPorts, authority: CertificateAuthority, { issuance, request, kept, intent, signPublicKeySpkiDer }: PairPlan): Promise<MadePair> {
  const validity = await ports.transactions.read(({ certificates }) => validityOf(certificates, request, intent.notBeforeMs));
  const escrowed = kept?.escrowed ?? (await ports.keyManagementCentre.generate(issuance.keyAlgorithm));
  ports.reachFaultPoint('csr:key-generated');
  const { signCertificateDer, encryptCertificateDer } = await authority.issueDualCertificates({
    subject: JSON.parse(issuance.subjectJson) as CertificateSubject, certificateType: request.certificateType, ...validity, notBefore: new Date(intent.notBeforeMs),
    signSerialHex: intent.signSerialHex, encryptSerialHex: intent.encryptSerialHex, signPublicKeySpkiDer, encryptPublicKeySpkiDer: escrowed.publicKeySpkiDer,
  });
  ports.reachFaultPoint('csr:signed');
  const envelope = kept === null ? await ports.keyManagementCentre.envelope(escrowed, { signPublicKeySpkiDer, signCertificateDer, encryptCertificateDer }) : null;
  const secret = randomBytes(CHALLENGE_BYTES);
  const decryptCiphertext = await CHALLENGE_FORMS[issuance.keyAlgorithm]((plaintext) => authority.encryptToSubscriber(escrowed.publicKeySpkiDer, plaintext), secret);
  const decryptedSha256 = sha256Hex(secret);
  secret.fill(0);
  return { signCertificateDer, encryptCertificateDer, escrowed, envelope, signNonce: randomBytes(CHALLENGE_BYTES), decryptCiphertext, decryptedSha256 };
}

/** Certificates, escrowed key, pair and state together or not at all. A second writer finds the state moved and gets the pair of the first. */
async function storePair(ports: SubmitCsrPorts, authority: CertificateAuthority, { issuance, kept, intent, signPublicKeySpkiDer }: PairPlan, made: MadePair): Promise<Issuance> {
  return await ports.transactions.write(async (scope) => {
    const nowMs = ports.clock().getTime();
    if (!(await scope.issuances.move(issuance.id, 'started', nextIssuanceState('started', 'certify'), {}))) throw new AppError('ISSUANCE_STATE', { state: (await scope.issuances.byId(issuance.id))?.state ?? 'unknown' });
    // Between the first look and now the same key may have been certified in another issuance.
    if (kept === null && (await scope.certificates.byPublicKey(intent.publicKeySha256)) !== null) throw new AppError('CSR_KEY_IN_USE');
    const projectName = (await scope.catalogue.project(issuance.projectId))?.name ?? '';
    const common: CommonColumns = { caId: authority.caId, accountId: issuance.accountId, issuanceId: issuance.id, projectId: issuance.projectId, projectName, tokenSerial: issuance.tokenSerial, keyOfBefore: kept === null ? 0 : 1, createdAtMs: nowMs };
    await scope.certificates.insert(certificateRow(ports, common, 'sign', intent.signSerialHex, signPublicKeySpkiDer, made.signCertificateDer));
    await scope.certificates.insert(certificateRow(ports, common, 'encrypt', intent.encryptSerialHex, made.escrowed.publicKeySpkiDer, made.encryptCertificateDer));
    await scope.issuances.insertEscrow({
      id: newId(), issuanceId: issuance.id, certificateSerialHex: intent.encryptSerialHex, algorithm: made.escrowed.algorithm, publicKeySpkiDer: Buffer.from(made.escrowed.publicKeySpkiDer),
      wrappingKeyId: made.escrowed.wrappingKeyId, wrappedPrivateKey: Buffer.from(made.escrowed.wrappedPrivateKey), createdAtMs: nowMs,
    });
    await scope.issuances.insertPair({
      issuanceId: issuance.id, signSerialHex: intent.signSerialHex, encryptSerialHex: intent.encryptSerialHex, publicKeySha256: intent.publicKeySha256,
      chainJson: JSON.stringify(authority.chainDer.map((der) => Buffer.from(der).toString('base64'))), envelopeJson: made.envelope === null ? null : JSON.stringify(made.envelope),
      signNonce: made.signNonce, decryptCiphertext: Buffer.from(made.decryptCiphertext), decryptedSha256: made.decryptedSha256,
    });
    await scope.issuances.closeIntent(intent.id, 'done');
    await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: issuance.accountId, event: 'issuance.certified', target: issuance.id, details: { signSerialHex: intent.signSerialHex, encryptSerialHex: intent.encryptSerialHex, wrappingKeyId: made.escrowed.wrappingKeyId } });
    ports.reachFaultPoint('csr:in-transaction');
    return await issuanceView(scope, { ...issuance, state: 'certified' });
  });
}

type CommonColumns = Pick<CertificateRow, 'caId' | 'accountId' | 'issuanceId' | 'projectId' | 'projectName' | 'tokenSerial' | 'keyOfBefore' | 'createdAtMs'>;

function certificateRow(
  ports: Pick<SubmitCsrPorts, 'readCertificate'>,
  common: CommonColumns,
  purpose: CertificateRow['purpose'],
  serialHex: string,
  publicKeySpkiDer: Uint8Array,
  certificateDer: Uint8Array,
): CertificateRow {
  const { subject, issuer, notBefore, notAfter } = ports.readCertificate(certificateDer);
  return {
    ...common, pairKey: purpose === 'sign' ? pairKeyOf(common) : null, purpose, serialHex, state: 'pending', subject, issuer, notBeforeMs: notBefore.getTime(), notAfterMs: notAfter.getTime(),
    sha256Hex: sha256Hex(certificateDer), publicKeySha256: sha256Hex(publicKeySpkiDer), publicKeySpkiDer: Buffer.from(publicKeySpkiDer), certificateDer: Buffer.from(certificateDer),
    revokedAtMs: null, revocationReason: null,
  };
}

function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
