/** How screens name files: a path that was typed or chosen in the folder browser, or an upload (a file dropped on the page, of which a browser tells no path). */
import { Base64, Id, Nullable, Type, UtcTime, strictObject, type Static } from '../schema.ts';
import { call } from './call.ts';

/** An absolute path of this machine. */
export const FilePath = Type.String({ minLength: 1, maxLength: 4096 });
/** One piece of an upload; in base64 it stays below what a call may hold. */
export const UPLOAD_PIECE_BYTES = 72 * 1024;
export const MAX_UPLOAD_BYTES = 4 * 1024 ** 3;

export const FileSource = Type.Union([strictObject({ path: FilePath }), strictObject({ uploadId: Id('upload') })], { $id: 'FileSource' });
export type FileSource = Static<typeof FileSource>;

export const FolderEntry = strictObject({ name: Type.String(), path: Type.String(), kind: Type.Union([Type.Literal('folder'), Type.Literal('file')]), sizeBytes: Nullable(Type.Number()), modifiedAtUtc: Nullable(UtcTime('last change')) });
export type FolderEntry = Static<typeof FolderEntry>;

export const FolderListing = strictObject(
  {
    path: Type.String(),
    parent: Nullable(Type.String({ description: 'null: a place to begin with' })),
    places: Type.Array(strictObject({ kind: Type.Union([Type.Literal('home'), Type.Literal('documents'), Type.Literal('desktop'), Type.Literal('downloads'), Type.Literal('drive')]), name: Type.String(), path: Type.String() })),
    entries: Type.Array(FolderEntry),
    /** There were more entries than are listed. */
    cut: Type.Boolean(),
    freeBytes: Nullable(Type.Number()),
  },
  { $id: 'FolderListing' },
);
export type FolderListing = Static<typeof FolderListing>;

export const fileCalls = {
  'files.list': call({
    summary: 'A folder of the person: below the home folder or on a removable drive',
    input: strictObject({ path: Nullable(FilePath), endings: Type.Optional(Type.Array(Type.String({ pattern: '^\\.[a-z0-9]{1,12}$' }), { maxItems: 12, description: 'files with other endings are left out' })) }),
    output: FolderListing,
  }),
  'files.makeFolder': call({ summary: 'A new folder in one that may be listed', input: strictObject({ parent: FilePath, name: Type.String({ minLength: 1, maxLength: 255 }) }), output: FolderListing }),
  'files.beginUpload': call({ summary: 'Take a file over from the page', input: strictObject({ name: Type.String({ minLength: 1, maxLength: 255 }), sizeBytes: Type.Integer({ minimum: 0, maximum: MAX_UPLOAD_BYTES }) }), output: strictObject({ uploadId: Id('upload') }) }),
  'files.appendUpload': call({ summary: 'The next piece', input: strictObject({ uploadId: Id('upload'), offset: Type.Integer({ minimum: 0 }), bytes: Base64(UPLOAD_PIECE_BYTES * 2, 'piece') }), output: Type.Null() }),
  'files.discardUpload': call({ summary: 'Give an upload up', input: strictObject({ uploadId: Id('upload') }), output: Type.Null() }),
} as const;
