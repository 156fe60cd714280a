/** PUT /v1/issuances/:issuanceId/csr */
import { route } from '../http/route.ts';
import { submitCsr } from '../issuance/submit-csr.ts';

export const submitCsrRoute = route('submitCsr', ({ ports, caller, params, body }) => submitCsr(ports, caller, params.issuanceId, Buffer.from(body.csrDer, 'base64')));
