/** POST /v1/requests/:requestId/authorization-codes */
import { resendAuthorizationCode } from '../codes/resend-code.ts';
import { route } from '../http/route.ts';

export const resendAuthorizationCodeRoute = route('resendAuthorizationCode', ({ ports, caller, params, once }) => resendAuthorizationCode(ports, caller, params.requestId, once));
