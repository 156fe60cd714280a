/** POST /v1/requests/:requestId/materials */
import { route } from '../http/route.ts';
import { addMaterial } from '../requests/materials.ts';

export const addMaterialRoute = route('addMaterial', ({ ports, caller, params, body, once }) => addMaterial(ports, caller, params.requestId, body, once));
