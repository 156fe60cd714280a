/** The overview of a key as the engine would make it, from what stands on the key: no CA is asked and the ledger is empty. */
import type { KeyOverview } from '#shared/contract/desktop/key-overview.ts';
import type { TokenCertificate, TokenSummary } from '#shared/contract/desktop/tokens.ts';

const DAY_MS = 86_400_000;

export function keyOverview(token: TokenSummary): KeyOverview {
  const containers = [...new Set(token.certificates.map((one) => one.containerId))];
  return {
    token: token.ref,
    caAsked: false,
    pairs: containers.map((containerId) => {
      const members = token.certificates.filter((one) => one.containerId === containerId);
      const of = (purpose: TokenCertificate['purpose']) => members.find((one) => one.purpose === purpose) ?? null;
      const notAfterUtc = members.map((one) => one.notAfterUtc).sort()[0] ?? '2030-01-01T00:00:00Z';
      const daysLeft = Math.floor((Date.parse(notAfterUtc) - Date.now()) / DAY_MS);
      return { containerId, standing: 'current', sign: of('sign'), encrypt: of('encrypt'), other: of('other'), notAfterUtc, daysLeft, warning: null, caState: null, projectName: null, bidsToOpen: 0 };
    }),
  };
}
