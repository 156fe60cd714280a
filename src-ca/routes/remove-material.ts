/** DELETE /v1/requests/:requestId/materials/:materialId */
import { route } from '../http/route.ts';
import { removeMaterial } from '../requests/materials.ts';

export const removeMaterialRoute = route('removeMaterial', ({ ports, caller, params }) => removeMaterial(ports, caller, params.requestId, params.materialId));
