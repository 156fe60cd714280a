/** What a key already holds. Rule: new certificates stand beside old ones only after the person has seen exactly those; nothing is ever overwritten. */
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { toHex } from '#shared/bytes/hex.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { KeyContainer } from '../token/token-port.ts';

/** Fingerprint → who, for the person. */
type Present = ReadonlyMap<string, string>;

/** What can be seen without login: refused before a PIN is asked for. @throws KEY_HAS_CERTIFICATES */
export function requireAgreement(summary: TokenSummary, agreedSha256Hex: readonly string[]): void {
  const present = seenWithoutLogin(summary);
  if ([...present.keys()].some((sha256Hex) => !agreedSha256Hex.includes(sha256Hex))) refuse(present);
}

/**
 * Once more with the key open, because drivers may hide certificates before login; now exactly: agreeing to certificates that are not there
 * is a sign that the person looked at another key. @throws KEY_HAS_CERTIFICATES
 */
export function requireExactAgreement(summary: TokenSummary, containers: readonly KeyContainer[], agreedSha256Hex: readonly string[], crypto: CryptoPort): void {
  const present = new Map([...seenInContainers(containers, crypto), ...seenWithoutLogin(summary)]);
  const agreed = new Set(agreedSha256Hex);
  if (present.size !== agreed.size || [...present.keys()].some((sha256Hex) => !agreed.has(sha256Hex))) refuse(present);
}

function seenWithoutLogin(summary: TokenSummary): Present {
  return new Map(summary.certificates.map((one) => [one.sha256Hex, `${one.subjectCommonName} · ${one.issuerCommonName} · ${one.serialHex}`]));
}

function seenInContainers(containers: readonly KeyContainer[], crypto: CryptoPort): Present {
  const certificates = containers.flatMap(({ containerId, sign, encrypt }) => [sign.certificateDer, encrypt.certificateDer].map((der) => ({ containerId, der })));
  return new Map(certificates.flatMap(({ containerId, der }) => (der ? [[toHex(crypto.digest('sha-256', der)), containerId] as const] : [])));
}

function refuse(present: Present): never {
  throw new AppError('KEY_HAS_CERTIFICATES', { certificates: [...present.values()], sha256Hex: [...present.keys()] });
}
