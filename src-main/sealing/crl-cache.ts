/**
 * Revocation lists in a folder, so that sealing without network has the last known ones. Rule: a list is kept only when its issuer signed it, and never replaced by an
 * older one; whether it is still current is asked when it is used.
 */
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '#shared/bytes/hex.ts';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { nullWhenRefused, nullWhenRejected } from '#shared/errors/null-when-refused.ts';
import { parseCertificate, type Certificate } from '#shared/x509/certificate.ts';
import { parseCertificateRevocationList, type CertificateRevocationList } from '#shared/x509/certificate-revocation-list.ts';
import { findExtension } from '#shared/x509/extension.ts';
import { CRL_DISTRIBUTION_POINTS } from '#shared/x509/extensions/crl-distribution-points.ts';
import { fromPem } from '#shared/x509/pem.ts';
import { verifySigned } from '#shared/x509/signed-structure.ts';
import type { FetchBytes } from './fetch-bytes.ts';
import { newPartName, sweepParts } from './sweep-parts.ts';
import type { SealingMeans } from './sealing-means.ts';
import { isSystemError, reading, writing } from './system-errors.ts';

const MAX_CRL_BYTES = 64 << 20;

export interface CrlRefresh {
  readonly address: string;
  /** null when a current list came and is kept. */
  readonly problem: string | null;
}

export interface CrlCache {
  /** Every list in the folder that can be read. */
  all(): Promise<Uint8Array[]>;
  /** A list from wherever. @returns whether it was taken: signed by that issuer and not older than the one that is there */
  add(crlDer: Uint8Array, issuerDer: Uint8Array): Promise<boolean>;
  /** Fetches the lists that these certificates name. @param issuers certificates among which the issuers are; without network nothing happens */
  refresh(certificates: readonly Uint8Array[], issuers: readonly Uint8Array[]): Promise<CrlRefresh[]>;
}

/** @param fetch null: never goes to the network */
export function openCrlCache(folder: string, fetch: FetchBytes | null, means: Pick<SealingMeans, 'crypto'>): CrlCache {
  const fileOf = (issuer: Certificate) => join(folder, `${toHex(means.crypto.digest('sha-256', issuer.subject.der)).slice(0, 32)}.crl`);

  async function add(crlDer: Uint8Array, issuerDer: Uint8Array): Promise<boolean> {
    const issuer = parseCertificate(issuerDer);
    const crl = tryParse(crlDer);
    if (!crl || !equalBytes(crl.issuer.der, issuer.subject.der) || !(await isSignedBy(crl, issuer))) return false;
    const path = fileOf(issuer);
    const old = await readList(path);
    if (old && old.thisUpdate.date > crl.thisUpdate.date) return false;
    await writing(path, async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await sweepParts(folder);
      const part = join(folder, newPartName());
      await writeFile(part, crlDer, { mode: 0o600, flush: true });
      await rename(part, path);
    });
    return true;
  }

  async function isSignedBy(crl: CertificateRevocationList, issuer: Certificate): Promise<boolean> {
    if (!equalBytes(crl.signatureAlgorithm.der, crl.tbsSignatureAlgorithm.der)) return false;
    return (await nullWhenRejected(() => verifySigned(crl, issuer.publicKeySpkiDer, means.crypto))) ?? false;
  }

  async function fetchOne(address: string, issuers: readonly Certificate[], fetchFrom: FetchBytes): Promise<CrlRefresh> {
    try {
      const crlDer = derOf(await fetchFrom(address, { maxBytes: MAX_CRL_BYTES }));
      const crl = tryParse(crlDer);
      for (const issuer of crl ? issuers.filter(({ subject }) => equalBytes(subject.der, crl.issuer.der)) : []) if (await add(crlDer, issuer.der)) return { address, problem: null };
      return { address, problem: 'not a list of a known issuer' };
    } catch (thrown) {
      if (thrown instanceof AppError) return { address, problem: String(thrown.details['reason'] ?? thrown.code) };
      throw thrown;
    }
  }

  return {
    add,
    async all() {
      const lists: Uint8Array[] = [];
      for (const name of await namesIn(folder)) {
        const crl = name.endsWith('.crl') ? await readList(join(folder, name)) : null;
        if (crl) lists.push(crl.der);
      }
      return lists;
    },
    async refresh(certificates, issuers) {
      if (fetch === null) return [];
      const parsed = issuers.map((der) => parseCertificate(der));
      const addresses = new Set(certificates.flatMap(addressesIn));
      const done: CrlRefresh[] = [];
      for (const address of addresses) done.push(await fetchOne(address, parsed, fetch));
      return done;
    },
  };
}

/** Directories are named too (ldap:); those are not asked. */
function addressesIn(certificateDer: Uint8Array): readonly string[] {
  const points = nullWhenRefused(() => findExtension(parseCertificate(certificateDer).extensions, CRL_DISTRIBUTION_POINTS)?.value) ?? [];
  return points.filter((address) => /^https?:/i.test(address));
}

/** Some services give PEM under the name of a list. */
function derOf(bytes: Uint8Array): Uint8Array {
  if (bytes[0] === 0x30) return bytes;
  return fromPem(Buffer.from(bytes).toString('latin1')).find(({ label }) => label === 'X509 CRL')?.der ?? bytes;
}

function tryParse(der: Uint8Array): CertificateRevocationList | null {
  return nullWhenRefused(() => parseCertificateRevocationList(der));
}

async function readList(path: string): Promise<CertificateRevocationList | null> {
  try {
    return tryParse(new Uint8Array(await readFile(path)));
  } catch (thrown) {
    if (isSystemError(thrown, 'ENOENT')) return null;
    return reading(path, () => Promise.reject(thrown instanceof Error ? thrown : new AppError('INTERNAL')));
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (thrown) {
    if (isSystemError(thrown, 'ENOENT')) return [];
    throw thrown;
  }
}
