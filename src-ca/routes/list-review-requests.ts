/** GET /v1/review/requests */
import { pageAsked, route } from '../http/route.ts';
import { listReviewRequests } from '../requests/list-review.ts';

export const listReviewRequestsRoute = route('listReviewRequests', ({ ports, query }) => listReviewRequests(ports, { ...pageAsked(query), state: query.state, kind: query.kind }));
