/** DELETE /v1/sessions/current */
import { endSession } from '../accounts/sessions.ts';
import { route } from '../http/route.ts';

export const endSessionRoute = route('endSession', ({ ports, caller }) => endSession(ports, caller));
