/** Login by certificate: a challenge for whoever holds the certificate, then its signature by the key, then a session of an account that the certificate is bound to. */
import { createHash } from 'node:crypto';
import { fromBase64 } from '#shared/bytes/base64.ts';
import type { Session } from '#shared/contract/rest/accounts.ts';
import type { MaskedAccount } from '#shared/contract/rest/bindings.ts';
import type { KeyChallenge } from '#shared/contract/rest/certificates.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { assert } from '#shared/errors/assert.ts';
import type { AccountRecords, AccountRow, SessionRecords, TokenDigests } from '../accounts/account-port.ts';
import { grantTokens } from '../accounts/session-tokens.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { makeChallenge, readAnswer, takeAnswer } from '../challenges/key-challenges.ts';
import { newId } from '../identifiers.ts';
import { KeptRefusal, type Transactions } from '../transactions.ts';
import type { BindPorts, BindScope } from './bind.ts';
import { accountsBoundTo, issuedBindingRow, type BoundAccount } from './bound-accounts.ts';
import { checkSigningCertificate, type KnownCertificate } from './check-certificate.ts';
import { maskedName } from './masked-name.ts';

interface LoginScope extends BindScope {
  readonly accounts: AccountRecords;
  readonly sessions: SessionRecords;
}

export interface CertificateLoginPorts extends BindPorts {
  readonly transactions: Transactions<LoginScope>;
  readonly tokenDigests: TokenDigests;
}

/** Whoever holds the certificate learns which accounts it opens, with their names masked. @throws CERTIFICATE_* */
export async function createLoginChallenge(ports: CertificateLoginPorts, input: { certificateDer: string }): Promise<KeyChallenge & { accounts: MaskedAccount[] }> {
  const { certificate, bound } = await boundCertificate(ports, fromBase64(input.certificateDer));
  return await ports.transactions.write(async (scope) => {
    const accounts: MaskedAccount[] = [];
    for (const { accountId } of bound) {
      const account = await scope.accounts.byId(accountId);
      assert(account, 'bindings are of accounts');
      accounts.push({ accountId, loginName: maskedName(account.loginName), displayName: maskedName(account.displayName) });
    }
    const challenge = await makeChallenge(scope.challenges, ports.service.publicUrl, { purpose: 'login', certificateDer: certificate.certificateDer, accountId: null }, ports.clock().getTime());
    return { ...challenge, accounts };
  });
}

/** @throws CHALLENGE_*, CERTIFICATE_*, LOGIN_ACCOUNT_CHOICE */
export async function createCertificateSession(ports: CertificateLoginPorts, input: { challengeId: string; signature: string; accountId?: string }): Promise<Session> {
  const answer = await readAnswer(ports, { purpose: 'login', accountId: null }, { challengeId: input.challengeId, signature: fromBase64(input.signature) });
  const { certificate, bound } = await boundCertificate(ports, answer.row.certificateDer);
  const chosen = chooseAccount(bound, input.accountId);
  return await ports.transactions.write(async (scope) => {
    const nowMs = ports.clock().getTime();
    const refused = await takeAnswer(scope.challenges, answer, nowMs);
    if (refused !== null) return await auditRefusal(scope, ports, certificate, refused, nowMs);
    // Revoked or unbound between the first look and now.
    if (!(await stillGood(scope, certificate, chosen.accountId))) return await auditRefusal(scope, ports, certificate, new KeptRefusal(new AppError('CERTIFICATE_NOT_BOUND')), nowMs);
    const account = await scope.accounts.byId(chosen.accountId);
    assert(account, 'bindings are of accounts');
    await rememberLogin(scope, certificate, chosen, nowMs);
    return await beginSession(scope, ports, account, certificate, nowMs);
  });
}

/**
 * Under which account and, of a foreign CA, in which project the certificate counts now.
 * @throws CERTIFICATE_NOT_BOUND and what `checkSigningCertificate` throws
 */
