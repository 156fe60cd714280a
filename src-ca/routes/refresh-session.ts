/** POST /v1/sessions/refresh */
import { refreshSession } from '../accounts/sessions.ts';
import { route } from '../http/route.ts';

export const refreshSessionRoute = route('refreshSession', ({ ports, body }) => refreshSession(ports, body.refreshToken));
