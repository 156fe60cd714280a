/** PUT /v1/requests/:requestId */
import { route } from '../http/route.ts';
import { updateRequest } from '../requests/draft-request.ts';

export const updateRequestRoute = route('updateRequest', ({ ports, caller, params, body }) => updateRequest(ports, caller, params.requestId, body));
