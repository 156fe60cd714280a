/** POST /v1/requests/:requestId/cancellation */
import { route } from '../http/route.ts';
import { cancelRequest } from '../requests/end-request.ts';

export const cancelRequestRoute = route('cancelRequest', ({ ports, caller, params, once }) => cancelRequest(ports, caller, params.requestId, once));
