/** Opens the certificate authorities and the key-management centre of a data folder; makes them on first start. A row per key algorithm. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import type { ErrorData } from '#shared/errors/app-error.ts';
import type { SmEngine } from '#shared/sm/sm-engine.ts';
import type { CertificateAuthority, KeyManagementCentre } from './authority/authority-port.ts';
import type { AuthorityNames, AuthorityUrls } from './authority/create-hierarchy.ts';
import { openOrCreateAuthority, type OpenAuthority } from './authority/open-or-create-authority.ts';
import type { SignerSource } from './authority/signing-keys.ts';
import type { Clock } from './clock.ts';
import type { CaConfig, SignerTokenConfig } from './config.ts';
import type { Authorities } from './issuance/authorities.ts';
import { openOrCreateKeyManagementCentre } from './key-management/open-or-create-centre.ts';
import { readOrMakeSecretFile } from './secrets/secret-file.ts';
import { openServiceCrypto } from './service-crypto.ts';
import { parseSm2Mechanisms } from './signers/pkcs11/sm2-mechanisms.ts';

export interface OpenAuthoritiesOptions {
  readonly dataFolder: string;
  readonly publicUrl: string;
  readonly demo: boolean;
  readonly keystorePassphraseFile: string | null;
  readonly signerToken: CaConfig['signerToken'];
  readonly organisation: string;
  readonly clock: Clock;
  readonly onFault: (thrown: unknown) => void;
}

export interface OpenedAuthorities {
  readonly authorities: Authorities;
  /** By the id of the authority below the root. */
  readonly rootCrls: ReadonlyMap<string, Uint8Array>;
  readonly keyManagementCentre: KeyManagementCentre;
  readonly crypto: CryptoPort;
  /** To be shown to the operator: national cryptography on portable arithmetic. */
  readonly notices: readonly ErrorData[];
  close(): Promise<void>;
}

interface AuthorityRow {
  readonly keyAlgorithm: KeyAlgorithm;
  /** Family of the CA's own keys, as people name it. */
  readonly family: string;
  /** As it stands in addresses. */
  readonly id: string;
  /** Whether the CA's own keys of this family can live in that PKCS#11 token: SM2 has no mechanisms that are the same in two modules. */
  readonly inToken: (token: SignerTokenConfig) => boolean;
  /** Whether making a key pair takes long enough to do it ahead. */
  readonly keysAhead: boolean;
}

const AUTHORITY_ROWS: readonly AuthorityRow[] = [
  { keyAlgorithm: 'rsa-2048', family: 'RSA', id: 'rsa', inToken: () => true, keysAhead: true },
  { keyAlgorithm: 'sm2', family: 'SM2', id: 'sm2', inToken: ({ sm2MechanismsFile }) => sm2MechanismsFile !== null, keysAhead: false },
];

/** Encryption key pairs that wait ready made, so that a writing does not wait for a prime. */
const KEYS_AHEAD = 4;

export async function openAuthorities(options: OpenAuthoritiesOptions): Promise<OpenedAuthorities> {
  const { crypto, engine, notice } = openServiceCrypto();
  const passphrase = keystorePassphrase(options);
  const authoritiesFolder = join(options.dataFolder, 'authorities');
  const centreFolder = join(options.dataFolder, 'key-management');
  for (const folder of [authoritiesFolder, centreFolder]) mkdirSync(folder, { recursive: true, mode: 0o700 });

  // An operator who gave a token for the CA's keys did not ask for others in a file. An authority that is there is opened or fails: its lists must not end without a word.
  const isThere = (row: AuthorityRow) => existsSync(join(authoritiesFolder, caIdOf(options, row)));
  const rows = AUTHORITY_ROWS.filter((row) => options.signerToken === null || row.inToken(options.signerToken) || isThere(row));
  const opened = await openAll(rows.map((row) => openOne(options, row, { crypto, engine, passphrase, authoritiesFolder })));
  const centre = await openOrCreateKeyManagementCentre({
    file: join(centreFolder, 'centre.keystore'), passphrase, crypto, engine, onFault: options.onFault,
    pool: { algorithms: rows.filter(({ keysAhead }) => keysAhead).map(({ keyAlgorithm }) => keyAlgorithm), size: KEYS_AHEAD },
  });
  return {
    authorities: new Map<KeyAlgorithm, CertificateAuthority>(opened.map(({ authority }) => [authority.keyAlgorithm, authority])),
    rootCrls: new Map(opened.map(({ authority, rootCrlDer }) => [authority.caId, rootCrlDer])),
    keyManagementCentre: centre.centre,
    crypto,
    notices: notice === null ? [] : [notice],
    async close() {
      await centre.close();
      for (const { close } of opened) await close();
    },
  };
}

