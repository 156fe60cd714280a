/** GET /v1/audit */
import { listAudit } from '../audit/read-audit.ts';
import { pageAsked, route } from '../http/route.ts';

export const listAuditRoute = route('listAudit', ({ ports, query }) => listAudit(ports, pageAsked(query)));
