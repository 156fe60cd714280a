/** PUT /v1/issuances/:issuanceId/completion */
import { route } from '../http/route.ts';
import { completeIssuance } from '../issuance/complete-issuance.ts';

export const completeIssuanceRoute = route('completeIssuance', ({ ports, caller, params, body }) =>
  completeIssuance(ports, caller, params.issuanceId, { signature: Buffer.from(body.signature, 'base64'), decryptedSha256: body.decryptedSha256 }),
);
