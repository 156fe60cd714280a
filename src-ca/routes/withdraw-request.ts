/** POST /v1/requests/:requestId/withdrawal */
import { route } from '../http/route.ts';
import { withdrawRequest } from '../requests/submit-request.ts';

export const withdrawRequestRoute = route('withdrawRequest', ({ ports, caller, params }) => withdrawRequest(ports, caller, params.requestId));
