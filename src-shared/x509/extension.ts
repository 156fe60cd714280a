/**
 * Extensions (RFC 5280 §4.2): the list, and what a file in `extensions/` provides. Pure.
 * `Extension ::= SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }`
 */
import type { DerReader } from '../asn1/der-reader.ts';
import { TAG } from '../asn1/tags.ts';
import { derBoolean, derOctetString, derOid, derSequence } from '../asn1/der-writer.ts';
import { AppError } from '../errors/app-error.ts';

export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  /** DER inside the OCTET STRING. */
  readonly valueDer: Uint8Array;
}

/** One kind of extension: reads and writes its value. */
export interface ExtensionCodec<T> {
  readonly oid: string;
  readonly name: string;
  /** @throws DER_MALFORMED, CERTIFICATE_MALFORMED */
  read(valueDer: Uint8Array): T;
  write(value: T): Uint8Array;
}

const MAX_EXTENSIONS = 64;

/** `Extensions ::= SEQUENCE SIZE (1..MAX) OF Extension`; the same kind twice is refused (§4.2). @throws CERTIFICATE_MALFORMED */
export function readExtensions(reader: DerReader): Extension[] {
  const list = reader.readSequence('extensions');
  const extensions: Extension[] = [];
  do {
    const one = list.readSequence('extension');
    const oid = one.readOid('extension id');
    const explicit = one.peekTag() === TAG.BOOLEAN;
    const critical = explicit && one.readBoolean('critical');
    // DER leaves out what equals the default (X.690 §11.5).
    if (explicit && !critical) throw new AppError('CERTIFICATE_MALFORMED', { reason: 'default value is written', oid });
    const valueDer = one.readOctetString('extension value');
    one.end('extension');
    if (extensions.some((other) => other.oid === oid)) throw new AppError('CERTIFICATE_MALFORMED', { reason: 'extension stands twice', oid });
    if (extensions.length === MAX_EXTENSIONS) throw new AppError('CERTIFICATE_MALFORMED', { reason: 'too many extensions' });
    extensions.push({ oid, critical, valueDer });
  } while (!list.atEnd);
  return extensions;
}

export function writeExtensions(extensions: readonly Extension[]): Uint8Array {
  return derSequence(...extensions.map(({ oid, critical, valueDer }) => derSequence(derOid(oid), ...(critical ? [derBoolean(true)] : []), derOctetString(valueDer))));
}

export function makeExtension<T>(codec: ExtensionCodec<T>, value: T, options: { readonly critical: boolean }): Extension {
  return { oid: codec.oid, critical: options.critical, valueDer: codec.write(value) };
}

/** @returns null when the list has no such extension */
export function findExtension<T>(extensions: readonly Extension[], codec: Pick<ExtensionCodec<T>, 'oid' | 'read'>): { readonly critical: boolean; readonly value: T } | null {
  const found = extensions.find((one) => one.oid === codec.oid);
  return found ? { critical: found.critical, value: codec.read(found.valueDer) } : null;
}
