/** PUT /v1/trusted-cas/:trustedCaId */
import { putTrustedCa } from '../bindings/trusted-cas.ts';
import { route } from '../http/route.ts';

export const putTrustedCaRoute = route('putTrustedCa', ({ ports, caller, params, body }) => putTrustedCa(ports, caller, params.trustedCaId, body));
