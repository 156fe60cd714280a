/** POST /v1/sandbox/payments/:paymentId/decision */
import { route } from '../http/route.ts';
import { decideSandboxPayment } from '../sandbox/read-sandbox.ts';

export const decideSandboxPaymentRoute = route('decideSandboxPayment', ({ ports, params, body }) => decideSandboxPayment(ports, params.paymentId, body.decision));
