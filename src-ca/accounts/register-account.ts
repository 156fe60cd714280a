/** Registration of an account. */
import type { Account } from '#shared/contract/rest/accounts.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { AuditRecords, AuditSeal } from '../audit/audit-port.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Clock } from '../clock.ts';
import { newId } from '../identifiers.ts';
import { checkOrganisation } from '../orders/check-subject.ts';
import type { Transactions } from '../transactions.ts';
import type { AccountRecords, AccountRow, PasswordHasher } from './account-port.ts';
import { accountView } from './account-view.ts';
import { checkPassword } from './password-rules.ts';

export interface RegisterAccountPorts {
  readonly transactions: Transactions<{ accounts: AccountRecords; audit: AuditRecords }>;
  readonly passwordHasher: PasswordHasher;
  readonly auditSeal: AuditSeal;
  readonly clock: Clock;
}

export interface AccountApplication {
  readonly loginName: string;
  readonly password: string;
  readonly kind: 'person' | 'organisation';
  readonly displayName: string;
  readonly organisationName?: string;
  readonly unifiedSocialCreditCode?: string;
  readonly phone: string;
}

/** @throws ACCOUNT_PASSWORD_WEAK, ACCOUNT_SUBJECT_INVALID, ACCOUNT_NAME_TAKEN */
export async function registerAccount(ports: RegisterAccountPorts, application: AccountApplication, role: AccountRow['role'] = 'subscriber'): Promise<Account> {
  checkPassword(application.password, application.loginName);
  checkAccountSubject(application);
  const row: AccountRow = {
    id: newId(),
    loginName: application.loginName,
    loginNameKey: application.loginName.toLowerCase(),
    passwordHash: await ports.passwordHasher.hash(application.password),
    kind: application.kind,
    role,
    displayName: application.displayName,
    organisationName: application.organisationName ?? null,
    unifiedSocialCreditCode: application.unifiedSocialCreditCode ?? null,
    phone: application.phone,
    createdAtMs: ports.clock().getTime(),
  };
  await ports.transactions.write(async ({ accounts, audit }) => {
    if (!(await accounts.insert(row))) throw new AppError('ACCOUNT_NAME_TAKEN');
    await recordAudit(audit, ports.auditSeal, { atMs: row.createdAtMs, actor: row.id, event: 'account.registered', target: row.id, details: { kind: row.kind, role } });
  });
  return accountView(row);
}

function checkAccountSubject({ kind, displayName, organisationName, unifiedSocialCreditCode }: AccountApplication): void {
  if (displayName.trim() === '') throw new AppError('ACCOUNT_SUBJECT_INVALID', { field: 'displayName' });
  if (kind === 'person') {
    if (organisationName !== undefined || unifiedSocialCreditCode !== undefined) throw new AppError('ACCOUNT_SUBJECT_INVALID', { field: 'organisationName', reason: 'a person has none' });
    return;
  }
  checkOrganisation(organisationName ?? null, unifiedSocialCreditCode ?? null);
}
