/**
 * Openers that nothing can open: RSA certificates whose key is known by its SKF driver only. GM/T 0016 has no call that opens what RSA-OAEP sealed, so a bid for such a certificate
 * stays shut. Rule: a key that has opened a test by whatever driver is none of them; of a key that was never seen here nothing is said.
 */
import type { ChosenOpener } from '#shared/contract/desktop/bids.ts';
import { fromBase64 } from '#shared/bytes/base64.ts';
import type { TokenPort } from '../../token/token-port.ts';
import { certificateFacts } from '../certificate-facts.ts';
import type { KnownCertificates, Shut } from '../known-certificates.ts';

export type ShutOpener = Pick<ChosenOpener, 'certificateDer' | 'source'>;

export interface ShutDeps {
  readonly tokens: Pick<TokenPort, 'list'>;
  readonly known: Pick<KnownCertificates, 'list'>;
}

/** What plugged keys show; null: a driver that can open holds the certificate. Certificates of keys that are not here are missing. */
export async function shutByPlugged(tokens: ShutDeps['tokens']): Promise<ReadonlyMap<string, Shut | null>> {
  const seen = new Map<string, Shut | null>();
  for (const token of (await tokens.list()).tokens) {
    for (const { certificateDer } of token.certificates) {
      const shut = token.opensRsa === false && isRsa(certificateDer) ? 'rsa-over-skf' : null;
      // One driver that can is enough.
      if (seen.get(certificateDer) !== null) seen.set(certificateDer, shut);
    }
  }
  return seen;
}

const isRsa = (certificateDer: string): boolean => certificateFacts(fromBase64(certificateDer)).keyAlgorithm.startsWith('rsa');

/** Those of the tender are the tenderer's to open, with drivers of its own. */
export async function findShutOpeners<O extends ShutOpener>({ tokens, known }: ShutDeps, openers: readonly O[]): Promise<O[]> {
  const [plugged, remembered] = [await shutByPlugged(tokens), await known.list()];
  return openers.filter(({ certificateDer, source }) => {
    const before = remembered.find((one) => one.certificateDer === certificateDer);
    if (source === 'tender' || (before?.testedAtUtc ?? null) !== null) return false;
    const now = plugged.get(certificateDer);
    return (now === undefined ? (before?.shut ?? null) : now) !== null;
  });
}
