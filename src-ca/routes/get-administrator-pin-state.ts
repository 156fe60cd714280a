/** GET /v1/keys/:tokenSerial/administrator-pin */
import { getAdministratorPinState } from '../administrator-pins/deposit-pin.ts';
import { route } from '../http/route.ts';

export const getAdministratorPinStateRoute = route('getAdministratorPinState', ({ ports, caller, params }) => getAdministratorPinState(ports, caller, params.tokenSerial));
