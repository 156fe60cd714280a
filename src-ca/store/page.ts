/** The one way to read a page, newest first, that costs the same at every depth: continue an index at (createdAtMs, id), never skip rows. */
import { sql, type ExpressionBuilder, type SqlBool } from 'kysely';

export interface PagePosition {
  readonly createdAtMs: number;
  readonly id: string;
}

/** Condition `(time, id) < (…)` as a row value, which SQLite and PostgreSQL both walk along the index. */
export function olderThan<DB, TB extends keyof DB>(_: ExpressionBuilder<DB, TB>, timeColumn: string, idColumn: string, after: PagePosition) {
  return sql<SqlBool>`(${sql.ref(timeColumn)}, ${sql.ref(idColumn)}) < (${after.createdAtMs}, ${after.id})`;
}

/** The same for lists that begin with the oldest. */
export function newerThan<DB, TB extends keyof DB>(_: ExpressionBuilder<DB, TB>, timeColumn: string, idColumn: string, after: PagePosition) {
  return sql<SqlBool>`(${sql.ref(timeColumn)}, ${sql.ref(idColumn)}) > (${after.createdAtMs}, ${after.id})`;
}

/** `%` and `_` of a search text taken literally; to be used with `escape '\'`. */
export function likeContains(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, (character) => `\\${character}`)}%`;
}
