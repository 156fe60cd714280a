/** DELETE /v1/bindings/:bindingId */
import { removeBinding } from '../bindings/bind.ts';
import { route } from '../http/route.ts';

export const removeBindingRoute = route('removeBinding', ({ ports, caller, params }) => removeBinding(ports, caller, params.bindingId));
