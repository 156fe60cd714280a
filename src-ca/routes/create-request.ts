/** POST /v1/requests */
import { route } from '../http/route.ts';
import { createRequest } from '../requests/draft-request.ts';

export const createRequestRoute = route('createRequest', ({ ports, caller, body, once }) => createRequest(ports, caller, body, once));
