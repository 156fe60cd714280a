/** Commands that change something: writing a certificate, going on with it, giving it up, a new PIN, signing in and out. */
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import type { PendingWriting } from '#shared/contract/rest/orders.ts';
import { AppError, fromErrorData } from '#shared/errors/app-error.ts';
import { askCode, askNewPin, askPin, confirm, requireSignIn, signIn } from '../ask.ts';
import type { CommandContext, CommandResult } from '../command.ts';
import { findKey } from '../find-key.ts';
import { followDeed } from '../follow-deed.ts';
import { allPendingWritings, deedLines } from './list-commands.ts';
import { askLedger } from './request-steps.ts';

interface PinOptions {
  readonly pinFd?: number;
  readonly confirmFewTries?: boolean;
}

export interface WriteOptions extends PinOptions {
  readonly order: string;
  readonly key: string;
  readonly code?: string;
  readonly model?: string;
  readonly keepExisting?: boolean;
}

export async function writeCertificate(context: CommandContext, options: WriteOptions): Promise<CommandResult> {
  const token = await findKey(context.engine, options.key);
  const tokenModelId = options.model ?? token.modelId ?? missing('--model');
  await requireSignIn(context);
  const pending = findPending(await allPendingWritings(context), options.order);
  const agreed = await agreedCertificates(context, token, options.keepExisting ?? false);
  const authorizationCode = await askCode(context, options.code);
  const pin = await askPin(context, options.pinFd, token.pin);
  const begun = await context.engine.call('writing.startNewIssue', {
    requestId: pending.requestId, token: token.ref, tokenModelId, authorizationCode, pin,
    ...(agreed.length > 0 ? { agreedToAddBesideCertificates: agreed } : {}),
    ...(options.confirmFewTries === true ? { confirmedFewTries: true } : {}),
  });
  return finished(context, await followDeed(context, begun));
}

function findPending(items: readonly PendingWriting[], order: string): PendingWriting {
  const matches = items.filter((item) => item.orderNumber === order || item.requestId === order);
  const [only, second] = matches;
  if (only === undefined) throw new AppError('NOT_FOUND', { order });
  // An order may have several lines; which one is meant cannot be guessed.
  if (second !== undefined) throw new AppError('USAGE', { order, orderLines: matches.map(({ requestId }) => requestId) });
  return only;
}

/** Fingerprints of the certificates on the key that the person agrees to keep; the engine refuses when one is not among them. */
async function agreedCertificates(context: CommandContext, token: TokenSummary, keepExisting: boolean): Promise<string[]> {
  if (token.certificates.length === 0) return [];
  const named = token.certificates.map((certificate) => `  ${certificate.subjectCommonName} · ${certificate.notAfterUtc} · ${certificate.sha256Hex.slice(0, 16)}`);
  const agreed = keepExisting || (await confirm(context, [context.say('promptKeep'), ...named]));
  return agreed ? token.certificates.map(({ sha256Hex }) => sha256Hex) : [];
}

export async function resumeDeed(context: CommandContext, deedId: string, options: PinOptions & { code?: string; newPinFd?: number; loseBid?: string }): Promise<CommandResult> {
  await requireSignIn(context);
  const deed = await context.engine.call('writing.get', { deedId });
  const authorizationCode = options.code ?? (deed.codeNeeded === true ? await askCode(context, undefined) : undefined);
  const input = { deedId, ...(await pinsFor(context, deed, options)), ...(authorizationCode === undefined ? {} : { authorizationCode }), ...(options.confirmFewTries === true ? { confirmedFewTries: true } : {}) };
  return finished(context, await followDeed(context, await goOnOverLedger(context, input, options)));
}

/** Only when the ledger's answer has become worse since the deed began is the person asked again. */
async function goOnOverLedger(context: CommandContext, input: DesktopInput<'writing.resume'>, options: PinOptions & { loseBid?: string }): Promise<Deed> {
  try {
    return await context.engine.call('writing.resume', input);
  } catch (thrown) {
    if (!(thrown instanceof AppError && thrown.code === 'LEDGER_WOULD_LOSE')) throw thrown;
    const question = await context.engine.call('writing.ledgerQuestion', { deedId: input.deedId });
    const ledgerAnswer = question === null ? undefined : await askLedger(context, question, options);
    return await context.engine.call('writing.resume', { ...input, ...(ledgerAnswer === undefined ? {} : { ledgerAnswer }) });
  }
}

