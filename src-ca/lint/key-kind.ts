/** Kind of key that a certificate certifies. */
import type { Certificate } from '#shared/x509/certificate.ts';
import { parsePublicKeyInfo, type PublicKeyInfo } from '#shared/x509/public-key-info.ts';

export const keyKindOf = (certificate: Certificate): PublicKeyInfo['kind'] => parsePublicKeyInfo(certificate.publicKeySpkiDer).kind;
