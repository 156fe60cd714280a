/** GET /v1/review/requests/:requestId */
import { route } from '../http/route.ts';
import { getReviewRequest } from '../requests/list-review.ts';

export const getReviewRequestRoute = route('getReviewRequest', ({ ports, params }) => getReviewRequest(ports, params.requestId));
