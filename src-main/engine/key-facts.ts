/** What the ledger and the page of a key have to know from the service and from the key itself. Rule: what cannot be asked is unknown, never good news. */
import type { KeyOverview } from '#shared/contract/desktop/key-overview.ts';
import type { TokenRef, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import type { CertificateRecord } from '#shared/contract/rest/certificates.ts';
import { fromBase64 } from '#shared/bytes/base64.ts';
import { toHex } from '#shared/bytes/hex.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { toAppError } from '#shared/errors/app-error.ts';
import { keyOverview } from '../keys/key-overview.ts';
import type { Escrow } from '../ledger/assess-bids.ts';
import type { SeenCertificate } from '../ledger/ledger.ts';
import type { KnownCertificate, LedgerStore } from '../ledger/ledger-store.ts';
import type { CaSession } from '../session/ca-session.ts';
import type { TokenPort } from '../token/token-port.ts';

/** What is remembered of a key may be from before its last writing; a list asks the drivers anew. @throws TOKEN_NOT_PRESENT */
export async function readAnew(tokens: TokenPort, ref: TokenRef): Promise<TokenSummary> {
  await tokens.list();
  return tokens.get(ref);
}

/** @returns null when neither driver nor profile tells, or the key does not answer */
export async function roomForPair(tokens: TokenPort, token: TokenSummary): Promise<boolean | null> {
  const algorithms = token.keyAlgorithms ?? [];
  try {
    const { furtherPairs } = await tokens.room(token.ref);
    const pairs = algorithms.map((algorithm) => furtherPairs[algorithm]).filter((count) => count !== null);
    // Which algorithm the new pair will have is the request's; the one that takes most room decides.
    return pairs.length === 0 ? null : Math.min(...pairs) > 0;
  } catch (thrown) {
    if (toAppError(thrown).code === 'INTERNAL') throw thrown;
    return null;
  }
}

/** The CA keeps the encryption key of every encryption certificate that it issued. */
export async function escrowOf(session: CaSession, certificates: readonly KnownCertificate[]): Promise<ReadonlyMap<string, Escrow>> {
  if (session.account() === null) return new Map();
  const answers = await Promise.all(certificates.map(async (one) => [one.sha256Hex, await escrowOfOne(session, one)] as const));
  return new Map(answers);
}

async function escrowOfOne(session: CaSession, { serialHex, sha256Hex }: KnownCertificate): Promise<Escrow> {
  try {
    const record = await session.ca.getCertificate({ params: { serialHex } });
    return record.sha256Hex === sha256Hex && record.purpose === 'encrypt' ? 'kept' : 'not-kept';
  } catch (thrown) {
    const { code } = toAppError(thrown);
    if (code === 'INTERNAL') throw thrown;
    return code === 'NOT_FOUND' ? 'not-kept' : 'unknown';
  }
}

/** Certificates of a key that is not plugged in; empty when the service cannot be asked. */
export async function certificatesOfKey(session: CaSession, tokenSerial: string): Promise<SeenCertificate[]> {
  const records = await recordsOfKey(session, tokenSerial);
  return (records ?? []).map(({ sha256Hex, purpose, serialHex, notAfterUtc, subject, certificateDer }) => ({ sha256Hex, purpose, serialHex, notAfterUtc, subjectCommonName: subject, certificateDer }));
}

/** @returns null when the service cannot be asked */
async function recordsOfKey(session: CaSession, tokenSerial: string): Promise<CertificateRecord[] | null> {
  if (session.account() === null) return null;
  try {
    return (await session.ca.searchCertificates({ query: { tokenSerial, limit: 100 } })).items;
  } catch (thrown) {
    if (toAppError(thrown).code === 'INTERNAL') throw thrown;
    return null;
  }
}

export interface ShowKeyPorts {
  readonly tokens: TokenPort;
  readonly session: CaSession;
  readonly crypto: CryptoPort;
  readonly ledger: LedgerStore;
  readonly now: () => Date;
}

/** @throws TOKEN_NOT_PRESENT */
export async function showKey({ tokens, session, crypto, ledger, now }: ShowKeyPorts, ref: TokenRef): Promise<KeyOverview> {
  const token = await readAnew(tokens, ref);
  const records = await recordsOfKey(session, token.ref.serial);
  return keyOverview({ token, records, bidsToOpen: ledger.toOpen(), sm3Of: (certificate) => toHex(crypto.digest('sm3', fromBase64(certificate.certificateDer))), now: now() });
}
