/** POST /v1/requests/:requestId/recovery-approvals */
import { route } from '../http/route.ts';
import { approveRecovery } from '../requests/approve-recovery.ts';

export const approveRecoveryRoute = route('approveRecovery', ({ ports, caller, params }) => approveRecovery(ports, caller, params.requestId));
