/** POST /v1/requests/:requestId/key-recovery */
import { startKeyRecovery } from '../recovery/key-recovery.ts';
import { route } from '../http/route.ts';

export const startKeyRecoveryRoute = route('startKeyRecovery', ({ ports, caller, params, body, once }) => startKeyRecovery(ports, caller, params.requestId, body, once));
