/** Makes one list of the keys of all drivers. Pure. */
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';

/**
 * A key that two drivers report is shown once, by the driver that comes first. It is the same key when the serial is the same and so are the certificates;
 * of blank keys the strings must be the same. Two keys of one driver with one serial both stay: that cannot be told apart, and must be seen.
 */
export function mergeTokens(tokens: readonly TokenSummary[]): TokenSummary[] {
  const kept: TokenSummary[] = [];
  for (const token of tokens) {
    const shown = kept.some((other) => other.ref.driverId !== token.ref.driverId && isSameKey(other, token));
    if (!shown) kept.push(token);
  }
  return kept;
}

function isSameKey(left: TokenSummary, right: TokenSummary): boolean {
  if (left.ref.serial !== right.ref.serial) return false;
  if (left.certificates.length !== right.certificates.length) return false;
  if (left.certificates.length === 0) return left.label === right.label && left.manufacturer === right.manufacturer && left.hardwareModel === right.hardwareModel;
  return fingerprints(left) === fingerprints(right);
}

function fingerprints(token: TokenSummary): string {
  return token.certificates.map((certificate) => certificate.sha256Hex).sort().join(' ');
}
