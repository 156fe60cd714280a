/** POST /v1/requests/:requestId/risk-notice */
import { route } from '../http/route.ts';
import { acceptRiskNotice } from '../requests/accept-risk-notice.ts';

export const acceptRiskNoticeRoute = route('acceptRiskNotice', ({ ports, caller, params, body }) =>
  acceptRiskNotice(ports, caller, params.requestId, { ...body, signature: Buffer.from(body.signature, 'base64') }),
);
