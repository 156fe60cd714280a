/** Every rule for revocation lists, by name. */
import type { CrlRule } from './crl-context.ts';
import { crlEntries } from './crl-rules/crl-entries.ts';
import { crlExtensions } from './crl-rules/crl-extensions.ts';
import { crlIssuer } from './crl-rules/crl-issuer.ts';
import { crlNumber } from './crl-rules/crl-number.ts';
import { crlSignatureAlgorithm } from './crl-rules/crl-signature-algorithm.ts';
import { crlSignatureAlgorithmOfIssuer } from './crl-rules/crl-signature-algorithm-of-issuer.ts';
import { crlSm2Signature } from './crl-rules/crl-sm2-signature.ts';
import { crlTimes } from './crl-rules/crl-times.ts';

export const CRL_RULES: readonly CrlRule[] = [
  crlEntries,
  crlExtensions,
  crlIssuer,
  crlNumber,
  crlSignatureAlgorithm,
  crlSignatureAlgorithmOfIssuer,
  crlSm2Signature,
  crlTimes,
];
