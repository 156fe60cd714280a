/**
 * Records in folders of their own, one JSON manifest each. Changes of one record happen one after the other; each is on the disk before it is
 * answered, so that a crash loses at most the change that was being made.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import type { TSchema } from '@sinclair/typebox';
import { refuse } from '#shared/errors/app-error.ts';
import { readWhole, writeWhole } from './whole-file.ts';

export interface StoredRecord {
  readonly id: string;
  readonly createdAtUtc: string;
  readonly updatedAtUtc: string;
  readonly revision: number;
}

export interface RecordStore<R extends StoredRecord> {
  list(): Promise<R[]>;
  /** @throws BID_PROJECT_NOT_FOUND */
  get(id: string): Promise<R>;
  create(make: (common: StoredRecord) => R | Promise<R>): Promise<R>;
  /** The next state of the record; the change sees the newest one. @throws BID_PROJECT_NOT_FOUND, BID_PROJECT_CHANGED when `revision` is given and not that one */
  change(id: string, change: (record: R) => R | Promise<R>, revision?: number): Promise<R>;
  remove(id: string): Promise<void>;
  folderOf(id: string): string;
}

const ID = /^[A-Za-z0-9_-]{8,64}$/;
export const newId = (): string => randomBytes(9).toString('base64url').replace(/^[-_]/, 'x');

export function openRecordStore<R extends StoredRecord>(options: { readonly folder: string; readonly fileName: string; readonly schema: TSchema; readonly now: () => Date; readonly onDamaged: (id: string) => void }): RecordStore<R> {
  const { folder, fileName, schema, now } = options;
  const turns = new Map<string, Promise<unknown>>();
  const isRecord = (value: unknown): value is R => Value.Check(schema, value);
  const folderOf = (id: string) => join(folder, ID.test(id) ? id : refuse('BID_PROJECT_NOT_FOUND'));
  const manifestOf = (id: string) => join(folderOf(id), fileName);
  const read = async (id: string): Promise<R> => (await readWhole(manifestOf(id), isRecord)) ?? refuse('BID_PROJECT_NOT_FOUND');
  const write = async (record: R): Promise<R> => {
    if (!isRecord(record)) refuse('INTERNAL', { reason: 'record', fields: [...Value.Errors(schema, record)].slice(0, 5).map(({ path }) => path) });
    await writeWhole(manifestOf(record.id), `${JSON.stringify(record, null, 1)}\n`);
    return record;
  };
  function inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const next = (turns.get(id) ?? Promise.resolve()).then(work, work);
    turns.set(id, next.catch(() => undefined));
    return next;
  }

  return {
    folderOf,
    async list() {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const ids = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory() && ID.test(entry.name)).map(({ name }) => name);
      const records: R[] = [];
      for (const id of ids) {
        const record = await readWhole(manifestOf(id), isRecord);
        if (record) records.push(record);
        else options.onDamaged(id);
      }
      return records.sort((a, b) => b.updatedAtUtc.localeCompare(a.updatedAtUtc));
    },
    get: (id) => inTurn(id, () => read(id)),
    async create(make) {
      const at = now().toISOString();
      const common = { id: newId(), createdAtUtc: at, updatedAtUtc: at, revision: 1 };
      await mkdir(folderOf(common.id), { recursive: true, mode: 0o700 });
      return inTurn(common.id, async () => write(await make(common)));
    },
    change: (id, change, revision) => inTurn(id, async () => {
      const before = await read(id);
      if (revision !== undefined && before.revision !== revision) refuse('BID_PROJECT_CHANGED');
      const after = await change(before);
      return after === before ? before : write({ ...after, revision: before.revision + 1, updatedAtUtc: now().toISOString() });
    }),
    remove: (id) => inTurn(id, () => rm(folderOf(id), { recursive: true, force: true })),
  };
}
