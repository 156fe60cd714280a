/** A new password for the signed-in account. Whoever knows the old one may be logged in elsewhere: every other session of the account ends. */
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { AuditRecords, AuditSeal } from '../audit/audit-port.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Caller } from '../caller.ts';
import type { Clock } from '../clock.ts';
import { KeptRefusal, type Transactions } from '../transactions.ts';
import type { AccountRecords, LoginFailureRecords, PasswordHasher, SessionRecords, TokenDigests } from './account-port.ts';
import { countLoginTry } from './login-lock.ts';
import { checkPassword } from './password-rules.ts';

interface ChangePasswordPorts {
  readonly transactions: Transactions<{ accounts: AccountRecords; loginFailures: LoginFailureRecords; sessions: Pick<SessionRecords, 'endOthers'>; audit: AuditRecords }>;
  readonly passwordHasher: PasswordHasher;
  readonly tokenDigests: TokenDigests;
  readonly auditSeal: AuditSeal;
  readonly clock: Clock;
}

/** A wrong current password counts as a failed log-in: a stolen session must not be a way to guess it. @throws ACCOUNT_PASSWORD_WEAK, ACCOUNT_PASSWORD_WRONG, LOGIN_LOCKED */
export async function changePassword(ports: ChangePasswordPorts, caller: Caller, input: { currentPassword: string; newPassword: string }): Promise<void> {
  const account = (await ports.transactions.read(({ accounts }) => accounts.byId(caller.accountId))) ?? refuse('UNAUTHENTICATED');
  checkPassword(input.newPassword, account.loginName);
  const nowMs = ports.clock().getTime();
  const loginNameHash = ports.tokenDigests.ofLoginName(account.loginNameKey);
  await ports.transactions.write(({ loginFailures }) => countLoginTry(loginFailures, loginNameHash, nowMs));
  const currentRight = await ports.passwordHasher.verify(account.passwordHash, input.currentPassword);
  const passwordHash = await ports.passwordHasher.hash(input.newPassword);
  await ports.transactions.write(async ({ accounts, loginFailures, sessions, audit }) => {
    // Of two changes at once, the second does not know the current password any more.
    if (!currentRight || !(await accounts.changePassword(account.id, account.passwordHash, passwordHash))) {
      await recordAudit(audit, ports.auditSeal, { atMs: nowMs, actor: account.id, event: 'account.password-change-refused', target: account.id, details: {} });
      return new KeptRefusal(new AppError('ACCOUNT_PASSWORD_WRONG'));
    }
    await loginFailures.clear(loginNameHash);
    const sessionsEnded = await sessions.endOthers(account.id, caller.sessionId, nowMs);
    await recordAudit(audit, ports.auditSeal, { atMs: nowMs, actor: account.id, event: 'account.password-changed', target: account.id, details: { sessionsEnded } });
  });
}
