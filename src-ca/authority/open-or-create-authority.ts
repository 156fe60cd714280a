/** The way in: opens the authority of a data folder, or makes a new one there. Keys and certificates are held against each other before anything is issued. */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { toHex } from '#shared/bytes/hex.ts';
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import { KEY_ALGORITHMS } from '#shared/crypto/algorithms.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';
import { parseCertificateRevocationList } from '#shared/x509/certificate-revocation-list.ts';
import { portableEngine } from '#shared/sm/portable-engine.ts';
import type { SmEngine } from '#shared/sm/sm-engine.ts';
import { findExtension } from '#shared/x509/extension.ts';
import { CRL_NUMBER } from '#shared/x509/extensions/crl-number.ts';
import { validatePath } from '#shared/x509/validate-path.ts';
import { makeThrowAwaySigner } from '../signers/software-signer.ts';
import { readAuthorityFolder, writeAuthorityFolder, writeRootCrl, type AuthorityFiles } from './authority-folder.ts';
import type { CertificateAuthority, Signer } from './authority-port.ts';
import { createCertificateAuthority } from './certificate-authority.ts';
import { createHierarchy, signRootCrl, type AuthorityNames, type AuthorityUrls } from './create-hierarchy.ts';
import { openSigningKeys, type SignerSource, type SigningKeys } from './signing-keys.ts';

export interface AuthorityOptions {
  /** Of this authority alone; made when missing. Its parent must exist. */
  readonly folder: string;
  /** Goes into addresses and key ids: lower-case letters, digits, hyphens. */
  readonly caId: string;
  /** Of subscribers. Keys of an RSA authority itself have 3072 bits. */
  readonly keyAlgorithm: KeyAlgorithm;
  /** Used when a new authority is made. */
  readonly names: AuthorityNames;
  readonly urls: AuthorityUrls;
  readonly signers: SignerSource;
  readonly crypto: CryptoPort;
  /** Signs with SM2 keys in software; portable arithmetic when none is given. */
  readonly engine?: SmEngine;
  readonly clock: () => Date;
}

export interface OpenAuthority {
  readonly authority: CertificateAuthority;
  /** Made by this call. */
  readonly created: boolean;
  readonly rootCertificateDer: Uint8Array;
  readonly issuingCertificateDer: Uint8Array;
  /** Revocation list of the root, to be published beside the issuing CA's. */
  readonly rootCrlDer: Uint8Array;
  /** When the root's list must have been renewed; it renews itself on opening while the root's key is there. */
  readonly rootCrlNextUpdate: Date;
  close(): Promise<void>;
}

const CA_RSA_BITS = KEY_ALGORITHMS['rsa-3072'].modulusBits;
const ROOT_CRL_RENEWAL_MS = 60 * 24 * 3600 * 1000;

const engineOf = ({ engine }: AuthorityOptions): SmEngine => engine ?? portableEngine;

/** @throws AUTHORITY_DAMAGED, KEYSTORE_UNREADABLE, SIGNER_FAILED, NAME_INVALID */
export async function openOrCreateAuthority(options: AuthorityOptions): Promise<OpenAuthority> {
  const found = await readAuthorityFolder(options.folder);
  if (found) return openAuthority(options, found, false);
  await createAuthority(options);
  const made = await readAuthorityFolder(options.folder);
  if (!made) throw new AppError('AUTHORITY_DAMAGED', { reason: 'folder vanished' });
  return openAuthority(options, made, true);
}

/** Made in a folder beside and moved into place when whole, so that a power cut leaves no half authority. */
async function createAuthority(options: AuthorityOptions): Promise<void> {
  const unfinished = `${options.folder}.unfinished`;
  await refuseNonEmpty(options.folder);
  // Keys in there never signed anything that was published.
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(dirname(options.folder), { recursive: true, mode: 0o700 });
  await mkdir(unfinished, { mode: 0o700 });
  const keys = await openSigningKeys(options.signers, unfinished, engineOf(options));
  try {
    await writeAuthorityFolder(unfinished, await makeHierarchy(options, keys));
  } finally {
    await keys.close();
  }
  await rename(unfinished, options.folder);
}

/** A folder with something in it and no `authority.json` has lost something; making a new authority there would hide it. */
async function refuseNonEmpty(folder: string): Promise<void> {
  const names = await readdir(folder).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return [];
    throw thrown;
  });
  if (names.length > 0) throw new AppError('AUTHORITY_DAMAGED', { reason: 'folder is not empty and holds no authority' });
}

