/** PUT /v1/keys/:tokenSerial/administrator-pin */
import { depositAdministratorPin } from '../administrator-pins/deposit-pin.ts';
import { route } from '../http/route.ts';

export const depositAdministratorPinRoute = route('depositAdministratorPin', ({ ports, caller, params, body }) => depositAdministratorPin(ports, caller, params.tokenSerial, body));
