/** The payment provider, as orders need it. */
export interface PaymentRequest {
  readonly paymentId: string;
  readonly orderNumber: string;
  readonly amountFen: number;
}

export interface PaymentProvider {
  /** Address where the customer pays. Asking twice for the same payment id gives the same answer. @throws PROVIDER_UNAVAILABLE */
  checkoutUrl(request: PaymentRequest): string;
}
