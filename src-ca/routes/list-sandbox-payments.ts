/** GET /v1/sandbox/payments */
import { route } from '../http/route.ts';
import { listSandboxPayments } from '../sandbox/read-sandbox.ts';

export const listSandboxPaymentsRoute = route('listSandboxPayments', ({ ports }) => listSandboxPayments(ports));
