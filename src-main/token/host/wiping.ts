/** Secrets that came with a call are wiped when it ends, however it ends. */
import { wipeBytes } from '#shared/bytes/byte-strings.ts';

export function wiping<T>(secrets: readonly (Uint8Array | null)[], deed: () => T): T {
  try {
    return deed();
  } finally {
    wipeBytes(...secrets.filter((secret) => secret !== null));
  }
}
