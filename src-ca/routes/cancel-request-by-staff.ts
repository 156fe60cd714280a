/** POST /v1/requests/:requestId/staff-cancellation */
import { route } from '../http/route.ts';
import { cancelRequestByStaff } from '../requests/end-request.ts';

export const cancelRequestByStaffRoute = route('cancelRequestByStaff', ({ ports, caller, params, body }) => cancelRequestByStaff(ports, caller, params.requestId, body.reason));
