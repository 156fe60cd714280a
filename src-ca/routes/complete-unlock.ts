/** PUT /v1/requests/:requestId/unlock-completion */
import { completeUnlock } from '../administrator-pins/release-pin.ts';
import { route } from '../http/route.ts';

export const completeUnlockRoute = route('completeUnlock', ({ ports, caller, params, body }) => completeUnlock(ports, caller, params.requestId, body));
