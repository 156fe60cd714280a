/** What migrations build tables from: columns by type, several at a time. Released migrations stand on these: what one of them makes never changes. */
import { sql, type CreateTableBuilder, type Kysely } from 'kysely';

export type Schema = Kysely<unknown>['schema'];
export type Builder = CreateTableBuilder<string, string>;

export const strict = (builder: Builder) => builder.modifyEnd(sql`strict`);
export const choice = (column: string, values: readonly string[]) => sql<boolean>`${sql.ref(column)} in (${sql.join(values.map((value) => sql.lit(value)))})`;
export const text = (builder: Builder, ...names: string[]) => names.reduce((b, name) => b.addColumn(name, 'text', (c) => c.notNull()), builder);
export const textOrNull = (builder: Builder, ...names: string[]) => names.reduce((b, name) => b.addColumn(name, 'text'), builder);
export const integer = (builder: Builder, ...names: string[]) => names.reduce((b, name) => b.addColumn(name, 'integer', (c) => c.notNull()), builder);
export const integerOrNull = (builder: Builder, ...names: string[]) => names.reduce((b, name) => b.addColumn(name, 'integer'), builder);
export const bytes = (builder: Builder, ...names: string[]) => names.reduce((b, name) => b.addColumn(name, 'blob', (c) => c.notNull()), builder);
export const bytesOrNull = (builder: Builder, ...names: string[]) => names.reduce((b, name) => b.addColumn(name, 'blob'), builder);
export const key = (schema: Schema, table: string, name = 'id') => schema.createTable(table).addColumn(name, 'text', (c) => c.primaryKey().notNull()) as Builder;
export const reference = (builder: Builder, name: string, target: string) => builder.addColumn(name, 'text', (c) => c.notNull().references(target));
