/**
 * Gets time stamps from an authority over HTTP, RFC 3161 §3.4. What comes back is verified before it is used: over the octets that were sent, with the nonce of the request.
 * Plain HTTP will do: a token is signed, and nothing secret is in a request.
 */
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { bigIntFromBytes } from '#shared/bytes/byte-strings.ts';
import type { CmsDigestId } from '#shared/cms/signature-identifiers.ts';
import { MAX_TIME_STAMP_BYTES, readTimeStampResponse, verifyTimeStamp, writeTimeStampRequest } from '#shared/seal/time-stamp.ts';
import { fetchBytes, type FetchBytes } from './fetch-bytes.ts';
import type { SealingMeans } from './sealing-means.ts';

const NONCE_BYTES = 16;

/** @returns what a sealing takes as `timeStamp`; each call is one request @throws SEAL_TIME_STAMP_FAILED (by the function that comes back) */
export function timeStampFrom(address: string, digest: CmsDigestId, means: SealingMeans, fetch: FetchBytes = fetchBytes): (stamped: Uint8Array) => Promise<Uint8Array> {
  return async (stamped) => {
    const nonce = means.crypto.randomBytes(NONCE_BYTES);
    const request = writeTimeStampRequest(stamped, digest, nonce, means.crypto);
    const answer = await asked(() => fetch(address, { maxBytes: MAX_TIME_STAMP_BYTES, post: { type: 'application/timestamp-query', body: request }, wantedType: 'application/timestamp-reply' }));
    const token = await readTimeStampResponse(answer);
    const stamp = await asked(() => verifyTimeStamp(token, stamped, means.crypto));
    if (stamp.nonce !== bigIntFromBytes(nonce)) refuse('SEAL_TIME_STAMP_FAILED', { reason: 'answers another request' });
    return token;
  };
}

async function asked<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code !== 'SEAL_TIME_STAMP_FAILED') throw new AppError('SEAL_TIME_STAMP_FAILED', { reason: String(thrown.details['reason'] ?? thrown.code) }, thrown);
    throw thrown;
  }
}
