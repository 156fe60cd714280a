/** POST /v1/requests/:requestId/key-confirmation */
import { confirmRequestByKey } from '../revocation/confirm-request.ts';
import { route } from '../http/route.ts';

export const confirmRequestByKeyRoute = route('confirmRequestByKey', ({ ports, caller, params, body }) => confirmRequestByKey(ports, caller, params.requestId, body));
