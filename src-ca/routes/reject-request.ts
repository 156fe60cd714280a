/** POST /v1/requests/:requestId/rejection */
import { route } from '../http/route.ts';
import { rejectRequest } from '../requests/review-request.ts';

export const rejectRequestRoute = route('rejectRequest', ({ ports, caller, params, body }) => rejectRequest(ports, caller, params.requestId, body.reason));
