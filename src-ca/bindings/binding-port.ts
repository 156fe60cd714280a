/** Records of bindings and of foreign CAs. */
export interface BindingRow {
  id: string;
  accountId: string;
  /** `issued`: a certificate of this service to its own account; the row is made when there is something to remember of it. */
  source: 'issued' | 'signed';
  state: 'bound' | 'unbound';
  certificateSha256: string;
  serialHex: string;
  subject: string;
  issuer: string;
  projectId: string | null;
  /** Foreign CA that issued it; null: this service. */
  trustedCaId: string | null;
  certificateDer: Buffer;
  notBeforeMs: number;
  notAfterMs: number;
  boundAtMs: number;
  unboundAtMs: number | null;
  lastLoginAtMs: number | null;
}

export interface BindingRecords {
  /** False when the certificate is bound to the account already. */
  insert(row: BindingRow): Promise<boolean>;
  byId(id: string): Promise<BindingRow | null>;
  /** All rows of one certificate, bound and unbound. */
  ofCertificate(certificateSha256: string): Promise<BindingRow[]>;
  ofAccount(accountId: string): Promise<BindingRow[]>;
  /** Certificates of a foreign CA that are bound now. */
  ofTrustedCa(trustedCaId: string): Promise<BindingRow[]>;
  unbind(id: string, atMs: number): Promise<boolean>;
  markLogin(id: string, atMs: number): Promise<void>;
}

export interface TrustedCaRow {
  id: string;
  name: string;
  /** What counts when no current revocation list is deposited. */
  withoutCrl: 'refuse' | 'accept';
  /** JSON list of certificates in base64, issuing CA first. */
  chainJson: string;
  changedAtMs: number;
}

export interface TrustedCaCrlRow {
  trustedCaId: string;
  /** Of the subject of the CA certificate that signs the list. */
  issuerSha256: string;
  thisUpdateMs: number;
  nextUpdateMs: number;
  crlDer: Buffer;
}

export interface TrustedCaRecords {
  all(): Promise<TrustedCaRow[]>;
  byId(id: string): Promise<TrustedCaRow | null>;
  save(row: TrustedCaRow): Promise<void>;
  crls(trustedCaId: string): Promise<TrustedCaCrlRow[]>;
  /** Replaces the list of the same issuer. */
  saveCrl(row: TrustedCaCrlRow): Promise<void>;
}
