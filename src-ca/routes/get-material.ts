/** GET /v1/requests/:requestId/materials/:materialId */
import { route } from '../http/route.ts';
import { getMaterial } from '../requests/materials.ts';

export const getMaterialRoute = route('getMaterial', ({ ports, caller, params }) => getMaterial(ports, caller, params.requestId, params.materialId));
