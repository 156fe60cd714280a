/** PUT /v1/requests/:requestId/key-recovery-completion */
import { completeKeyRecovery } from '../recovery/key-recovery.ts';
import { route } from '../http/route.ts';

export const completeKeyRecoveryRoute = route('completeKeyRecovery', ({ ports, caller, params }) => completeKeyRecovery(ports, caller, params.requestId));
