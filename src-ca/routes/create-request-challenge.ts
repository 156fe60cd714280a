/** POST /v1/requests/:requestId/key-challenges */
import { createRequestChallenge } from '../revocation/request-challenge.ts';
import { route } from '../http/route.ts';

export const createRequestChallengeRoute = route('createRequestChallenge', ({ ports, caller, params }) => createRequestChallenge(ports, caller, params.requestId));
