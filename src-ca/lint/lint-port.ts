/** What the lint of a whole database reads. Nothing is written. */
import type { CertificateRow, CrlRow } from '../issuance/issuance-port.ts';

export interface LintRecords {
  /** All certificates of the next issuances in order of their ids, certificates of one issuance together. Empty at the end. @param issuanceId where the part before ended, '' at the beginning */
  certificatesAfter(issuanceId: string, issuances: number): Promise<CertificateRow[]>;
  /** The next lists in order of CA and number. Empty at the end. */
  crlsAfter(last: Pick<CrlRow, 'caId' | 'number'>, lists: number): Promise<CrlRow[]>;
}

/** An authority by what it publishes; its keys are not needed. */
export interface LintedAuthority {
  readonly caId: string;
  readonly rootDer: Uint8Array;
  readonly issuingDer: Uint8Array;
  readonly rootCrlDer: Uint8Array;
}
