/** POST /v1/certificates/:serialHex/revocation */
import { route } from '../http/route.ts';
import { changePairByStaff } from '../revocation/staff-changes.ts';

export const revokeCertificateRoute = route('revokeCertificate', ({ ports, caller, params, body }) => changePairByStaff(ports, caller, params.serialHex, { event: 'revoke', reason: body.reason }, body.note));
