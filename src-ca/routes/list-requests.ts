/** GET /v1/requests */
import { pageAsked, route } from '../http/route.ts';
import { listRequests } from '../requests/read-requests.ts';

export const listRequestsRoute = route('listRequests', ({ ports, caller, query }) =>
  listRequests(ports, caller, { ...pageAsked(query), kind: query.kind, state: query.state, tokenSerial: query.tokenSerial }),
);
