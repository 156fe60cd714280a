/** Sessions: log in, renew, log out, and who stands behind an access token. */
import type { Account, Session } from '#shared/contract/rest/accounts.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { AuditRecords, AuditSeal } from '../audit/audit-port.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Caller } from '../caller.ts';
import type { Clock } from '../clock.ts';
import { newId } from '../identifiers.ts';
import type { CertificateRecords } from '../issuance/issuance-port.ts';
import { KeptRefusal, type Transactions } from '../transactions.ts';
import type { AccountRecords, LoginFailureRecords, PasswordHasher, SessionRecords, SessionRow, TokenDigests } from './account-port.ts';
import { accountView } from './account-view.ts';
import { countLoginTry } from './login-lock.ts';
import { grantTokens } from './session-tokens.ts';

export interface SessionPorts {
  readonly transactions: Transactions<{ accounts: AccountRecords; loginFailures: LoginFailureRecords; sessions: SessionRecords; certificates: Pick<CertificateRecords, 'bySerial'>; audit: AuditRecords }>;
  readonly passwordHasher: PasswordHasher;
  readonly tokenDigests: TokenDigests;
  readonly auditSeal: AuditSeal;
  readonly clock: Clock;
}

/** @throws LOGIN_FAILED, LOGIN_LOCKED */
export async function createSession(ports: SessionPorts, input: { loginName: string; password: string }): Promise<Session> {
  const loginNameKey = input.loginName.toLowerCase();
  const loginNameHash = ports.tokenDigests.ofLoginName(loginNameKey);
  const nowMs = ports.clock().getTime();
  const account = await ports.transactions.write(async ({ loginFailures, accounts }) => {
    await countLoginTry(loginFailures, loginNameHash, nowMs);
    return await accounts.byLoginNameKey(loginNameKey);
  });
  // An unknown name costs as much time as a wrong password.
  const passwordRight = await ports.passwordHasher.verify(account?.passwordHash ?? ports.passwordHasher.decoyHash, input.password);
  return await ports.transactions.write(async ({ loginFailures, sessions, audit }) => {
    if (account === null || !passwordRight) {
      await recordAudit(audit, ports.auditSeal, { atMs: nowMs, actor: 'system', event: 'account.login-refused', target: null, details: {} });
      return new KeptRefusal(new AppError('LOGIN_FAILED'));
    }
    await loginFailures.clear(loginNameHash);
    const sessionId = newId();
    await sessions.insert({ id: sessionId, accountId: account.id, createdAtMs: nowMs, endedAtMs: null, certificateSerialHex: null, certificateSha256: null });
    await recordAudit(audit, ports.auditSeal, { atMs: nowMs, actor: account.id, event: 'account.login', target: account.id, details: {} });
    return await grantTokens(sessions, ports.tokenDigests, sessionId, account, nowMs);
  });
}

/** A refresh token is good once. When it comes again, someone else has a copy: the whole session ends. @throws SESSION_EXPIRED */
export async function refreshSession(ports: SessionPorts, refreshToken: string): Promise<Session> {
  const nowMs = ports.clock().getTime();
  const tokenHash = ports.tokenDigests.ofToken(refreshToken);
  return await ports.transactions.write(async ({ sessions, accounts, certificates, audit }) => {
    const found = await sessions.byToken(tokenHash, 'refresh');
    if (found === null || found.session.endedAtMs !== null || found.token.expiresAtMs <= nowMs) throw new AppError('SESSION_EXPIRED');
    const { session, token } = found;
    if (!(await mayGoOn(certificates, session))) throw new AppError('SESSION_EXPIRED');
    if (token.usedAtMs !== null || !(await sessions.useToken(tokenHash, nowMs))) {
      await sessions.end(session.id, nowMs);
      await recordAudit(audit, ports.auditSeal, { atMs: nowMs, actor: session.accountId, event: 'session.reuse-detected', target: session.accountId, details: {} });
      return new KeptRefusal(new AppError('SESSION_EXPIRED'));
    }
    const account = (await accounts.byId(session.accountId)) ?? refuse('SESSION_EXPIRED');
    return await grantTokens(sessions, ports.tokenDigests, session.id, account, nowMs);
  });
}

/** Reasons with which a pair ends because a new one of the same holder has taken its place. */
const REPLACED: readonly (string | null)[] = ['superseded', 'affiliationChanged'];

/** Whoever holds a lost or revoked key must not stay logged in with it; a renewal in the same session goes on. */
async function mayGoOn(certificates: Pick<CertificateRecords, 'bySerial'>, session: SessionRow): Promise<boolean> {
  const certificate = session.certificateSerialHex === null ? null : await certificates.bySerial(session.certificateSerialHex);
  return certificate === null || certificate.state === 'active' || (certificate.state === 'revoked' && REPLACED.includes(certificate.revocationReason));
}

export async function endSession(ports: SessionPorts, caller: Caller): Promise<void> {
  const nowMs = ports.clock().getTime();
  await ports.transactions.write(async ({ sessions, audit }) => {
    await sessions.end(caller.sessionId, nowMs);
    await recordAudit(audit, ports.auditSeal, { atMs: nowMs, actor: caller.accountId, event: 'session.ended', target: caller.accountId, details: {} });
  });
}

/** The caller behind an access token. @throws UNAUTHENTICATED */
export async function authenticate(ports: Pick<SessionPorts, 'transactions' | 'tokenDigests' | 'clock'>, accessToken: string): Promise<Caller> {
  const nowMs = ports.clock().getTime();
  return await ports.transactions.read(async ({ sessions, accounts }) => {
    const found = await sessions.byToken(ports.tokenDigests.ofToken(accessToken), 'access');
    if (found === null || found.session.endedAtMs !== null || found.token.expiresAtMs <= nowMs) refuse('UNAUTHENTICATED');
    const account = (await accounts.byId(found.session.accountId)) ?? refuse('UNAUTHENTICATED');
    return { accountId: account.id, role: account.role, sessionId: found.session.id };
  });
}

export async function getMyAccount(ports: Pick<SessionPorts, 'transactions'>, caller: Caller): Promise<Account> {
  return await ports.transactions.read(async ({ accounts }) => accountView((await accounts.byId(caller.accountId)) ?? refuse('UNAUTHENTICATED')));
}

