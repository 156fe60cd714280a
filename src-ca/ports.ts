/** Everything that the deeds of the service are given: the ports, filled by `compose.ts`. Each deed declares the few that it needs. */
import type { PasswordHasher, TokenDigests } from './accounts/account-port.ts';
import type { AuditSeal } from './audit/audit-port.ts';
import type { KeyManagementCentre } from './authority/authority-port.ts';
import type { Clock } from './clock.ts';
import type { CodeHasher } from './codes/code-port.ts';
import type { CursorCodec } from './cursors/cursor.ts';
import type { Authorities, ReadCertificate } from './issuance/authorities.ts';
import type { ReachFaultPoint } from './issuance/fault-points.ts';
import type { OneAtATime } from './issuance/one-at-a-time.ts';
import type { MaterialFiles } from './requests/material-port.ts';
import type { MessageProvider, TextSeal } from './messages/message-port.ts';
import type { CallsInFlight } from './once/call-once.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import type { PaymentProvider } from './payments/payment-port.ts';
import type { CrlPublisher } from './revocation/crl-publisher.ts';
import type { Records } from './records.ts';
import type { Transactions } from './transactions.ts';

/** What the service says of itself. */
export interface ServiceFacts {
  readonly name: string;
  readonly version: string;
  /** Origin under which callers reach it, without a slash at the end. */
  readonly publicUrl: string;
  readonly sandbox: { readonly url: string; readonly demoLogin: { readonly loginName: string; readonly password: string } | null } | null;
}

export interface CaPorts {
  readonly service: ServiceFacts;
  readonly transactions: Transactions<Records>;
  readonly clock: Clock;
  readonly passwordHasher: PasswordHasher;
  readonly tokenDigests: TokenDigests;
  readonly auditSeal: AuditSeal;
  readonly codeHasher: CodeHasher;
  readonly textSeal: TextSeal;
  readonly cursors: CursorCodec;
  readonly requestMac: (text: string) => string;
  readonly callsInFlight: CallsInFlight;
  readonly oneAtATime: OneAtATime;
  readonly messageProvider: MessageProvider;
  readonly paymentProvider: PaymentProvider;
  readonly materialFiles: MaterialFiles;
  /** How long the materials of a request that came to nothing outlive its end. */
  readonly materialsKeptMs: number;
  readonly authorities: Authorities;
  /** Revocation lists of the roots, by the id of the authority below. */
  readonly rootCrls: ReadonlyMap<string, Uint8Array>;
  readonly crypto: CryptoPort;
  readonly crlPublisher: CrlPublisher;
  readonly keyManagementCentre: KeyManagementCentre;
  readonly readCertificate: ReadCertificate;
  readonly reachFaultPoint: ReachFaultPoint;
}
