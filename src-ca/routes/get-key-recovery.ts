/** GET /v1/requests/:requestId/key-recovery */
import { getKeyRecovery } from '../recovery/key-recovery.ts';
import { route } from '../http/route.ts';

export const getKeyRecoveryRoute = route('getKeyRecovery', ({ ports, caller, params }) => getKeyRecovery(ports, caller, params.requestId));