/** All of them at once, because opening a key store is slow on purpose; when one fails, none stays open. */
async function openAll(opening: readonly Promise<OpenAuthority>[]): Promise<OpenAuthority[]> {
  const settled = await Promise.allSettled(opening);
  const opened = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = settled.find((one) => one.status === 'rejected');
  if (!failed) return opened;
  for (const { close } of opened) await close();
  throw failed.reason;
}

function openOne(
  options: OpenAuthoritiesOptions,
  row: AuthorityRow,
  means: { readonly crypto: CryptoPort; readonly engine: SmEngine; readonly passphrase: Uint8Array; readonly authoritiesFolder: string },
): Promise<OpenAuthority> {
  const caId = caIdOf(options, row);
  return openOrCreateAuthority({
    folder: join(means.authoritiesFolder, caId), caId, keyAlgorithm: row.keyAlgorithm, names: namesOf(options, row.family), urls: urlsOf(options.publicUrl, caId),
    signers: signerSource(options, means.passphrase), crypto: means.crypto, engine: means.engine, clock: options.clock,
  });
}

const caIdOf = ({ demo }: Pick<OpenAuthoritiesOptions, 'demo'>, { id }: AuthorityRow): string => (demo ? `demo-${id}` : id);

function namesOf({ demo, organisation }: OpenAuthoritiesOptions, family: string): AuthorityNames {
  const owner = demo ? 'BidKey 演示 DEMO' : organisation;
  return { organisation: owner, rootCommonName: demo ? `BidKey 演示根证书 DEMO Root ${family}` : `${owner} Root CA ${family}`, issuingCommonName: demo ? `BidKey 演示签发证书 DEMO Issuing CA ${family}` : `${owner} Issuing CA ${family}` };
}

function urlsOf(publicUrl: string, caId: string): AuthorityUrls {
  return {
    crl: `${publicUrl}/crl/${caId}.crl`, issuingCertificate: `${publicUrl}/ca/${caId}.cer`,
    rootCrl: `${publicUrl}/crl/${caId}-root.crl`, rootCertificate: `${publicUrl}/ca/${caId}-root.cer`, practiceStatement: null,
  };
}

function signerSource({ signerToken }: OpenAuthoritiesOptions, passphrase: Uint8Array): SignerSource {
  if (signerToken === null) return { kind: 'software', passphrase };
  const { modulePath, tokenLabel, pinFile, sm2MechanismsFile } = signerToken;
  return { kind: 'pkcs11', modulePath, tokenLabel, sm2: sm2MechanismsFile === null ? null : parseSm2Mechanisms(readFileSync(sm2MechanismsFile, 'utf8')), pin: secretLine(readFileSync(pinFile)) };
}

/** From the file of the configuration; else one made in the data folder, which protects a copied keystore but not a copied folder. */
function keystorePassphrase({ keystorePassphraseFile, dataFolder }: OpenAuthoritiesOptions): Uint8Array {
  if (keystorePassphraseFile !== null) return secretLine(readFileSync(keystorePassphraseFile));
  const make = () => Buffer.from(randomBytes(32).toString('base64url'), 'ascii');
  return secretLine(readOrMakeSecretFile(join(dataFolder, 'secrets', 'keystore-passphrase'), make));
}

/** The first line, without its end: editors add one. */
function secretLine(content: Buffer): Uint8Array {
  const end = content.findIndex((byte) => byte === 0x0a || byte === 0x0d);
  return content.subarray(0, end < 0 ? content.length : end);
}
