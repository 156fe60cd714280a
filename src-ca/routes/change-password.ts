/** PUT /v1/accounts/me/password */
import { changePassword } from '../accounts/change-password.ts';
import { route } from '../http/route.ts';

export const changePasswordRoute = route('changePassword', ({ ports, caller, body }) => changePassword(ports, caller, body));
