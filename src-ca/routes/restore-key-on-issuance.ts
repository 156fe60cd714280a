/** PUT /v1/issuances/:issuanceId/restored-keys/:serialHex */
import { restoreKeyOnIssuance } from '../recovery/restore-key.ts';
import { route } from '../http/route.ts';

export const restoreKeyOnIssuanceRoute = route('restoreKeyOnIssuance', ({ ports, caller, params, body }) => restoreKeyOnIssuance(ports, caller, params.issuanceId, params.serialHex, body));
