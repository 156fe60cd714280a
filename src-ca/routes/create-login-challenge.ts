/** POST /v1/certificate-sessions/challenges */
import { createLoginChallenge } from '../bindings/log-in-by-certificate.ts';
import { route } from '../http/route.ts';

export const createLoginChallengeRoute = route('createLoginChallenge', ({ ports, body }) => createLoginChallenge(ports, body));
