/** The keys that a renewal or change under the policy same-keys keeps: the signing key on the token and the encryption key in escrow. */
import { assert } from '#shared/errors/assert.ts';
import type { EscrowedKey } from '../authority/authority-port.ts';
import type { RequestRow } from '../requests/request-port.ts';
import type { CertificateRecords, IssuanceRecords } from './issuance-port.ts';

export interface KeptKeys {
  readonly signPublicKeySpkiDer: Buffer;
  readonly escrowed: EscrowedKey;
}

/** Null when the request makes new keys. */
export async function keptKeys(scope: { readonly certificates: CertificateRecords; readonly issuances: IssuanceRecords }, request: Pick<RequestRow, 'keyPolicy' | 'certificateSerialHex'>): Promise<KeptKeys | null> {
  if (request.keyPolicy !== 'same-keys' || request.certificateSerialHex === null) return null;
  const sign = await scope.certificates.bySerial(request.certificateSerialHex);
  assert(sign, 'a request about a certificate has it');
  const encrypt = (await scope.certificates.ofIssuance(sign.issuanceId)).find(({ purpose }) => purpose === 'encrypt');
  const escrow = encrypt === undefined ? null : await scope.issuances.escrowOf(encrypt.serialHex);
  assert(escrow, 'every encryption key is in escrow');
  const { algorithm, publicKeySpkiDer, wrappingKeyId, wrappedPrivateKey } = escrow;
  return { signPublicKeySpkiDer: sign.publicKeySpkiDer, escrowed: { algorithm, publicKeySpkiDer, wrappingKeyId, wrappedPrivateKey } };
}
