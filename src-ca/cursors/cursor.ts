/** Opaque page cursors: where the page before ended, sealed with a MAC, so that a caller can neither make one nor carry one to another list. */
import { AppError } from '#shared/errors/app-error.ts';

export interface CursorPosition {
  readonly createdAtMs: number;
  readonly id: string;
}

export interface CursorCodec {
  /** @param list  name of the list and whose it is; a cursor is good for that list only */
  write(list: string, position: CursorPosition): string;
  /** @throws CURSOR_INVALID */
  read(list: string, cursor: string): CursorPosition;
}

const CURSOR_FORM = /^([0-9]{1,15})\.([A-Za-z0-9_-]{1,64})\.([0-9a-f]{32})$/;
const MAC_DIGITS = 32;

export function cursorCodec(mac: (text: string) => string, equalHex: (a: string, b: string) => boolean): CursorCodec {
  const sealOf = (list: string, position: string) => mac(`${list}\n${position}`).slice(0, MAC_DIGITS);
  return {
    write(list, { createdAtMs, id }) {
      const position = `${createdAtMs}.${id}`;
      return Buffer.from(`${position}.${sealOf(list, position)}`, 'latin1').toString('base64url');
    },
    read(list, cursor) {
      const [, createdAtMs, id, seal] = CURSOR_FORM.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
      if (createdAtMs === undefined || id === undefined || seal === undefined || !equalHex(seal, sealOf(list, `${createdAtMs}.${id}`))) throw new AppError('CURSOR_INVALID');
      return { createdAtMs: Number(createdAtMs), id };
    },
  };
}

/** One page of rows that were asked for with one row more than is shown. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  ports: { readonly cursors: CursorCodec; readonly list: string; readonly positionOf: (row: Row) => CursorPosition },
  items: readonly Item[],
): { items: Item[]; next: string | null } {
  const last = rows[limit - 1];
  const more = rows.length > limit && last !== undefined;
  return { items: items.slice(0, limit), next: more ? ports.cursors.write(ports.list, ports.positionOf(last)) : null };
}
