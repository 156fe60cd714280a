/** POST /v1/orders/:orderId/cancellation */
import { route } from '../http/route.ts';
import { cancelOrder } from '../orders/cancel-order.ts';

export const cancelOrderRoute = route('cancelOrder', ({ ports, caller, params }) => cancelOrder(ports, caller, params.orderId));
