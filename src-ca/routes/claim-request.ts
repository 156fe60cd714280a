/** POST /v1/requests/:requestId/claim */
import { route } from '../http/route.ts';
import { claimRequest } from '../requests/review-request.ts';

export const claimRequestRoute = route('claimRequest', ({ ports, caller, params }) => claimRequest(ports, caller, params.requestId));
