/** What a key already holds. Rule: new certificates stand beside old ones only after the person has seen exactly those; nothing is ever overwritten. */
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { toHex } from '#shared/bytes/hex.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { KeyContainer } from '../token/token-port.ts';

/** Certificates that can be seen without login. @throws KEY_HAS_CERTIFICATES */
export function requireAgreement(summary: TokenSummary, agreedSha256Hex: readonly string[]): void {
  const present = new Map(summary.certificates.map((one) => [one.sha256Hex, `${one.subjectCommonName} · ${one.issuerCommonName} · ${one.serialHex}`]));
  compare(present, agreedSha256Hex);
}

/** Once more with the key open: drivers may hide certificates before login. @throws KEY_HAS_CERTIFICATES */
export function requireAgreementForContainers(containers: readonly KeyContainer[], agreedSha256Hex: readonly string[], crypto: CryptoPort): void {
  const present = new Map<string, string>();
  for (const container of containers) {
    for (const side of [container.sign, container.encrypt]) {
      if (side.certificateDer) present.set(toHex(crypto.digest('sha-256', side.certificateDer)), container.containerId);
    }
  }
  // A certificate seen before login may live outside every container; only those that were not seen matter here.
  const unseen = [...present].filter(([sha256Hex]) => !agreedSha256Hex.includes(sha256Hex));
  if (unseen.length > 0) refuse(new Map(unseen));
}

/** Exactly the present ones: agreeing to others is a sign that the person looked at another key. */
function compare(present: ReadonlyMap<string, string>, agreed: readonly string[]): void {
  const same = present.size === new Set(agreed).size && agreed.every((sha256Hex) => present.has(sha256Hex));
  if (!same && (present.size > 0 || agreed.length > 0)) refuse(present);
}

function refuse(present: ReadonlyMap<string, string>): never {
  throw new AppError('KEY_HAS_CERTIFICATES', { certificates: [...present.values()], sha256Hex: [...present.keys()] });
}
