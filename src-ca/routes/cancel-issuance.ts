/** PUT /v1/issuances/:issuanceId/cancellation */
import { route } from '../http/route.ts';
import { cancelIssuance } from '../issuance/cancel-issuance.ts';

export const cancelIssuanceRoute = route('cancelIssuance', ({ ports, caller, params }) => cancelIssuance(ports, caller, params.issuanceId));
