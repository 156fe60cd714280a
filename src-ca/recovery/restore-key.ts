/**
 * Giving an escrowed encryption key out: enveloped under an opening key of the token, which the token's signing key vouches for. Each delivery is
 * written down and audited before the envelope leaves, and a key leaves a bounded number of times per request.
 */
import { createHash } from 'node:crypto';
import { fromBase64 } from '#shared/bytes/base64.ts';
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import type { RestoredKey } from '#shared/contract/rest/keys.ts';
import { KEY_ALGORITHMS } from '#shared/crypto/algorithms.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { findRsaWeakness } from '#shared/crypto/rsa-strength.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { assert } from '#shared/errors/assert.ts';
import { tryReadSm2Point } from '#shared/sm/sm2-curve.ts';
import { parsePublicKeyInfo } from '#shared/x509/public-key-info.ts';
import type { AuditRecords, AuditSeal } from '../audit/audit-port.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { KeyManagementCentre } from '../authority/authority-port.ts';
import type { Caller } from '../caller.ts';
import { isSignedBy } from '../challenges/key-challenges.ts';
import { DAY_MS, type Clock } from '../clock.ts';
import { newId } from '../identifiers.ts';
import type { ReachFaultPoint } from '../issuance/fault-points.ts';
import type { CertificateRecords, CertificateRow, IssuanceRecords } from '../issuance/issuance-port.ts';
import { ownedIssuance } from '../issuance/read-issuances.ts';
import type { RequestRecords, RequestRow } from '../requests/request-port.ts';
import type { Transactions } from '../transactions.ts';
import type { RecoveryRecords } from './recovery-port.ts';
import { checkRecoveryApproved, restorableCertificates, type RestorableCertificate } from './restorable-keys.ts';

export interface RestoreScope {
  readonly certificates: CertificateRecords;
  readonly issuances: IssuanceRecords;
  readonly requests: RequestRecords;
  readonly recoveries: RecoveryRecords;
  readonly audit: AuditRecords;
}

export interface RestorePorts {
  readonly transactions: Transactions<RestoreScope>;
  readonly keyManagementCentre: Pick<KeyManagementCentre, 'envelopeForOpeningKey'>;
  readonly crypto: CryptoPort;
  readonly auditSeal: AuditSeal;
  readonly clock: Clock;
  readonly reachFaultPoint: ReachFaultPoint;
}

export interface OpeningKey {
  readonly openingPublicKeySpkiDer: string;
  readonly signature: string;
}

/** A tool that was cut off may ask again; a thief of a session may not ask without end. */
export const MOST_DELIVERIES = 10;
/** The pair may be proven before the old keys come back. */
const RESTORE_AFTER_COMPLETION_MS = 7 * DAY_MS;

/** What the signing key signs for an opening key: `BidKey restore v1` ‖ 0x00 ‖ deed ‖ 0x00 ‖ serial number ‖ 0x00 ‖ SHA-256 of the opening key. */
export function restoreMessage(deedId: string, serialHex: string, openingPublicKeySpkiDer: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`BidKey restore v1\0${deedId}\0${serialHex}\0`, 'ascii'), createHash('sha256').update(openingPublicKeySpkiDer).digest()]);
}

/** Onto the new key of a reissue. @throws NOT_FOUND, ISSUANCE_STATE, RECOVERY_*, RESTORE_PROOF, CSR_KEY_*, KEY_INVALID, CERTIFICATE_STATE */
export async function restoreKeyOnIssuance(ports: RestorePorts, caller: Caller, issuanceId: string, serialHex: string, opening: OpeningKey): Promise<RestoredKey> {
  const { request, signer } = await ports.transactions.read(async (scope) => {
    const issuance = await ownedIssuance(scope.issuances, caller, issuanceId);
    const fresh = issuance.state === 'certified' || (issuance.completedAtMs !== null && issuance.completedAtMs > ports.clock().getTime() - RESTORE_AFTER_COMPLETION_MS);
    if (!fresh) throw new AppError('ISSUANCE_STATE', { state: issuance.state });
    const pair = await scope.issuances.pair(issuance.id);
    const found = await scope.requests.byId(issuance.requestId);
    assert(pair && found, 'a certified issuance has a pair and a request');
    return { request: found, signer: await scope.certificates.bySerial(pair.signSerialHex) };
  });
  if (request.kind !== 'reissue') refuse('NOT_FOUND', { what: 'restorable key' });
  assert(signer, 'a pair is stored with both certificates');
  return await restore(ports, { request, deedId: issuanceId, issuanceId, signer, states: ['pending', 'active'] }, serialHex, opening);
}

