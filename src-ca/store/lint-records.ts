/** Certificates and lists for the lint of the whole database, in parts that fit into memory. */
import type { LintRecords } from '../lint/lint-port.ts';
import type { Database } from './database.ts';

export function lintRecords(db: Database): LintRecords {
  return {
    async certificatesAfter(issuanceId, issuances) {
      const next = await db.selectFrom('certificates').select('issuanceId').distinct().where('issuanceId', '>', issuanceId).orderBy('issuanceId').limit(issuances).execute();
      if (next.length === 0) return [];
      return await db.selectFrom('certificates').selectAll().where('issuanceId', 'in', next.map((row) => row.issuanceId)).orderBy('issuanceId').orderBy('serialHex').execute();
    },
    crlsAfter: ({ caId, number }, lists) =>
      db.selectFrom('crls').selectAll().where((eb) => eb.or([eb('caId', '>', caId), eb.and([eb('caId', '=', caId), eb('number', '>', number)])])).orderBy('caId').orderBy('number').limit(lists).execute(),
  };
}
