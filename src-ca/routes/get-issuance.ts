/** GET /v1/issuances/:issuanceId */
import { route } from '../http/route.ts';
import { getIssuance } from '../issuance/read-issuances.ts';

export const getIssuanceRoute = route('getIssuance', ({ ports, caller, params }) => getIssuance(ports, caller, params.issuanceId));
