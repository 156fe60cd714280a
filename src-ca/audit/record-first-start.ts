/** The first entry of the audit log. Rule: written once, before there is any account; an empty log beside accounts was emptied by someone and gets no new beginning. */
import type { AccountRecords } from '../accounts/account-port.ts';
import type { Clock } from '../clock.ts';
import type { Transactions } from '../transactions.ts';
import type { AuditRecords, AuditSeal } from './audit-port.ts';
import { FIRST_EVENT, recordAudit } from './record-audit.ts';

interface FirstStartPorts {
  readonly transactions: Transactions<{ accounts: Pick<AccountRecords, 'any'>; audit: AuditRecords }>;
  readonly auditSeal: AuditSeal;
  readonly clock: Clock;
}

/** To be called at every start, before anything else is written. */
export async function recordFirstStart(ports: FirstStartPorts): Promise<void> {
  await ports.transactions.write(async ({ accounts, audit }) => {
    if ((await audit.head()) !== null || (await accounts.any())) return;
    await recordAudit(audit, ports.auditSeal, { atMs: ports.clock().getTime(), actor: 'system', event: FIRST_EVENT, target: null, details: {} });
  });
}
