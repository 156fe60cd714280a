/** Records of issuances, their intents, escrowed keys, certificates and CRLs, as the issuance services need them. */
import type { IssuanceState } from '#shared/contract/rest/issuances.ts';
import type { CertificateState } from '#shared/contract/rest/certificates.ts';
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import type { PageAfter } from '../orders/order-port.ts';

export interface IssuanceRow {
  id: string;
  accountId: string;
  requestId: string;
  projectId: string;
  codeUseId: string;
  caId: string;
  state: IssuanceState;
  tokenSerial: string;
  tokenModelId: string;
  keyAlgorithm: KeyAlgorithm;
  subjectJson: string;
  csrSubjectDer: Buffer;
  startedAtMs: number;
  completedAtMs: number | null;
  cancelledAtMs: number | null;
}

/** What `CertificateRow.pairKey` is made of. */
export function pairKeyOf({ projectId, tokenSerial }: Pick<IssuanceRow, 'projectId' | 'tokenSerial'>): string {
  return `${projectId} ${tokenSerial}`;
}

/** What is about to be signed, written before anything is signed. An intent that never became a pair keeps its serial numbers for ever. */
export interface IssuanceIntentRow {
  id: string;
  issuanceId: string;
  publicKeySha256: string;
  signSerialHex: string;
  encryptSerialHex: string;
  notBeforeMs: number;
  state: 'open' | 'done' | 'abandoned';
  createdAtMs: number;
}

/** The pair of an issuance as it can be delivered again and again: nothing in it opens without the token. */
export interface IssuedPairRow {
  issuanceId: string;
  signSerialHex: string;
  encryptSerialHex: string;
  publicKeySha256: string;
  chainJson: string;
  /** Null when the pair keeps the encryption key of the pair before. */
  envelopeJson: string | null;
  signNonce: Buffer;
  decryptCiphertext: Buffer;
  /** SHA-256 of the 32 bytes behind `decryptCiphertext`; the bytes themselves are not kept. */
  decryptedSha256: string;
}

export interface EscrowedKeyRow {
  id: string;
  issuanceId: string;
  certificateSerialHex: string;
  algorithm: KeyAlgorithm;
  publicKeySpkiDer: Buffer;
  wrappingKeyId: string;
  wrappedPrivateKey: Buffer;
  createdAtMs: number;
}

export interface CertificateRow {
  serialHex: string;
  caId: string;
  accountId: string;
  issuanceId: string;
  projectId: string;
  purpose: 'sign' | 'encrypt';
  state: CertificateState;
  subject: string;
  issuer: string;
  projectName: string;
  tokenSerial: string;
  notBeforeMs: number;
  notAfterMs: number;
  sha256Hex: string;
  publicKeySha256: string;
  /** 1 when a renewal keeps the key of the pair before; every other public key stands in one certificate. */
  keyOfBefore: 0 | 1;
  /** Project and key, on signing certificates: unique among live pairs. Null on encryption certificates. */
  pairKey: string | null;
  publicKeySpkiDer: Buffer;
  certificateDer: Buffer;
  createdAtMs: number;
  revokedAtMs: number | null;
  revocationReason: string | null;
}

export interface CrlRow {
  caId: string;
  number: number;
  thisUpdateMs: number;
  nextUpdateMs: number;
  crlDer: Buffer;
  /** 1 when a certificate was revoked after it was signed. */
  stale: 0 | 1;
}

export interface IssuanceFilter {
  readonly accountId: string;
  readonly requestId?: string;
  readonly tokenSerial?: string;
}

export interface IssuanceRecords {
  insert(row: IssuanceRow): Promise<void>;
  byId(id: string): Promise<IssuanceRow | null>;
  openForToken(tokenSerial: string): Promise<IssuanceRow | null>;
  /** The issuance that was begun last on a key, by whomever. */
  newestOnToken(tokenSerial: string): Promise<IssuanceRow | null>;
  openPage(filter: IssuanceFilter, after: PageAfter | null, limit: number): Promise<IssuanceRow[]>;
  /** Moves the issuance only if it still stands in `from`. False when it does not. */
  move(id: string, from: IssuanceState, to: IssuanceState, changes: { completedAtMs?: number; cancelledAtMs?: number }): Promise<boolean>;
  insertIntent(row: IssuanceIntentRow): Promise<void>;
  openIntents(issuanceId: string): Promise<IssuanceIntentRow[]>;
  closeIntent(intentId: string, state: 'done' | 'abandoned'): Promise<void>;
  insertPair(row: IssuedPairRow): Promise<void>;
  pair(issuanceId: string): Promise<IssuedPairRow | null>;
  insertEscrow(row: EscrowedKeyRow): Promise<void>;
  escrowOf(encryptSerialHex: string): Promise<EscrowedKeyRow | null>;
}

export interface CertificateFilter {
  /** Absent: all accounts (staff). */
  readonly accountId?: string;
  readonly serialHex?: string;
  readonly subject?: string;
  readonly tokenSerial?: string;
  readonly state?: CertificateState;
}

/** Where the page before ended, in the order of the ends of certificates; at first the end from which on they stand on lists. */
export interface RevokedAfter {
  readonly notAfterMs: number;
  readonly serialHex: string;
}

export interface CertificateRecords {
  insert(row: CertificateRow): Promise<void>;
  bySerial(serialHex: string): Promise<CertificateRow | null>;
  byPublicKey(publicKeySha256: string): Promise<CertificateRow | null>;
  ofIssuance(issuanceId: string): Promise<CertificateRow[]>;
  /** The signing certificate of the active or suspended pair of this project on this key. */
  livePair(pairKey: string): Promise<CertificateRow | null>;
  /** Signing certificates on this key, newest first. */
  onToken(tokenSerial: string): Promise<CertificateRow[]>;
  /** Encryption certificates on this key, newest first. */
  encryptionOnToken(tokenSerial: string): Promise<CertificateRow[]>;
  bySerials(serialHexes: readonly string[]): Promise<CertificateRow[]>;
  setState(issuanceId: string, from: CertificateState, to: CertificateState, changes: { revokedAtMs?: number | null; revocationReason?: string | null }): Promise<number>;
  page(filter: CertificateFilter, after: PageAfter | null, limit: number): Promise<CertificateRow[]>;
  /** Signing certificates of an account, newest first. */
  signOfAccount(accountId: string): Promise<CertificateRow[]>;
  /** Revoked or suspended and not expired at the time given, by serial number. */
  revoked(caId: string, after: RevokedAfter, limit: number): Promise<Pick<CertificateRow, 'serialHex' | 'notAfterMs' | 'revokedAtMs' | 'revocationReason'>[]>;
}

export interface CrlRecords {
  newest(caId: string): Promise<CrlRow | null>;
  insert(row: CrlRow): Promise<void>;
  markStale(caId: string): Promise<void>;
  /** How often anything of the CA was revoked or released. */
  changes(caId: string): Promise<number>;
  /** Removes lists of this number and below. */
  removeUpTo(caId: string, number: number): Promise<void>;
}
