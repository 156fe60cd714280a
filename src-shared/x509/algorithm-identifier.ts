/**
 * AlgorithmIdentifier (RFC 5280 §4.1.1.2) and its rows of SIGN_ALGORITHMS. Pure.
 * `AlgorithmIdentifier ::= SEQUENCE { algorithm OBJECT IDENTIFIER, parameters ANY DEFINED BY algorithm OPTIONAL }`
 */
import type { DerReader } from '../asn1/der-reader.ts';
import { derNull, derOid, derSequence } from '../asn1/der-writer.ts';
import { equalBytes } from '../bytes/byte-strings.ts';
import { SIGN_ALGORITHMS, type SignAlgorithmId, type SignAlgorithmRow } from '../crypto/algorithms.ts';
import { AppError } from '../errors/app-error.ts';

export interface AlgorithmIdentifier {
  readonly oid: string;
  /** DER of the parameters; null when absent. */
  readonly parametersDer: Uint8Array | null;
  readonly der: Uint8Array;
}

export function readAlgorithmIdentifier(reader: DerReader, what: string): AlgorithmIdentifier {
  const element = reader.read(0x30, what);
  const inside = reader.enter(element);
  const oid = inside.readOid(what);
  const parametersDer = inside.atEnd ? null : inside.readAny(what).bytes;
  inside.end(what);
  return { oid, parametersDer, der: element.bytes };
}

/** @param parametersDer DER of the parameters; null leaves them out */
export function writeAlgorithmIdentifier(oid: string, parametersDer: Uint8Array | null): Uint8Array {
  return parametersDer ? derSequence(derOid(oid), parametersDer) : derSequence(derOid(oid));
}

const ROWS: readonly (readonly [SignAlgorithmId, SignAlgorithmRow])[] = Object.entries(SIGN_ALGORITHMS) as [SignAlgorithmId, SignAlgorithmRow][];

export function writeSignAlgorithm(algorithm: SignAlgorithmId): Uint8Array {
  const row = SIGN_ALGORITHMS[algorithm];
  return writeAlgorithmIdentifier(row.oid, row.parameters === 'null' ? derNull() : null);
}

/** The row, with the parameters exactly as it says. @throws ALGORITHM_UNSUPPORTED */
export function signAlgorithmOf(identifier: AlgorithmIdentifier): SignAlgorithmId {
  const found = ROWS.find(([id, row]) => row.oid === identifier.oid && equalBytes(identifier.der, writeSignAlgorithm(id)));
  if (!found) throw new AppError('ALGORITHM_UNSUPPORTED', { oid: identifier.oid });
  return found[0];
}
