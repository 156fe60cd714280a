/** GET /v1/accounts/me */
import { getMyAccount } from '../accounts/sessions.ts';
import { route } from '../edge/route.ts';

export const getMyAccountRoute = route('getMyAccount', ({ ports, caller }) => getMyAccount(ports, caller));
