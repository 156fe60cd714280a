/** GET /v1/service */
import { utcText } from '../clock.ts';
import { route } from '../http/route.ts';

export const getServiceInfoRoute = route('getServiceInfo', async ({ ports: { service, clock } }) => ({ name: service.name, version: service.version, timeUtc: utcText(clock().getTime()), sandbox: service.sandbox }));
