/** GET /v1/requests/:requestId */
import { route } from '../http/route.ts';
import { getRequest } from '../requests/read-requests.ts';

export const getRequestRoute = route('getRequest', ({ ports, caller, params }) => getRequest(ports, caller, params.requestId));
