/** POST /v1/orders/:orderId/payments */
import { route } from '../http/route.ts';
import { startPayment } from '../payments/start-payment.ts';

export const startPaymentRoute = route('startPayment', ({ ports, caller, params, once }) => startPayment(ports, caller, params.orderId, once));
