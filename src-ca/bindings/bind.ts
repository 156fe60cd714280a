/** Binding a certificate to an account: a challenge, its signature by the certificate's key, the rule of the project. Unbinding. */
import { fromBase64 } from '#shared/bytes/base64.ts';
import type { Binding } from '#shared/contract/rest/bindings.ts';
import type { KeyChallenge } from '#shared/contract/rest/certificates.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { endSessionsOfCertificates, endSessionsOfPair, type EndSessionsScope } from '../accounts/end-sessions.ts';
import type { AuditRecords, AuditSeal } from '../audit/audit-port.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Caller } from '../caller.ts';
import { utcText, utcTextOrNull, type Clock } from '../clock.ts';
import type { ChallengeRecords } from '../challenges/challenge-port.ts';
import { makeChallenge, readAnswer, takeAnswer } from '../challenges/key-challenges.ts';
import { newId } from '../identifiers.ts';
import { rulesOf } from '../orders/order-port.ts';
import { KeptRefusal, type Transactions } from '../transactions.ts';
import type { BindingRecords, BindingRow } from './binding-port.ts';
import { accountsBoundTo, issuedBindingRow, issuedTo } from './bound-accounts.ts';
import { checkSigningCertificate, type CheckCertificatePorts, type CheckCertificateScope, type KnownCertificate } from './check-certificate.ts';

export interface BindScope extends CheckCertificateScope {
  readonly sessions: EndSessionsScope['sessions'];
  readonly bindings: BindingRecords;
  readonly challenges: ChallengeRecords;
  readonly audit: AuditRecords;
}

export interface BindPorts extends CheckCertificatePorts {
  readonly transactions: Transactions<BindScope>;
  readonly service: { readonly publicUrl: string };
  readonly auditSeal: AuditSeal;
  readonly clock: Clock;
}

/** @throws CERTIFICATE_*, BINDING_EXISTS, BINDING_RULE, NOT_FOUND (project) */
export async function createBindingChallenge(ports: BindPorts, caller: Caller, input: { certificateDer: string; projectId?: string }): Promise<KeyChallenge> {
  const projectId = input.projectId ?? null;
  if (projectId !== null && (await ports.transactions.read(({ catalogue }) => catalogue.project(projectId))) === null) refuse('NOT_FOUND', { what: 'project' });
  const certificate = await checkSigningCertificate(ports, fromBase64(input.certificateDer), projectId);
  return await ports.transactions.write(async (scope) => {
    const nowMs = ports.clock().getTime();
    await checkRule(scope, certificate, caller.accountId, nowMs);
    return await makeChallenge(scope.challenges, ports.service.publicUrl, { purpose: 'binding', certificateDer: certificate.certificateDer, accountId: caller.accountId, ...(projectId === null ? {} : { projectId }) }, nowMs);
  });
}

/** @throws CHALLENGE_*, CERTIFICATE_*, BINDING_EXISTS, BINDING_RULE */
export async function createBinding(ports: BindPorts, caller: Caller, input: { challengeId: string; signature: string }): Promise<Binding> {
  const answer = await readAnswer(ports, { purpose: 'binding', accountId: caller.accountId }, { challengeId: input.challengeId, signature: fromBase64(input.signature) });
  const certificate = await checkSigningCertificate(ports, answer.row.certificateDer, answer.row.projectId);
  return await ports.transactions.write(async (scope) => {
    const nowMs = ports.clock().getTime();
    const taken = await takeAnswer(scope.challenges, answer, nowMs);
    if (taken instanceof KeptRefusal) return taken;
    await checkRule(scope, certificate, caller.accountId, nowMs);
    const row: BindingRow = { ...issuedBindingRow(caller.accountId, certificate, nowMs), id: newId(), source: 'signed', trustedCaId: certificate.trustedCaId };
    if (!(await scope.bindings.insert(row))) throw new AppError('BINDING_EXISTS');
    await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: caller.accountId, event: 'binding.added', target: row.id, details: { certificateSha256: row.certificateSha256, serialHex: row.serialHex, projectId: row.projectId, trustedCaId: row.trustedCaId } });
    return bindingView(row);
  });
}

