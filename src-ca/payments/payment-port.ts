/** The payment provider, as orders need it. */
import type { RefundRecords, RefundRow } from '../orders/order-port.ts';

export interface PaymentRequest {
  readonly paymentId: string;
  readonly orderNumber: string;
  readonly amountFen: number;
}

export interface PaymentProvider {
  /** Address where the customer pays. Asking twice for the same payment id gives the same answer. @throws PROVIDER_UNAVAILABLE */
  checkoutUrl(request: PaymentRequest): string;
  /** Takes a refund over inside the caller's transaction: it is made if and only if the transaction commits. @throws PROVIDER_UNAVAILABLE */
  refund(outbox: RefundRecords, refund: RefundRow): Promise<void>;
}
