/** Shape of one row of the error table. Rows live in `table/<area>.ts`; the texts for people live in `resources/locales`. */

/** Facts that may accompany an error: shown to people and written to logs, so never a PIN, code, key or bid text. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

export interface ErrorRow {
  /** When this is thrown, in one sentence; goes into docs/errors.md. */
  readonly when: string;
  /** Safe English message for logs and for clients that have no locale texts. */
  readonly message: string;
  /** HTTP status when it crosses the REST edge; 500 where it never should. */
  readonly status: number;
}

export type ErrorTable = Readonly<Record<string, ErrorRow>>;
