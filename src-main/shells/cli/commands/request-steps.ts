/**
 * The way of a request from the command line, one step at a time: what is missing is asked for, what is ready is carried out, and what others have to do – review,
 * payment – is said. Called again, a command goes on from where its request stands.
 */
import type { LedgerAnswer } from '#shared/contract/desktop/ledger.ts';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import type { RequestKind } from '#shared/contract/rest/orders.ts';
import { REVOCATION_REASONS, type Request, type RequestDraft, type RevocationReason } from '#shared/contract/rest/requests.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { askCode, askPin, confirm } from '../ask.ts';
import type { CommandContext, CommandResult } from '../command.ts';

export interface PinOptions {
  readonly pinFd?: number;
  readonly confirmFewTries?: boolean;
}

export interface RequestOptions extends PinOptions {
  readonly code?: string;
  readonly acceptRisk?: boolean;
  /** The name of a tender whose bid would be lost, typed by the person. */
  readonly loseBid?: string;
}

/** A key in the hands of one command: its PIN is asked for once. */
export interface KeyInHand {
  readonly token: TokenSummary;
  readonly tokenModelId: string;
  pin(): Promise<string>;
}

export function takeKey(context: CommandContext, token: TokenSummary, options: PinOptions & { readonly model?: string }): KeyInHand {
  let asked: Promise<string> | null = null;
  const tokenModelId = options.model ?? token.modelId;
  if (tokenModelId === null) throw new AppError('USAGE', { missing: '--model' });
  return { token, tokenModelId, pin: () => (asked ??= askPin(context, options.pinFd, token.pin)) };
}

const ENDED: readonly Request['state'][] = ['completed', 'withdrawn', 'expired', 'cancelled'];
const MAX_PAGES = 100;

/** The request of that kind that is under way. @returns null when there is none */
export async function findOpenRequest({ engine }: CommandContext, kind: RequestKind, matches: (request: Request) => boolean): Promise<Request | null> {
  let after: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { items, next } = await engine.call('requests.list', { kind, limit: 100, ...(after === undefined ? {} : { after }) });
    const found = items.find((request) => !ENDED.includes(request.state) && matches(request));
    if (found) return found;
    if (next === null) return null;
    after = next;
  }
  return null;
}

export interface Pursuit {
  readonly options: RequestOptions;
  readonly request: Request | null;
  draft(): Promise<RequestDraft>;
  /** Materials, and whatever else has to be there before it is submitted. */
  complete?(request: Request): Promise<Request>;
  /** Whose signature accepts the risk notice; null when the kind has none. */
  readonly riskNoticeKey: KeyInHand | null;
  carryOut(request: Request, authorizationCode: string): Promise<CommandResult>;
}

/** Does everything that can be done now. */
export async function pursue(context: CommandContext, pursuit: Pursuit): Promise<CommandResult> {
  let request = pursuit.request ?? (await context.engine.call('requests.create', { draft: await pursuit.draft() }));
  if (request.state === 'draft' || request.state === 'rejected') {
    if (pursuit.complete) request = await pursuit.complete(request);
    if (pursuit.riskNoticeKey && request.riskNoticeAcceptedAtUtc === null) request = await acceptRiskNotice(context, request, pursuit.riskNoticeKey, pursuit.options);
    request = await context.engine.call('requests.submit', { requestId: request.id });
  }
  if (request.state === 'awaiting-payment') return awaitPayment(context, request);
  if (request.state !== 'code-sent' && request.state !== 'writing') return showRequest(context, request);
  return pursuit.carryOut(request, await askCode(context, pursuit.options.code));
}

async function acceptRiskNotice(context: CommandContext, request: Request, key: KeyInHand, options: RequestOptions): Promise<Request> {
  const { engine, terminal, say } = context;
  const notice = await engine.call('requests.riskNotice', undefined);
  for (const line of [notice.title, ...notice.paragraphs]) terminal.note(line);
  if (options.acceptRisk !== true && !(await confirm(context, [say('promptRisk')]))) throw new AppError('USAGE', { missing: '--accept-risk' });
  return engine.call('requests.acceptRiskNotice', { requestId: request.id, noticeVersion: notice.version, token: key.token.ref, pin: await key.pin(), ...fewTries(options) });
}

async function awaitPayment(context: CommandContext, request: Request): Promise<CommandResult> {
  if (request.orderId === null) return showRequest(context, request);
  const payment = await context.engine.call('orders.startPayment', { orderId: request.orderId });
  return { value: { request, payment }, lines: [...requestLines(context, request), context.say('payAt', { yuan: (payment.amountFen / 100).toFixed(2), url: payment.checkoutUrl })] };
}

/** What the ledger of sealed bids says, shown; a loss has to be confirmed by the tender's name. @returns undefined when nothing is lost */
export async function askLedger(context: CommandContext, question: DesktopInput<'ledger.assess'>, options: RequestOptions): Promise<LedgerAnswer | undefined> {
  const { engine, terminal, say } = context;
  const { assessmentId, verdict, bids, confirmationText } = await engine.call('ledger.assess', question);
  if (verdict === 'safe') return undefined;
  for (const bid of bids) terminal.note(say(bid.lost ? 'bidLost' : 'bidKept', { tender: bid.tenderName, time: bid.openingTimeUtc ?? '-' }));
  if (confirmationText === null) return undefined;
  const typed = options.loseBid ?? (terminal.interactive ? await terminal.ask(say('promptLoseBid')) : undefined);
  if (typed === undefined) throw new AppError('USAGE', { missing: '--lose-bid' });
  return { assessmentId, typedConfirmation: typed };
}

/** Of the certificates that end. @throws USAGE */
export function reasonOf(reason: string | undefined): RevocationReason {
  const found = REVOCATION_REASONS.find((one) => one === (reason ?? 'unspecified'));
  if (found === undefined) throw new AppError('USAGE', { option: '--reason', reasons: [...REVOCATION_REASONS] });
  return found;
}

export const fewTries = ({ confirmFewTries }: PinOptions) => (confirmFewTries === true ? { confirmedFewTries: true } : {});

export const showRequest = (context: CommandContext, request: Request): CommandResult => ({ value: request, lines: requestLines(context, request) });

export function requestLines({ say }: CommandContext, request: Request): string[] {
  return [
    `${say('request')}: ${request.number}`,
    `  ${say('requestKind')}: ${say(`kind-${request.kind}`)}`,
    `  ${say('state')}: ${say(`requestState-${request.state}`)}`,
    `  ${say('requestId')}: ${request.id}`,
    `  ${say('project')}: ${request.projectName}`,
    ...(request.tokenSerial === null ? [] : [`  ${say('serial')}: ${request.tokenSerial}`]),
    ...(request.certificateSubject === null ? [] : [`  ${say('certificates')}: ${request.certificateSubject}`]),
    ...(request.rejectionReason === null ? [] : [`  ${say('rejectionReason')}: ${request.rejectionReason}`]),
    ...(request.codeExpiresAtUtc === null ? [] : [`  ${say('codeExpires')}: ${request.codeExpiresAtUtc}`]),
  ];
}
