/** POST /v1/bindings */
import { createBinding } from '../bindings/bind.ts';
import { route } from '../http/route.ts';

export const createBindingRoute = route('createBinding', ({ ports, caller, body }) => createBinding(ports, caller, body));
