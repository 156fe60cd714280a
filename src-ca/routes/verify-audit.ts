/** POST /v1/audit/verification */
import { verifyAudit } from '../audit/read-audit.ts';
import { route } from '../http/route.ts';

export const verifyAuditRoute = route('verifyAudit', ({ ports }) => verifyAudit(ports));
