/** An issuance as the contract shows it, with its pair as often as it is asked for: nothing in it opens without the token. */
import type { EnvelopedEncryptionKey, Issuance, IssuedPair } from '#shared/contract/rest/issuances.ts';
import type { CertificateSubject } from '#shared/contract/rest/orders.ts';
import { assert } from '#shared/errors/assert.ts';
import { utcText, utcTextOrNull } from '../clock.ts';
import { restorableKeysOf } from '../recovery/restorable-keys.ts';
import { remainingQuantity, type RequestRecords } from '../requests/request-port.ts';
import type { CertificateRecords, IssuanceRecords, IssuanceRow, IssuedPairRow } from './issuance-port.ts';
import { replacedCertificate } from './replaced-certificate.ts';

export interface IssuanceViewScope {
  readonly issuances: IssuanceRecords;
  readonly certificates: CertificateRecords;
  readonly requests: RequestRecords;
}

export async function issuanceView(scope: IssuanceViewScope, row: IssuanceRow): Promise<Issuance> {
  const request = await scope.requests.byId(row.requestId);
  assert(request, 'every issuance belongs to a request');
  const pair = row.state === 'certified' || row.state === 'completed' ? await scope.issuances.pair(row.id) : null;
  const { id, state, requestId, tokenSerial, tokenModelId, keyAlgorithm } = row;
  return {
    id, state, requestId, kind: request.kind, keyPolicy: request.keyPolicy ?? 'new-keys', replacesCertificateSerialHex: replacedCertificate(request), tokenSerial, tokenModelId, keyAlgorithm,
    subject: JSON.parse(row.subjectJson) as CertificateSubject,
    csrSubjectDer: row.csrSubjectDer.toString('base64'),
    pair: pair === null ? null : { ...(await pairView(scope.certificates, pair)), restorableKeys: await restorableKeysOf(scope, request, row.id) },
    remainingQuantity: remainingQuantity(request),
    startedAtUtc: utcText(row.startedAtMs),
    completedAtUtc: utcTextOrNull(row.completedAtMs),
  };
}

async function pairView(certificates: CertificateRecords, pair: IssuedPairRow): Promise<Omit<IssuedPair, 'restorableKeys'>> {
  const sign = await certificates.bySerial(pair.signSerialHex);
  const encrypt = await certificates.bySerial(pair.encryptSerialHex);
  assert(sign && encrypt, 'a pair is stored with both certificates');
  return {
    signCertificateDer: sign.certificateDer.toString('base64'),
    encryptionCertificateDer: encrypt.certificateDer.toString('base64'),
    chainDer: JSON.parse(pair.chainJson) as string[],
    envelopedEncryptionKey: pair.envelopeJson === null ? null : (JSON.parse(pair.envelopeJson) as EnvelopedEncryptionKey),
    challenge: { signNonce: pair.signNonce.toString('base64'), decryptCiphertext: pair.decryptCiphertext.toString('base64') },
  };
}
