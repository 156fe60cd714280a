/** GET /v1/bindings */
import { listBindings } from '../bindings/bind.ts';
import { route } from '../http/route.ts';

export const listBindingsRoute = route('listBindings', ({ ports, caller }) => listBindings(ports, caller));
