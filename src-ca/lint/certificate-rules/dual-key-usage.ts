/** Key usages of a dual pair, to the bit, whatever a profile says: the one signs, the other encrypts. */
import { findExtension } from '#shared/x509/extension.ts';
import { KEY_USAGE, type KeyUsageName } from '#shared/x509/extensions/key-usage.ts';
import { parsePublicKeyInfo } from '#shared/x509/public-key-info.ts';
import type { CertificateRule } from '../certificate-context.ts';

const SIGNS: readonly KeyUsageName[] = ['digitalSignature', 'nonRepudiation'];
const ENCRYPTS: readonly KeyUsageName[] = ['keyEncipherment', 'dataEncipherment'];
/** RSA keys agree on nothing. */
const ALSO_ENCRYPTS_SM2: KeyUsageName = 'keyAgreement';

export const dualKeyUsage: CertificateRule = {
  id: 'dual-key-usage',
  clause: 'GM/T 0015 (keyUsage of signing and encryption certificates)',
  effectiveDate: '2012-07-01',
  applies: ({ profile }) => profile.id === 'subscriber-sign' || profile.id === 'subscriber-encrypt',
  check: ({ certificate, profile }) => {
    const found = findExtension(certificate.extensions, KEY_USAGE)?.value ?? [];
    const wanted = profile.id === 'subscriber-sign' ? SIGNS : ENCRYPTS;
    const allowed = profile.id === 'subscriber-encrypt' && parsePublicKeyInfo(certificate.publicKeySpkiDer).kind === 'sm2' ? [...wanted, ALSO_ENCRYPTS_SM2] : wanted;
    return wanted.every((usage) => found.includes(usage)) && found.every((usage) => allowed.includes(usage)) ? null : `not exactly ${wanted.join(' and ')}`;
  },
};
