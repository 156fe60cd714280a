/** What the writing deeds need of the world around them. Rule: everything comes in here – keys, service, journal, clock, chance – so that a deed can be stopped at any point in a test. */
import type { Account } from '#shared/contract/rest/accounts.ts';
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import type { LedgerAnswer } from '#shared/contract/desktop/ledger.ts';
import type { TokenRef } from '#shared/contract/desktop/tokens.ts';
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import type { CaCaller } from '../ca-client/ca-client.ts';
import type { DeedJournal } from '../journal/deed-record.ts';
import type { LedgerPass } from '../ledger/ledger.ts';
import type { Log } from '../report/log.ts';
import type { TokenPort } from '../token/token-port.ts';

/** X.509 as far as the deed needs it. */
export interface CertificateTools {
  /** @throws CERTIFICATE_MALFORMED, DER_MALFORMED */
  readCertificate(certificateDer: Uint8Array): CertificateFacts;
  /** Path from a certificate to the last of the chain, which must be self-signed. */
  verifyChain(certificateDer: Uint8Array, chainDer: readonly Uint8Array[], at: Date): Promise<{ readonly valid: true } | { readonly valid: false; readonly reason: string }>;
  /** A PKCS#10 request; `sign` is the key on the token. */
  makeRequest(subjectDer: Uint8Array, publicKeySpkiDer: Uint8Array, algorithm: KeyAlgorithm, sign: (message: Uint8Array) => Promise<Uint8Array>): Promise<Uint8Array>;
  /** The public key of a PKCS#10 request whose signature verifies. @throws CSR_SIGNATURE, CSR_MALFORMED */
  verifyRequest(csrDer: Uint8Array): Promise<{ readonly publicKeySpkiDer: Uint8Array }>;
}

export interface CertificateFacts {
  readonly serialHex: string;
  /** Null: an algorithm that no project has. */
  readonly keyAlgorithm: KeyAlgorithm | null;
  readonly subjectDer: Uint8Array;
  readonly publicKeySpkiDer: Uint8Array;
  /** RFC 5280 §4.2.1.3 names, for example `digitalSignature`; empty when the extension is absent. */
  readonly keyUsages: readonly string[];
  readonly isAuthority: boolean;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export interface WritingPorts {
  readonly tokens: TokenPort;
  readonly ca: CaCaller;
  readonly journal: DeedJournal;
  readonly crypto: CryptoPort;
  readonly certificates: CertificateTools;
  readonly log: Log;
  readonly now: () => Date;
  /** @throws NOT_SIGNED_IN */
  readonly requireAccount: () => Account;
  /** The administrator PIN that keys of this kind come with, as far as their model or the demo tells; null when it does not. */
  readonly factoryAdministratorPin: (ref: TokenRef) => string | null;
  /** Asks the ledger of sealed bids about a deed that changes what a key can open. @param agreedBefore bids that the person has agreed to lose by this deed already. @throws what it refuses: bids would be lost, and nobody has confirmed that */
  readonly passLedger: (question: DesktopInput<'ledger.assess'>, answer: LedgerAnswer | null, agreedBefore?: readonly string[]) => Promise<LedgerPass>;
  /** Origin of the service, which stands in what it asks keys to sign. */
  readonly serviceOrigin: () => string;
  /** Told after every step. */
  readonly onDeedChanged: (deed: Deed) => void;
}
