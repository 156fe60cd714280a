/** PUT /v1/trusted-cas/:trustedCaId/crl */
import { putTrustedCaCrl } from '../bindings/trusted-cas.ts';
import { route } from '../http/route.ts';

export const putTrustedCaCrlRoute = route('putTrustedCaCrl', ({ ports, caller, params, body }) => putTrustedCaCrl(ports, caller, params.trustedCaId, body.crl));
