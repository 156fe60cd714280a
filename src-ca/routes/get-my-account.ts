/** GET /v1/accounts/me */
import { getMyAccount } from '../accounts/sessions.ts';
import { route } from '../http/route.ts';

export const getMyAccountRoute = route('getMyAccount', ({ ports, caller }) => getMyAccount(ports, caller));
