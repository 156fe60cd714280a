/** POST /v1/certificates/:serialHex/release */
import { route } from '../http/route.ts';
import { changePairByStaff } from '../revocation/staff-changes.ts';

export const releaseCertificateRoute = route('releaseCertificate', ({ ports, caller, params, body }) => changePairByStaff(ports, caller, params.serialHex, { event: 'release' }, body.note));
