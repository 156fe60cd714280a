/** POST /v1/sessions */
import { createSession } from '../accounts/sessions.ts';
import { route } from '../http/route.ts';

export const createSessionRoute = route('createSession', ({ ports, body }) => createSession(ports, body));