/** Onto the key of a key recovery that has begun. @throws as above, and REQUEST_STATE */
export async function restoreKeyOnRequest(ports: RestorePorts, caller: Caller, requestId: string, serialHex: string, opening: OpeningKey): Promise<RestoredKey> {
  const { request, signer } = await ports.transactions.read(async (scope) => {
    const found = await scope.requests.byId(requestId);
    if (found === null || found.accountId !== caller.accountId || found.kind !== 'key-recovery') refuse('NOT_FOUND', { what: 'key recovery' });
    const recovery = await scope.recoveries.recovery(requestId);
    if (recovery === null || found.state !== 'writing') throw new AppError('REQUEST_STATE', { state: found.state });
    return { request: found, signer: await scope.certificates.bySerial(recovery.signSerialHex) };
  });
  assert(signer, 'a recovery was begun with a certificate');
  return await restore(ports, { request, deedId: requestId, issuanceId: null, signer, states: ['active'] }, serialHex, opening);
}

interface Restoring {
  readonly request: RequestRow;
  /** What stands in the signed message. */
  readonly deedId: string;
  readonly issuanceId: string | null;
  /** Its key vouches for the opening key. */
  readonly signer: CertificateRow;
  readonly states: readonly CertificateRow['state'][];
}

async function restore(ports: RestorePorts, restoring: Restoring, serialHex: string, opening: OpeningKey): Promise<RestoredKey> {
  const { request, signer } = restoring;
  const openingPublicKeySpkiDer = fromBase64(opening.openingPublicKeySpkiDer);
  checkOpeningKey(openingPublicKeySpkiDer, request.keyAlgorithm);
  if (!(await isSignedBy(ports.crypto, signer.certificateDer, restoreMessage(restoring.deedId, serialHex, openingPublicKeySpkiDer), fromBase64(opening.signature)))) throw new AppError('RESTORE_PROOF');
  const { certificate, escrow } = await ports.transactions.write(async (scope) => {
    await checkRecoveryApproved(scope.requests, request);
    const restorable = await findRestorable(scope, request, signer, serialHex);
    const now = await scope.certificates.bySerial(signer.serialHex);
    if (now === null || !restoring.states.includes(now.state)) throw new AppError('CERTIFICATE_STATE', { state: now?.state ?? 'unknown' });
    await recordDelivery(scope, ports, restoring, serialHex, openingPublicKeySpkiDer);
    return restorable;
  });
  ports.reachFaultPoint('restore:committed');
  const envelopedEncryptionKey = await ports.keyManagementCentre.envelopeForOpeningKey(escrow, openingPublicKeySpkiDer);
  return { certificateSerialHex: serialHex, certificateDer: certificate.certificateDer.toString('base64'), envelopedEncryptionKey };
}

async function findRestorable(scope: RestoreScope, request: RequestRow, signer: CertificateRow, serialHex: string): Promise<RestorableCertificate> {
  const all = await restorableCertificates(scope, request, signer.issuanceId);
  return all.find(({ certificate }) => certificate.serialHex === serialHex) ?? refuse('NOT_FOUND', { what: 'restorable key' });
}

async function recordDelivery(scope: RestoreScope, ports: RestorePorts, { request, issuanceId, signer }: Restoring, serialHex: string, openingPublicKeySpkiDer: Uint8Array): Promise<void> {
  const nowMs = ports.clock().getTime();
  const before = await scope.recoveries.deliveries(request.id, serialHex);
  if (before >= MOST_DELIVERIES) throw new AppError('RECOVERY_DELIVERED_TOO_OFTEN', { deliveries: before });
  const openingKeySha256 = createHash('sha256').update(openingPublicKeySpkiDer).digest('hex');
  await scope.recoveries.insertDelivery({ id: newId(), accountId: request.accountId, requestId: request.id, issuanceId, serialHex, openingKeySha256, deliveredAtMs: nowMs });
  await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: request.accountId, event: 'recovery.delivered', target: serialHex, details: { requestId: request.id, issuanceId, signSerialHex: signer.serialHex, openingKeySha256, delivery: before + 1 } });
}

/** @throws CSR_KEY_ALGORITHM, CSR_KEY_WEAK, KEY_INVALID */
function checkOpeningKey(spkiDer: Uint8Array, keyAlgorithm: KeyAlgorithm): void {
  const key = readOpeningKey(spkiDer);
  if (key.kind !== KEY_ALGORITHMS[keyAlgorithm].keyKind) throw new AppError('CSR_KEY_ALGORITHM', { wanted: keyAlgorithm, got: key.kind });
  // Before a delivery is counted: nothing can be enveloped for a point outside the curve.
  if (key.kind === 'sm2' && tryReadSm2Point(key.point) === null) throw new AppError('KEY_INVALID', { reason: 'no point of the curve' });
  const weakness = key.kind === 'rsa' ? findRsaWeakness(key) : null;
  if (weakness !== null) throw new AppError('CSR_KEY_WEAK', { reason: weakness });
}

function readOpeningKey(spkiDer: Uint8Array) {
  try {
    return parsePublicKeyInfo(spkiDer);
  } catch (thrown) {
    throw thrown instanceof AppError ? new AppError('KEY_INVALID', thrown.details, thrown) : thrown;
  }
}
