/**
 * The folder of one authority: `authority.json` (which keys belong to it), `root.pem`, `issuing.pem`, `root-crl.pem`, and with software keys one
 * `<key id>.keystore` per key. `<root key id>.keystore` may be taken away and brought back to renew the root's list.
 */
import { Ajv } from 'ajv';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Type, strictObject, type Static } from '#shared/contract/schema.ts';
import { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { onlyFromPem, toPem, type PemLabel } from '#shared/x509/pem.ts';

export const AuthorityRecord = strictObject({
  version: Type.Literal(1),
  caId: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }),
  keyAlgorithm: KeyAlgorithm,
  signers: Type.Union([Type.Literal('software'), Type.Literal('pkcs11')]),
  rootKeyId: Type.String({ pattern: '^[a-z0-9-]{1,100}$' }),
  issuingKeyId: Type.String({ pattern: '^[a-z0-9-]{1,100}$' }),
});
export type AuthorityRecord = Static<typeof AuthorityRecord>;

const isRecord = new Ajv().compile<AuthorityRecord>(AuthorityRecord);

export interface AuthorityFiles {
  readonly record: AuthorityRecord;
  readonly rootDer: Uint8Array;
  readonly issuingDer: Uint8Array;
  readonly rootCrlDer: Uint8Array;
}

/** @returns null when there is no authority in the folder. @throws AUTHORITY_DAMAGED */
export async function readAuthorityFolder(folder: string): Promise<AuthorityFiles | null> {
  const text = await readText(join(folder, 'authority.json'));
  if (text === null) return null;
  return {
    record: parseRecord(text),
    rootDer: await readPem(folder, 'root.pem', 'CERTIFICATE'),
    issuingDer: await readPem(folder, 'issuing.pem', 'CERTIFICATE'),
    rootCrlDer: await readPem(folder, 'root-crl.pem', 'X509 CRL'),
  };
}

/** The record last: a folder without it is no authority. */
export async function writeAuthorityFolder(folder: string, files: AuthorityFiles): Promise<void> {
  await writeWhole(join(folder, 'root.pem'), toPem('CERTIFICATE', files.rootDer));
  await writeWhole(join(folder, 'issuing.pem'), toPem('CERTIFICATE', files.issuingDer));
  await writeRootCrl(folder, files.rootCrlDer);
  await writeWhole(join(folder, 'authority.json'), `${JSON.stringify(files.record, null, 2)}\n`);
}

export function writeRootCrl(folder: string, rootCrlDer: Uint8Array): Promise<void> {
  return writeWhole(join(folder, 'root-crl.pem'), toPem('X509 CRL', rootCrlDer));
}

function parseRecord(text: string): AuthorityRecord {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (thrown) {
    throw new AppError('AUTHORITY_DAMAGED', { reason: 'authority.json is not JSON' }, thrown);
  }
  if (!isRecord(data)) throw new AppError('AUTHORITY_DAMAGED', { reason: 'authority.json does not fit its schema' });
  return data;
}

async function readPem(folder: string, name: string, label: PemLabel): Promise<Uint8Array> {
  const text = await readText(join(folder, name));
  if (text === null) throw new AppError('AUTHORITY_DAMAGED', { reason: `${name} is missing` });
  try {
    return onlyFromPem(label, text);
  } catch (thrown) {
    throw new AppError('AUTHORITY_DAMAGED', { reason: `${name} is damaged` }, thrown);
  }
}

async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw thrown;
  }
}

async function writeWhole(file: string, text: string): Promise<void> {
  const handle = await open(`${file}.new`, 'w', 0o644);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
}
