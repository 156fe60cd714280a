/** Where the files of materials stand: beside the database, sealed; the records keep their digests. */
export interface MaterialFiles {
  write(id: string, content: Uint8Array): Promise<void>;
  /** @throws when the file is missing or was changed */
  read(id: string): Promise<Buffer>;
  remove(id: string): Promise<void>;
  /** Ids of files that were written before this time. */
  writtenBefore(atMs: number): Promise<string[]>;
}

/** Authenticated encryption under a key of the service. */
export interface ByteSeal {
  seal(bytes: Uint8Array): Buffer;
  /** @throws when the bytes were changed */
  open(sealed: Uint8Array): Buffer;
}
