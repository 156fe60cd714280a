/** POST /v1/requests/:requestId/administrator-pin-release */
import { releaseAdministratorPin } from '../administrator-pins/release-pin.ts';
import { route } from '../http/route.ts';

export const releaseAdministratorPinRoute = route('releaseAdministratorPin', ({ ports, caller, params, body, once }) => releaseAdministratorPin(ports, caller, params.requestId, body, once));
