/** An issuance as the contract shows it, with its pair as often as it is asked for: nothing in it opens without the token. */
import type { EnvelopedEncryptionKey, Issuance, IssuedPair } from '#shared/contract/rest/issuances.ts';
import type { CertificateSubject } from '#shared/contract/rest/orders.ts';
import { assert } from '#shared/errors/assert.ts';
import { utcText, utcTextOrNull } from '../clock.ts';
import type { OrderRecords } from '../orders/order-port.ts';
import type { CertificateRecords, IssuanceRecords, IssuanceRow, IssuedPairRow } from './issuance-port.ts';

export interface IssuanceViewScope {
  readonly issuances: IssuanceRecords;
  readonly certificates: CertificateRecords;
  readonly orders: OrderRecords;
}

export async function issuanceView(scope: IssuanceViewScope, row: IssuanceRow): Promise<Issuance> {
  const line = await scope.orders.line(row.orderLineId);
  assert(line, 'every issuance belongs to an order line');
  const pair = row.state === 'certified' || row.state === 'completed' ? await scope.issuances.pair(row.id) : null;
  const { id, state, orderLineId, tokenSerial, tokenModelId, keyAlgorithm } = row;
  return {
    id, state, requestId: orderLineId, kind: 'new-issue', keyPolicy: 'new-keys', replacesCertificateSerialHex: null, tokenSerial, tokenModelId, keyAlgorithm,
    subject: JSON.parse(row.subjectJson) as CertificateSubject,
    csrSubjectDer: row.csrSubjectDer.toString('base64'),
    pair: pair === null ? null : await pairView(scope.certificates, pair),
    remainingQuantity: line.quantity - line.writtenQuantity - line.openQuantity,
    startedAtUtc: utcText(row.startedAtMs),
    completedAtUtc: utcTextOrNull(row.completedAtMs),
  };
}

async function pairView(certificates: CertificateRecords, pair: IssuedPairRow): Promise<IssuedPair> {
  const sign = await certificates.bySerial(pair.signSerialHex);
  const encrypt = await certificates.bySerial(pair.encryptSerialHex);
  assert(sign && encrypt, 'a pair is stored with both certificates');
  return {
    signCertificateDer: sign.certificateDer.toString('base64'),
    encryptionCertificateDer: encrypt.certificateDer.toString('base64'),
    chainDer: JSON.parse(pair.chainJson) as string[],
    envelopedEncryptionKey: JSON.parse(pair.envelopeJson) as EnvelopedEncryptionKey,
    challenge: { signNonce: pair.signNonce.toString('base64'), decryptCiphertext: pair.decryptCiphertext.toString('base64') },
    restorableKeys: [],
  };
}
