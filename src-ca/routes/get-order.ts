/** GET /v1/orders/:orderId */
import { route } from '../http/route.ts';
import { getOrder } from '../orders/read-orders.ts';

export const getOrderRoute = route('getOrder', ({ ports, caller, params }) => getOrder(ports, caller, params.orderId));
