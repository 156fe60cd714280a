/** Puts the lint of a data folder together: its database for reading only, what its authorities publish, a crypto port. No key store is opened and no lock is taken, so the service may run meanwhile. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#shared/errors/app-error.ts';
import { readAuthorityFolder } from './authority/authority-folder.ts';
import { lintDatabase, type DatabaseFinding, type LintedCounts } from './lint/lint-database.ts';
import type { LintedAuthority } from './lint/lint-port.ts';
import { openServiceCrypto } from './service-crypto.ts';
import { openSqliteReadOnly } from './store/database.ts';
import { lintRecords } from './store/lint-records.ts';

/** @throws USAGE when there is no CA in the folder, AUTHORITY_DAMAGED */
export async function lintDataFolder(dataFolder: string, onFinding: (finding: DatabaseFinding) => void): Promise<LintedCounts> {
  const databaseFile = join(dataFolder, 'ca.sqlite');
  if (!existsSync(databaseFile)) throw new AppError('USAGE', { reason: 'there is no CA in this data folder' });
  const authorities = await readAuthorities(join(dataFolder, 'authorities'));
  const database = openSqliteReadOnly(databaseFile);
  try {
    return await lintDatabase({ records: lintRecords(database), authorities, crypto: openServiceCrypto().crypto, onFinding });
  } finally {
    await database.destroy();
  }
}

async function readAuthorities(folder: string): Promise<LintedAuthority[]> {
  const found: LintedAuthority[] = [];
  for (const name of readdirSync(folder).filter((one) => !one.endsWith('.unfinished')).sort()) {
    const files = await readAuthorityFolder(join(folder, name));
    if (files) found.push({ caId: files.record.caId, ...files });
  }
  return found;
}