async function makeHierarchy(options: AuthorityOptions, keys: SigningKeys): Promise<AuthorityFiles> {
  // A suffix, because an HSM may still hold keys of an attempt that was cut off.
  const suffix = toHex(options.crypto.randomBytes(4));
  const [rootKeyId, issuingKeyId] = [`${options.caId}-root-${suffix}`, `${options.caId}-issuing-${suffix}`];
  const signAlgorithm = KEY_ALGORITHMS[options.keyAlgorithm].sign;
  const rootSigner = await keys.generate(rootKeyId, signAlgorithm, CA_RSA_BITS);
  const issuingSigner = await keys.generate(issuingKeyId, signAlgorithm, CA_RSA_BITS);
  const throwAway = await makeThrowAwaySigner(signAlgorithm, engineOf(options));
  const { root, issuing, rootCrlDer } = await createHierarchy({ names: options.names, urls: options.urls, rootSigner, issuingSigner, throwAway, crypto: options.crypto, now: options.clock() });
  const record = { version: 1 as const, caId: options.caId, keyAlgorithm: options.keyAlgorithm, signers: options.signers.kind, rootKeyId, issuingKeyId };
  return { record, rootDer: root.der, issuingDer: issuing.der, rootCrlDer };
}

async function openAuthority(options: AuthorityOptions, files: AuthorityFiles, created: boolean): Promise<OpenAuthority> {
  checkRecord(options, files);
  const keys = await openSigningKeys(options.signers, options.folder, engineOf(options));
  try {
    const signer = await keys.find(files.record.issuingKeyId);
    if (!signer) throw new AppError('AUTHORITY_DAMAGED', { reason: 'issuing key is missing' });
    await checkHierarchy(options, files, signer);
    const throwAway = await makeThrowAwaySigner(signer.signAlgorithm, engineOf(options));
    const rootCrlDer = await renewRootCrl(options, files, keys, throwAway);
    const addresses = { crl: options.urls.crl, issuerCertificate: options.urls.issuingCertificate, practiceStatement: options.urls.practiceStatement };
    const authority = createCertificateAuthority({ caId: options.caId, keyAlgorithm: options.keyAlgorithm, chainDer: [files.issuingDer, files.rootDer], addresses, means: { signer, throwAway, crypto: options.crypto } });
    return { authority, created, rootCertificateDer: files.rootDer, issuingCertificateDer: files.issuingDer, rootCrlDer, rootCrlNextUpdate: nextUpdateOf(rootCrlDer), close: () => keys.close() };
  } catch (thrown) {
    await keys.close();
    throw thrown;
  }
}

function checkRecord({ caId, keyAlgorithm, signers }: AuthorityOptions, { record }: AuthorityFiles): void {
  if (record.caId !== caId || record.keyAlgorithm !== keyAlgorithm || record.signers !== signers.kind) throw new AppError('AUTHORITY_DAMAGED', { reason: 'the folder belongs to another configuration', caId: record.caId, signers: record.signers });
}

async function checkHierarchy(options: AuthorityOptions, files: AuthorityFiles, signer: Signer): Promise<void> {
  const path = await validatePath({ leafDer: files.issuingDer, intermediatesDer: [], trustAnchorsDer: [files.rootDer], at: options.clock(), keyUsage: ['keyCertSign', 'cRLSign'], revocation: { kind: 'not-checked' } }, options.crypto);
  if (!path.valid) throw new AppError('AUTHORITY_DAMAGED', { reason: `issuing certificate: ${path.reason}` });
  if (!equalBytes(parseCertificate(files.issuingDer).publicKeySpkiDer, signer.publicKeySpkiDer)) throw new AppError('AUTHORITY_DAMAGED', { reason: 'issuing key is not the one of the certificate' });
}

/** Signs a new list of the root when the old one ends soon and the root's key is here; a root key kept apart leaves the old list standing. */
async function renewRootCrl(options: AuthorityOptions, files: AuthorityFiles, keys: SigningKeys, throwAway: Signer): Promise<Uint8Array> {
  const now = options.clock();
  if (nextUpdateOf(files.rootCrlDer).getTime() - now.getTime() > ROOT_CRL_RENEWAL_MS) return files.rootCrlDer;
  const signer = await keys.find(files.record.rootKeyId);
  if (!signer) return files.rootCrlDer;
  const root = parseCertificate(files.rootDer);
  if (!equalBytes(root.publicKeySpkiDer, signer.publicKeySpkiDer)) throw new AppError('AUTHORITY_DAMAGED', { reason: 'root key is not the one of the certificate' });
  const number = (findExtension(parseCertificateRevocationList(files.rootCrlDer).extensions, CRL_NUMBER)?.value ?? 0n) + 1n;
  const rootCrlDer = await signRootCrl({ signer, throwAway, crypto: options.crypto, root, number, now });
  await writeRootCrl(options.folder, rootCrlDer);
  return rootCrlDer;
}

function nextUpdateOf(crlDer: Uint8Array): Date {
  return parseCertificateRevocationList(crlDer).nextUpdate?.date ?? new Date(0);
}
