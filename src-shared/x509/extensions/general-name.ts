/** GeneralName (RFC 5280 §4.2.1.6) as far as addresses go: `uniformResourceIdentifier [6] IA5String`. Other forms are skipped, which is right only where an address is looked for. */
import type { DerReader } from '../../asn1/der-reader.ts';
import { derContextPrimitive, ia5Octets } from '../../asn1/der-writer.ts';
import { contextPrimitive } from '../../asn1/tags.ts';
import { tryFromUtf8 } from '../../bytes/utf8.ts';
import { AppError } from '../../errors/app-error.ts';

const URI = contextPrimitive(6);

export const writeUri = (uri: string): Uint8Array => derContextPrimitive(6, ia5Octets(uri));

/** The next GeneralName. @returns its address, or null when it is of another form */
export function readUri(names: DerReader, what: string): string | null {
  const element = names.readAny(what);
  if (element.tag !== URI) return null;
  const text = tryFromUtf8(element.content);
  if (text === null || !/^[\x21-\x7e]+$/.test(text)) throw new AppError('CERTIFICATE_MALFORMED', { reason: 'address is not a URI', what });
  return text;
}
