/** POST /v1/sessions */
import { createSession } from '../accounts/sessions.ts';
import { route } from '../edge/route.ts';

export const createSessionRoute = route('createSession', ({ ports, body }) => createSession(ports, body));
