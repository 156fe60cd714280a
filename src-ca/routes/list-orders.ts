/** GET /v1/orders */
import { pageAsked, route } from '../http/route.ts';
import { listOrders } from '../orders/read-orders.ts';

export const listOrdersRoute = route('listOrders', ({ ports, caller, query }) => listOrders(ports, caller, { ...pageAsked(query), state: query.state }));
