/** POST /v1/requests/:requestId/code-confirmation */
import { confirmRequestByCode } from '../revocation/confirm-request.ts';
import { route } from '../http/route.ts';

export const confirmRequestByCodeRoute = route('confirmRequestByCode', ({ ports, caller, params, body, once }) => confirmRequestByCode(ports, caller, params.requestId, body.authorizationCode, once));