async function checkRule(scope: BindScope, certificate: KnownCertificate, accountId: string, nowMs: number): Promise<void> {
  const bound = await accountsBoundTo(scope.bindings, certificate);
  if (bound.some((one) => one.accountId === accountId)) throw new AppError('BINDING_EXISTS');
  const project = certificate.projectId === null ? null : await scope.catalogue.project(certificate.projectId);
  if (project === null) return;
  const { bindingRule } = rulesOf(project);
  if (!bindingRule.certificateToSeveralAccounts && bound.length > 0) throw new AppError('BINDING_RULE', { rule: 'certificateToSeveralAccounts' });
  if (!bindingRule.accountToSeveralCertificates && (await hasCertificateOf(scope, accountId, project.id, nowMs))) throw new AppError('BINDING_RULE', { rule: 'accountToSeveralCertificates' });
}

async function hasCertificateOf(scope: BindScope, accountId: string, projectId: string, nowMs: number): Promise<boolean> {
  const rows = await scope.bindings.ofAccount(accountId);
  if (rows.some((row) => row.state === 'bound' && row.projectId === projectId && row.notAfterMs > nowMs)) return true;
  return (await issuedTo(scope, accountId, rows, nowMs)).some((row) => row.projectId === projectId);
}

/** Newest first; what was bound by issuance after what was bound by signature. */
export async function listBindings(ports: Pick<BindPorts, 'transactions' | 'clock'>, caller: Caller): Promise<{ items: Binding[] }> {
  return await ports.transactions.read(async (scope) => {
    const rows = await scope.bindings.ofAccount(caller.accountId);
    const issued = await issuedTo(scope, caller.accountId, rows, ports.clock().getTime());
    const ended = new Set((await scope.certificates.signOfAccount(caller.accountId)).filter(({ state }) => state === 'revoked').map(({ sha256Hex }) => sha256Hex));
    // A login is remembered in a row; that row does not outlive the certificate in the list.
    const bound = rows.filter(({ state, certificateSha256 }) => state === 'bound' && !ended.has(certificateSha256));
    return { items: [...bound, ...issued.map((row) => issuedBindingRow(caller.accountId, row, row.createdAtMs))].map(bindingView) };
  });
}

/** Ends the account's sessions that the certificate opened, too: also this one. @throws NOT_FOUND, also when the binding is another account's or was ended */
export async function removeBinding(ports: BindPorts, caller: Caller, bindingId: string): Promise<void> {
  await ports.transactions.write(async (scope) => {
    const nowMs = ports.clock().getTime();
    const row = await unboundRow(scope, caller.accountId, bindingId, nowMs);
    const end = { actor: caller.accountId, because: 'unbound', nowMs, accountId: caller.accountId } as const;
    const own = await scope.certificates.bySerial(row.serialHex);
    if (own?.sha256Hex === row.certificateSha256) await endSessionsOfPair(scope, ports.auditSeal, own, end);
    else await endSessionsOfCertificates(scope, ports.auditSeal, [row.certificateSha256], end);
    await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: caller.accountId, event: 'binding.removed', target: row.id, details: { certificateSha256: row.certificateSha256, serialHex: row.serialHex } });
  });
}

async function unboundRow(scope: BindScope, accountId: string, bindingId: string, nowMs: number): Promise<BindingRow> {
  const rows = await scope.bindings.ofAccount(accountId);
  const explicit = rows.find(({ id }) => id === bindingId);
  if (explicit !== undefined) return (await scope.bindings.unbind(explicit.id, nowMs)) ? explicit : refuse('NOT_FOUND', { what: 'binding' });
  const issued = (await issuedTo(scope, accountId, rows, nowMs)).map((row) => issuedBindingRow(accountId, row, row.createdAtMs)).find(({ id }) => id === bindingId);
  if (issued === undefined) return refuse('NOT_FOUND', { what: 'binding' });
  await scope.bindings.insert({ ...issued, state: 'unbound', unboundAtMs: nowMs });
  return issued;
}

function bindingView(row: BindingRow): Binding {
  const { id, source, certificateSha256, serialHex, subject, issuer, projectId, trustedCaId } = row;
  return {
    id, source, certificateSha256Hex: certificateSha256, serialHex, subject, issuer, projectId, trustedCaId,
    notBeforeUtc: utcText(row.notBeforeMs), notAfterUtc: utcText(row.notAfterMs), boundAtUtc: utcText(row.boundAtMs), lastLoginAtUtc: utcTextOrNull(row.lastLoginAtMs),
  };
}
