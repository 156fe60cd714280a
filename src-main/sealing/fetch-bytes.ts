/** Small public things from the network (revocation lists, time stamps): bounded in time and size. Nothing secret is sent, nothing that comes is believed. */
import { AppError, refuse } from '#shared/errors/app-error.ts';

export interface BytesRequest {
  readonly maxBytes: number;
  readonly post?: { readonly type: string; readonly body: Uint8Array };
  /** Media type that the answer must have. */
  readonly wantedType?: string;
}

/** @throws INPUT_INVALID for an address that is no http or https, SEAL_SOURCE_UNREADABLE when nothing usable came */
export type FetchBytes = (address: string, request: BytesRequest) => Promise<Uint8Array>;

const LIMIT_MS = 15_000;

export const fetchBytes: FetchBytes = async (address, { maxBytes, post, wantedType }) => {
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) refuse('INPUT_INVALID', { what: 'address' });
  try {
    const response = await fetch(address, {
      signal: AbortSignal.timeout(LIMIT_MS), credentials: 'omit', ...(post ? { method: 'POST', headers: { 'content-type': post.type }, body: Uint8Array.from(post.body) } : {}),
    });
    const type = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
    if (!response.ok || (wantedType !== undefined && type !== wantedType)) {
      await response.body?.cancel();
      return refuse('SEAL_SOURCE_UNREADABLE', { reason: response.ok ? 'media type' : `HTTP ${response.status}`, host: new URL(address).host });
    }
    return await readUpTo(response, maxBytes);
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    // Name resolution, connection, TLS, time limit: fetch tells them apart by text only.
    if (thrown instanceof Error) throw new AppError('SEAL_SOURCE_UNREADABLE', { reason: thrown.name === 'TimeoutError' ? 'no answer in time' : 'not reachable', host: new URL(address).host }, thrown);
    throw thrown;
  }
};

async function readUpTo(response: Response, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    length += next.value.length;
    if (length > maxBytes) {
      await reader?.cancel();
      refuse('SEAL_SOURCE_UNREADABLE', { reason: 'too large', maxBytes });
    }
    parts.push(next.value);
  }
  return new Uint8Array(Buffer.concat(parts));
}
