/** POST /v1/requests/:requestId/submission */
import { route } from '../http/route.ts';
import { submitRequest } from '../requests/submit-request.ts';

export const submitRequestRoute = route('submitRequest', ({ ports, caller, params }) => submitRequest(ports, caller, params.requestId));
