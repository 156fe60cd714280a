/** GET /v1/pending-writings */
import { pageAsked, route } from '../http/route.ts';
import { listPendingWritings } from '../orders/list-pending-writings.ts';

export const listPendingWritingsRoute = route('listPendingWritings', ({ ports, caller, query }) => listPendingWritings(ports, caller, pageAsked(query)));
