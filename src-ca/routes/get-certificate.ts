/** GET /v1/certificates/:serialHex */
import { getCertificate } from '../certificates/read-certificates.ts';
import { route } from '../http/route.ts';

export const getCertificateRoute = route('getCertificate', ({ ports, caller, params }) => getCertificate(ports, caller, params.serialHex));
