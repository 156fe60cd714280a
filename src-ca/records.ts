/** All records of the service in one scope: what a transaction of the store hands to a deed. Each service declares the few that it needs. */
import type { AccountRecords, LoginFailureRecords, SessionRecords } from './accounts/account-port.ts';
import type { AdministratorPinRecords } from './administrator-pins/administrator-pin-port.ts';
import type { AuditRecords } from './audit/audit-port.ts';
import type { BindingRecords, TrustedCaRecords } from './bindings/binding-port.ts';
import type { ChallengeRecords } from './challenges/challenge-port.ts';
import type { CodeRecords } from './codes/code-port.ts';
import type { CertificateRecords, CrlRecords, IssuanceRecords } from './issuance/issuance-port.ts';
import type { MessageRecords } from './messages/message-port.ts';
import type { IdempotencyRecords } from './once/idempotency-port.ts';
import type { RecoveryRecords } from './recovery/recovery-port.ts';
import type { CatalogueRecords, OrderRecords, PaymentRecords, RefundRecords } from './orders/order-port.ts';
import type { RequestRecords } from './requests/request-port.ts';

export interface Records {
  readonly accounts: AccountRecords;
  readonly loginFailures: LoginFailureRecords;
  readonly sessions: SessionRecords;
  readonly catalogue: CatalogueRecords;
  readonly orders: OrderRecords;
  readonly payments: PaymentRecords;
  readonly refunds: RefundRecords;
  readonly requests: RequestRecords;
  readonly codes: CodeRecords;
  readonly issuances: IssuanceRecords;
  readonly certificates: CertificateRecords;
  readonly crls: CrlRecords;
  readonly challenges: ChallengeRecords;
  readonly bindings: BindingRecords;
  readonly trustedCas: TrustedCaRecords;
  readonly administratorPins: AdministratorPinRecords;
  readonly recoveries: RecoveryRecords;
  readonly audit: AuditRecords;
  readonly messages: MessageRecords;
  readonly idempotency: IdempotencyRecords;
}
