/**
 * Whom the bid tool trusts: certificates of authorities in `<data>/bids/authorities` (put there by the person, or taken from the CA service that the person set), with the
 * revocation lists that were last fetched. Rule: fetching happens beside the work and is never waited for: sealing needs no network; what is not known is said to be unknown.
 */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#shared/errors/app-error.ts';
import { nullWhenRefused } from '#shared/errors/null-when-refused.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';
import { toPem } from '#shared/x509/pem.ts';
import { openCrlCache } from '../sealing/crl-cache.ts';
import type { FetchBytes } from '../sealing/fetch-bytes.ts';
import { exists, unlinkIfThere } from '../sealing/new-file.ts';
import type { SealingMeans } from '../sealing/sealing-means.ts';
import { trustIn, type TrustQuestion } from '../sealing/trust.ts';
import { certificateBlocks, sha256Hex } from './certificate-facts.ts';
import { writeWhole } from './whole-file.ts';

export interface Authorities {
  /** null: nobody is trusted yet, so nothing is said of chains. */
  trust(): Promise<TrustQuestion | null>;
  /** Names of files that hold no certificate that can be read: nobody is trusted by them, and nothing else waits for them. */
  unreadable(): Promise<string[]>;
  /** Every file, with what can be read in it. */
  files(): Promise<AuthorityFile[]>;
  /** Trusts one more, in a file of its own. */
  add(certificateDer: Uint8Array): Promise<void>;
  /** @returns false when no such file was added here */
  remove(name: string): Promise<boolean>;
  /** Begins to fetch lists that these certificates name, at most once in a while. */
  refresh(certificates: readonly Uint8Array[]): void;
  /** Waits for what is being fetched. */
  settled(): Promise<void>;
}

export interface AuthorityFile {
  readonly name: string;
  readonly source: 'ca-service' | 'added' | 'folder';
  /** None when it cannot be read: nobody is trusted by it. */
  readonly certificates: readonly Uint8Array[];
}

const OF_CA_SERVICE = 'ca-service.pem';
const ADDED = /^added-[0-9a-f]{64}\.pem$/;
const sourceOf = (name: string): AuthorityFile['source'] => (name === OF_CA_SERVICE ? 'ca-service' : ADDED.test(name) ? 'added' : 'folder');
const MAX_CHAIN_BYTES = 256 << 10;
const AGAIN_AFTER_MS = 60_000;

export function openAuthorities(options: { readonly folder: string; readonly caBaseUrl: () => string | null; readonly fetch: FetchBytes; readonly means: SealingMeans; readonly monotonicMs: () => number; readonly onFailure: (thrown: unknown) => void }): Authorities {
  const { folder, means } = options;
  const lists = openCrlCache(join(folder, 'lists'), options.fetch, means);
  let lastMs = -Infinity;
  let running: Promise<void> = Promise.resolve();

  async function files(): Promise<AuthorityFile[]> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const names = (await readdir(folder, { withFileTypes: true })).filter((entry) => !entry.isDirectory() && /\.(pem|cer|crt|der)$/i.test(entry.name)).map(({ name }) => name).sort();
    return Promise.all(names.map(async (name) => ({ name, source: sourceOf(name), certificates: certificatesIn(new Uint8Array(await readFile(join(folder, name)))) })));
  }

  const certificates = async (): Promise<Uint8Array[]> => (await files()).flatMap((file) => file.certificates);

  async function fetchAll(named: readonly Uint8Array[]): Promise<void> {
    const base = options.caBaseUrl();
    if (base !== null) await whereThereIsNetwork(async () => {
      const chain = await options.fetch(new URL('/ca/chain.pem', base).href, { maxBytes: MAX_CHAIN_BYTES });
      if (certificatesIn(chain).length > 0) await writeWhole(join(folder, OF_CA_SERVICE), chain, false);
    });
    const issuers = await certificates();
    await whereThereIsNetwork(() => lists.refresh([...named, ...issuers], issuers));
  }

  return {
    async trust() {
      const known = await certificates();
      return known.length === 0 ? null : trustIn(known, await lists.all());
    },
    unreadable: async () => (await files()).filter((file) => file.certificates.length === 0).map(({ name }) => name),
    files,
    add: (der) => writeWhole(join(folder, `added-${sha256Hex(der)}.pem`), toPem('CERTIFICATE', der), false),
    async remove(name) {
      // The pattern has no separators: nothing outside of the folder is reached by a name.
      if (!ADDED.test(name) || !(await exists(join(folder, name)))) return false;
      await unlinkIfThere(join(folder, name));
      return true;
    },
    refresh(named) {
      const nowMs = options.monotonicMs();
      if (nowMs - lastMs < AGAIN_AFTER_MS) return;
      lastMs = nowMs;
      // Nobody waits for it, so nothing that goes wrong in it (disk full, a file that may not be read) may end the program.
      running = fetchAll(named).catch(options.onFailure);
    },
    settled: () => running,
  };
}

/** Without network nothing is fetched, and nobody is told: the state of the data is said where it is used. */
async function whereThereIsNetwork(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
  }
}

/** @returns none when one of them cannot be read: half a file is no authority */
function certificatesIn(bytes: Uint8Array): Uint8Array[] {
  const found = certificateBlocks(bytes);
  return found.every((der) => nullWhenRefused(() => parseCertificate(der)) !== null) ? found : [];
}