/** An unlock that was cut off before the new PIN was set asks for that one; `--new-pin-fd` sets it anew at any time. */
async function pinsFor(context: CommandContext, deed: Deed, options: PinOptions & { newPinFd?: number }): Promise<{ pin?: string; newPin?: string }> {
  if (deed.pinNeeded === 'none') return {};
  if (deed.pinNeeded === 'new-pin' || options.newPinFd !== undefined) return { newPin: await askNewPin(context, options.newPinFd) };
  return { pin: await askPin(context, options.pinFd, null) };
}

export async function cancelDeed(context: CommandContext, deedId: string, options: PinOptions): Promise<CommandResult> {
  await requireSignIn(context);
  const pin = options.pinFd === undefined && !context.terminal.interactive ? undefined : await askPin(context, options.pinFd, null);
  const deed = await context.engine.call('writing.cancel', pin === undefined ? { deedId } : { deedId, pin });
  return { value: deed, lines: deedLines(context, deed) };
}

/** A deed that stopped before its end leaves as its error, so that the exit code tells. */
export function finished(context: CommandContext, deed: Deed): CommandResult {
  if (deed.state === 'completed') return { value: deed, lines: [deed.kind === 'new-issue' ? context.say('written', { remaining: deed.remainingQuantity ?? '-' }) : context.say('deedDone')] };
  if (deed.state === 'interrupted') context.terminal.note(context.say('goOn', { deed: deed.id }));
  const error = deed.error === null ? new AppError('DEED_STATE', { step: deed.step, state: deed.state }) : fromErrorData(deed.error);
  throw withDeed(error, deed.id);
}

/** Scripts go on from the error alone. */
function withDeed(error: AppError, deedId: string): AppError {
  const named = new AppError(error.code, { ...error.details, deedId });
  if (error.traceId !== undefined) named.traceId = error.traceId;
  return named;
}

export async function changePin(context: CommandContext, options: PinOptions & { key: string; newPinFd?: number }): Promise<CommandResult> {
  const token = await findKey(context.engine, options.key);
  const oldPin = await askPin(context, options.pinFd, token.pin);
  const newPin = await askNewPin(context, options.newPinFd);
  const pin = await context.engine.call('tokens.changePin', { token: token.ref, oldPin, newPin, ...(options.confirmFewTries === true ? { confirmedFewTries: true } : {}) });
  return { value: pin, lines: [context.say('pinChanged')] };
}

export interface LogInOptions {
  readonly key?: string;
  readonly account?: string;
  readonly pinFd?: number;
  readonly confirmFewTries?: boolean;
}

/** By name and password, or by the key and its PIN. */
export async function logIn(context: CommandContext, options: LogInOptions): Promise<CommandResult> {
  if (options.key !== undefined) return logInByKey(context, options.key, options);
  const loginName = await signIn(context);
  return { value: { loginName }, lines: [context.say('loggedIn', { name: loginName })] };
}

async function logInByKey(context: CommandContext, wanted: string, { account, pinFd, confirmFewTries }: LogInOptions): Promise<CommandResult> {
  const { ref, pin } = await findKey(context.engine, wanted);
  const { loginName } = await context.engine.call('session.logInByKey', {
    token: ref, pin: await askPin(context, pinFd, pin), ...(account === undefined ? {} : { accountId: account }), ...(confirmFewTries === true ? { confirmedFewTries: true } : {}),
  });
  return { value: { loginName }, lines: [context.say('loggedIn', { name: loginName })] };
}

export async function logOut({ engine, say }: CommandContext): Promise<CommandResult> {
  await engine.call('session.logOut', undefined);
  return { value: null, lines: [say('loggedOut')] };
}

function missing(option: string): never {
  throw new AppError('USAGE', { missing: option });
}
