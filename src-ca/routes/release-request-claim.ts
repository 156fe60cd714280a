/** POST /v1/requests/:requestId/release-claim */
import { route } from '../http/route.ts';
import { releaseClaim } from '../requests/review-request.ts';

export const releaseRequestClaimRoute = route('releaseRequestClaim', ({ ports, caller, params }) => releaseClaim(ports, caller, params.requestId));
