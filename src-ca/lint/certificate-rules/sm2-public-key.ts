/** An elliptic public key is an SM2 key: id-ecPublicKey with the curve of GB/T 32918.5 named, and an uncompressed point that lies on it. */
import { tryReadSm2Point } from '#shared/sm/sm2-curve.ts';
import { parsePublicKeyInfo } from '#shared/x509/public-key-info.ts';
import type { CertificateRule } from '../certificate-context.ts';

export const sm2PublicKey: CertificateRule = {
  id: 'sm2-public-key',
  clause: 'GM/T 0015; GM/T 0009 §7 (1.2.156.10197.1.301); GB/T 32918.1 §6.2',
  effectiveDate: '2012-07-01',
  applies: ({ certificate }) => parsePublicKeyInfo(certificate.publicKeySpkiDer).kind !== 'rsa',
  check: ({ certificate }) => {
    const key = parsePublicKeyInfo(certificate.publicKeySpkiDer);
    if (key.kind !== 'sm2') return 'curve is not 1.2.156.10197.1.301';
    return tryReadSm2Point(key.point) ? null : 'point is not on the curve';
  },
};
