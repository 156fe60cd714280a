/** A key either signs or encrypts: the encryption key is in escrow, so a signature by it would prove nothing. */
import { findExtension } from '#shared/x509/extension.ts';
import { KEY_USAGE, type KeyUsageName } from '#shared/x509/extensions/key-usage.ts';
import { always, type CertificateRule } from '../certificate-context.ts';

const SIGNS: readonly KeyUsageName[] = ['digitalSignature', 'nonRepudiation', 'keyCertSign', 'cRLSign'];

export const keyUsagesApart: CertificateRule = {
  id: 'key-usages-apart',
  clause: 'GM/T 0015 (dual certificates); GM/T 0034 (escrow of encryption keys only)',
  effectiveDate: '2012-07-01',
  applies: always,
  check: ({ certificate }) => {
    const usages = findExtension(certificate.extensions, KEY_USAGE)?.value ?? [];
    return usages.some((usage) => SIGNS.includes(usage)) && usages.some((usage) => !SIGNS.includes(usage)) ? 'one key signs and encrypts' : null;
  },
};
