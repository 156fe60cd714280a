/** GET /v1/trusted-cas */
import { listTrustedCas } from '../bindings/trusted-cas.ts';
import { route } from '../http/route.ts';

export const listTrustedCasRoute = route('listTrustedCas', ({ ports }) => listTrustedCas(ports));
