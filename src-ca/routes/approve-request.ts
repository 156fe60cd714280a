/** POST /v1/requests/:requestId/approval */
import { route } from '../http/route.ts';
import { approveRequest } from '../requests/review-request.ts';

export const approveRequestRoute = route('approveRequest', ({ ports, caller, params }) => approveRequest(ports, caller, params.requestId));
