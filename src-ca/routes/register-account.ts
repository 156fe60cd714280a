/** POST /v1/accounts */
import { registerAccount } from '../accounts/register-account.ts';
import { route } from '../http/route.ts';

export const registerAccountRoute = route('registerAccount', ({ ports, body }) => registerAccount(ports, body));
