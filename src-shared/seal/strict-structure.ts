/** Reading one DER structure of a sealed bid: every fault gets the code of the part, and what was read must be what would be written. Pure. */
import { DerReader } from '../asn1/der-reader.ts';
import { derContext, derTime } from '../asn1/der-writer.ts';
import { TAG } from '../asn1/tags.ts';
import { equalBytes } from '../bytes/byte-strings.ts';
import { AppError, refuse } from '../errors/app-error.ts';
import type { ErrorCode } from '../errors/error-table.ts';

/** Text of identifiers and labels: NFC, nothing that shows wrongly or not at all. */
const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\u2028\u2029]/u;

/**
 * One DER value, nothing behind it, one encoding (§1).
 * @param code for every fault; refusals of the format itself keep theirs
 */
export function readStrict<T>(der: Uint8Array, maxBytes: number, code: ErrorCode, read: (reader: DerReader) => T, write: (value: T) => Uint8Array): T {
  const value = asPart(code, () => read(DerReader.open(der, maxBytes)));
  if (!equalBytes(asPart(code, () => write(value)), der)) refuse(code, { reason: 'not in canonical form' });
  return value;
}

/** Faults of the layers below under the code of this part; faults that are ours pass. */
export function asPart<T>(code: ErrorCode, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw partError(code, thrown);
  }
}

export async function asPartAsync<T>(code: ErrorCode, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    throw partError(code, thrown);
  }
}

const LOWER_CODES: readonly string[] = ['DER_MALFORMED', 'CERTIFICATE_MALFORMED', 'CMS_MALFORMED', 'NAME_INVALID', 'INPUT_INVALID', 'KEY_INVALID', 'ALGORITHM_UNSUPPORTED'] satisfies ErrorCode[];

function partError(code: ErrorCode, thrown: unknown): unknown {
  return thrown instanceof AppError && LOWER_CODES.includes(thrown.code) ? new AppError(code, { reason: thrown.code, ...thrown.details }, thrown) : thrown;
}

export function readText(reader: DerReader, what: string, minLength: number, maxLength: number): string {
  if (reader.peekTag() !== TAG.UTF8_STRING) refuse('DER_MALFORMED', { reason: 'wrong tag', what });
  const { text } = reader.readString(what);
  const problem = findTextProblem(text, minLength, maxLength);
  if (problem) refuse('INPUT_INVALID', { reason: problem, what });
  return text;
}

/** @returns null when the text is allowed */
export function findTextProblem(text: string, minLength: number, maxLength: number): string | null {
  const length = [...text].length;
  if (length < minLength) return 'empty';
  if (length > maxLength) return 'too long';
  if (FORBIDDEN.test(text)) return 'forbidden character';
  return text === text.normalize('NFC') ? null : 'not in normal form C';
}

export function readDigest(reader: DerReader, what: string, length = 32): Uint8Array {
  const bytes = reader.readOctetString(what);
  if (bytes.length !== length) refuse('DER_MALFORMED', { reason: 'wrong length', what });
  return Uint8Array.from(bytes);
}

/** A whole number that fits a number. */
export function readCount(reader: DerReader, what: string, min: number, max: number): number {
  const value = reader.readInteger(what);
  if (value < BigInt(min) || value > BigInt(max)) refuse('DER_MALFORMED', { reason: 'integer out of range', what });
  return Number(value);
}

export const readTimeOf = (reader: DerReader, what: string): Date => reader.readTime(what).date;

export function readOptionalTime(reader: DerReader, what: string): Date | null {
  const wrapped = reader.readOptionalContext(0, what);
  if (!wrapped) return null;
  const date = readTimeOf(wrapped, what);
  wrapped.end(what);
  return date;
}

export const writeOptionalTime = (date: Date | null): Uint8Array[] => (date ? [derContext(0, derTime(date))] : []);

export function readMembers<T>(list: DerReader, most: number, read: (list: DerReader) => T): T[] {
  const members: T[] = [];
  while (!list.atEnd) {
    if (members.length === most) refuse('DER_MALFORMED', { reason: 'too many members' });
    members.push(read(list));
  }
  return members;
}
