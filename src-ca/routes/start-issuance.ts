/** POST /v1/issuances */
import { route } from '../http/route.ts';
import { startIssuance } from '../issuance/start-issuance.ts';

export const startIssuanceRoute = route('startIssuance', ({ ports, caller, body, once }) => startIssuance(ports, caller, body, once));
