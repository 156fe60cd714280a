/** GET /v1/issuances */
import { pageAsked, route } from '../http/route.ts';
import { listOpenIssuances } from '../issuance/read-issuances.ts';

export const listOpenIssuancesRoute = route('listOpenIssuances', ({ ports, caller, query }) =>
  listOpenIssuances(ports, caller, { ...pageAsked(query), requestId: query.requestId, tokenSerial: query.tokenSerial }),
);