async function boundCertificate(ports: CertificateLoginPorts, certificateDer: Uint8Array): Promise<{ certificate: KnownCertificate; bound: BoundAccount[] }> {
  const certificateSha256 = createHash('sha256').update(certificateDer).digest('hex');
  const rows = await ports.transactions.read(({ bindings }) => bindings.ofCertificate(certificateSha256));
  const foreign = rows.filter(({ state, trustedCaId }) => state === 'bound' && trustedCaId !== null);
  const certificate = await firstGood(ports, certificateDer, foreign.length === 0 ? [null] : [...new Set(foreign.map(({ projectId }) => projectId))]);
  const bound = (await ports.transactions.read(({ bindings }) => accountsBoundTo(bindings, certificate))).filter(({ binding }) => certificate.trustedCaId === null || binding?.projectId === certificate.projectId);
  if (bound.length === 0) throw new AppError('CERTIFICATE_NOT_BOUND');
  return { certificate, bound };
}

/** A foreign certificate may be bound in several projects; the first that still trusts its CA counts. @throws the refusal of the last */
async function firstGood(ports: CertificateLoginPorts, certificateDer: Uint8Array, projectIds: readonly (string | null)[]): Promise<KnownCertificate> {
  let refusal = new AppError('CERTIFICATE_NOT_BOUND');
  for (const projectId of projectIds) {
    try {
      return await checkSigningCertificate(ports, certificateDer, projectId);
    } catch (thrown) {
      if (!(thrown instanceof AppError)) throw thrown;
      refusal = thrown;
    }
  }
  throw refusal;
}

function chooseAccount(bound: readonly BoundAccount[], accountId: string | undefined): BoundAccount {
  if (accountId === undefined && bound.length > 1) throw new AppError('LOGIN_ACCOUNT_CHOICE', { accounts: bound.length });
  const chosen = accountId === undefined ? bound[0] : bound.find((one) => one.accountId === accountId);
  if (chosen === undefined) throw new AppError('CERTIFICATE_NOT_BOUND');
  return chosen;
}

async function stillGood(scope: LoginScope, certificate: KnownCertificate, accountId: string): Promise<boolean> {
  const own = certificate.ownerAccountId === null ? null : await scope.certificates.bySerial(certificate.serialHex);
  if (own !== null && own.state !== 'active') return false;
  return (await accountsBoundTo(scope.bindings, certificate)).some((one) => one.accountId === accountId);
}

async function rememberLogin(scope: LoginScope, certificate: KnownCertificate, { accountId, binding }: BoundAccount, nowMs: number): Promise<void> {
  const row = binding ?? issuedBindingRow(accountId, certificate, nowMs);
  if (binding === null) await scope.bindings.insert(row);
  await scope.bindings.markLogin(row.id, nowMs);
}

async function beginSession(scope: LoginScope, ports: CertificateLoginPorts, account: AccountRow, certificate: KnownCertificate, nowMs: number): Promise<Session> {
  const sessionId = newId();
  await scope.sessions.insert({ id: sessionId, accountId: account.id, createdAtMs: nowMs, endedAtMs: null, certificateSerialHex: certificate.ownerAccountId === null ? null : certificate.serialHex, certificateSha256: certificate.certificateSha256 });
  await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: account.id, event: 'account.certificate-login', target: account.id, details: { certificateSha256: certificate.certificateSha256, serialHex: certificate.serialHex } });
  return await grantTokens(scope.sessions, ports.tokenDigests, sessionId, account, nowMs);
}

async function auditRefusal(scope: LoginScope, ports: CertificateLoginPorts, certificate: KnownCertificate, refused: KeptRefusal, nowMs: number): Promise<KeptRefusal> {
  await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: 'system', event: 'account.certificate-login-refused', target: null, details: { certificateSha256: certificate.certificateSha256, reason: refused.error.code } });
  return refused;
}
