/** The sandbox's providers of payment and messages: nothing leaves the service; a person sees and drives them at /sandbox. */
import { AppError } from '#shared/errors/app-error.ts';
import { newId } from '../identifiers.ts';
import type { MessageProvider, TextSeal } from '../messages/message-port.ts';
import type { PaymentProvider } from '../payments/payment-port.ts';

export const SANDBOX_PATH = '/sandbox';

export function sandboxPaymentProvider(publicUrl: string): PaymentProvider {
  return {
    checkoutUrl: ({ paymentId }) => `${publicUrl}${SANDBOX_PATH}?payment=${paymentId}`,
    refund: (outbox, refund) => outbox.insert(refund),
  };
}

export function sandboxMessageProvider(seal: TextSeal): MessageProvider {
  return {
    async send(outbox, { channel, to, subject, text }, nowMs) {
      await outbox.insert({ id: newId(), channel, recipient: to, subject, sealedText: seal.seal(text), createdAtMs: nowMs });
    },
  };
}

/** Without a provider nothing is promised: the deed that needs one is refused. */
export const NO_PAYMENT_PROVIDER: PaymentProvider = {
  checkoutUrl() {
    throw new AppError('PROVIDER_UNAVAILABLE', { provider: 'payment' });
  },
  async refund() {
    throw new AppError('PROVIDER_UNAVAILABLE', { provider: 'payment' });
  },
};

export const NO_MESSAGE_PROVIDER: MessageProvider = {
  async send() {
    throw new AppError('PROVIDER_UNAVAILABLE', { provider: 'message' });
  },
};
