/** POST /v1/orders */
import { route } from '../http/route.ts';
import { createOrder } from '../orders/create-order.ts';

export const createOrderRoute = route('createOrder', ({ ports, caller, body, once }) => createOrder(ports, caller, body, once));
