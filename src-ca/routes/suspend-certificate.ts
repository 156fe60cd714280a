/** POST /v1/certificates/:serialHex/suspension */
import { route } from '../http/route.ts';
import { changePairByStaff } from '../revocation/staff-changes.ts';

export const suspendCertificateRoute = route('suspendCertificate', ({ ports, caller, params, body }) => changePairByStaff(ports, caller, params.serialHex, { event: 'suspend' }, body.note));
