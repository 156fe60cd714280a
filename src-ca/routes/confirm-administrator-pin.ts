/** PUT /v1/keys/:tokenSerial/administrator-pin/confirmation */
import { confirmAdministratorPin } from '../administrator-pins/deposit-pin.ts';
import { route } from '../http/route.ts';

export const confirmAdministratorPinRoute = route('confirmAdministratorPin', ({ ports, caller, params }) => confirmAdministratorPin(ports, caller, params.tokenSerial));
