/** PUT /v1/requests/:requestId/restored-keys/:serialHex */
import { restoreKeyOnRequest } from '../recovery/restore-key.ts';
import { route } from '../http/route.ts';

export const restoreKeyOnRequestRoute = route('restoreKeyOnRequest', ({ ports, caller, params, body }) => restoreKeyOnRequest(ports, caller, params.requestId, params.serialHex, body));
