/** Commands about requests, revocation and bindings: they write nothing to a key. */
import { AppError } from '#shared/errors/app-error.ts';
import { requireSignIn } from '../ask.ts';
import type { CommandContext, CommandResult } from '../command.ts';
import { findKey } from '../find-key.ts';
import { chooseCertificate, type DeedOptions } from './deed-commands.ts';
import { askLedger, fewTries, findOpenRequest, pursue, reasonOf, requestLines, showRequest, takeKey, type PinOptions } from './request-steps.ts';

/** My requests; with `--key` what can be done with that key now. */
export async function listRequests(context: CommandContext, options: { readonly key?: string }): Promise<CommandResult> {
  await requireSignIn(context);
  if (options.key !== undefined) return listForKey(context, options.key);
  const { items } = await context.engine.call('requests.list', { limit: 100 });
  return { value: items, lines: items.length === 0 ? [context.say('none')] : items.flatMap((request) => [...requestLines(context, request), '']) };
}

async function listForKey(context: CommandContext, serial: string): Promise<CommandResult> {
  const { engine, say } = context;
  const { ref } = await findKey(engine, serial);
  const value = await engine.call('requests.forKey', { token: ref });
  const actions = (list: (typeof value)['keyActions']) => list.map((action) => `  ${say(`kind-${action.kind}`)}: ${say(`action-${action.state}`)}${action.reason === null ? '' : ` (${action.reason})`}`);
  const lines = value.certificates.flatMap((one) => [`${one.certificate.subject} · ${one.certificate.serialHex} · ${say('daysLeft', { days: one.daysLeft })}`, ...actions(one.actions)]);
  return { value, lines: [...lines, ...actions(value.keyActions)] };
}

const STEPS = { show: 'requests.get', submit: 'requests.submit', withdraw: 'requests.withdraw', cancel: 'requests.cancel' } as const;
export const REQUEST_STEPS = [...Object.keys(STEPS), 'code'];

/** One step of a request by its id. `code`: a new authorization code; the one before is void. */
export async function stepRequest(context: CommandContext, step: string, requestId: string): Promise<CommandResult> {
  await requireSignIn(context);
  if (step === 'code') {
    const sent = await context.engine.call('requests.resendCode', { requestId });
    return { value: sent, lines: [context.say('codeSent', { phone: sent.sentToPhone, until: sent.expiresAtUtc })] };
  }
  if (!Object.hasOwn(STEPS, step)) throw new AppError('USAGE', { steps: REQUEST_STEPS });
  return showRequest(context, await context.engine.call(STEPS[step as keyof typeof STEPS], { requestId }));
}

export interface EndOptions extends DeedOptions {
  readonly reason?: string;
}

/** Revocation or suspension of the certificates on a plugged key, confirmed by its own signature: done at once. */
export async function endCertificate(context: CommandContext, kind: 'revocation' | 'suspension', options: EndOptions): Promise<CommandResult> {
  await requireSignIn(context);
  const { engine, say } = context;
  const key = takeKey(context, await findKey(engine, options.key), options);
  const { certificates } = await engine.call('requests.forKey', { token: key.token.ref });
  const about = chooseCertificate(certificates, kind, options.certificate);
  const open = await findOpenRequest(context, kind, (request) => request.certificateSerialHex === about.certificate.serialHex);
  const request = open ?? (await engine.call('requests.create', { draft: { kind, certificateSerialHex: about.certificate.serialHex, tokenSerial: key.token.ref.serial, ...(kind === 'revocation' ? { revocationReason: reasonOf(options.reason) } : {}) } }));
  const ledgerAnswer = await askLedger(context, { deed: kind, token: key.token.ref, certificateSha256: [about.certificate.sha256Hex] }, options);
  const value = await engine.call('requests.confirmByKey', { requestId: request.id, token: key.token.ref, pin: await key.pin(), ...fewTries(options), ...(ledgerAnswer ? { ledgerAnswer } : {}) });
  return { value, lines: [say(kind === 'revocation' ? 'revoked' : 'suspended', { serial: about.certificate.serialHex })] };
}

/** A suspended pair back into force: reviewed, then carried out with the code. */
export async function releaseCertificate(context: CommandContext, options: DeedOptions): Promise<CommandResult> {
  await requireSignIn(context);
  const { engine, say } = context;
  const { ref } = await findKey(engine, options.key);
  const about = chooseCertificate((await engine.call('requests.forKey', { token: ref })).certificates, 'release', options.certificate);
  return pursue(context, {
    options, riskNoticeKey: null,
    request: await findOpenRequest(context, 'release', (request) => request.certificateSerialHex === about.certificate.serialHex),
    draft: async () => ({ kind: 'release', certificateSerialHex: about.certificate.serialHex, tokenSerial: ref.serial }),
    async carryOut(request, authorizationCode) {
      const value = await engine.call('requests.confirmByCode', { requestId: request.id, authorizationCode });
      return { value, lines: [say('released', { serial: about.certificate.serialHex })] };
    },
  });
}

export async function listBindings(context: CommandContext): Promise<CommandResult> {
  await requireSignIn(context);
  const { items } = await context.engine.call('bindings.list', undefined);
  return { value: items, lines: items.length === 0 ? [context.say('none')] : items.map((one) => `${one.id} · ${one.subject} · ${one.serialHex} · ${context.say('validUntil')} ${one.notAfterUtc}`) };
}

export async function bindKey(context: CommandContext, options: PinOptions & { readonly key: string; readonly project?: string }): Promise<CommandResult> {
  await requireSignIn(context);
  const key = takeKey(context, await findKey(context.engine, options.key), { ...options, model: 'any' });
  const value = await context.engine.call('bindings.bind', { token: key.token.ref, pin: await key.pin(), ...fewTries(options), ...(options.project === undefined ? {} : { projectId: options.project }) });
  return { value, lines: [context.say('bound', { subject: value.subject })] };
}

export async function unbind(context: CommandContext, bindingId: string): Promise<CommandResult> {
  await requireSignIn(context);
  await context.engine.call('bindings.unbind', { bindingId });
  return { value: null, lines: [context.say('unbound')] };
}
