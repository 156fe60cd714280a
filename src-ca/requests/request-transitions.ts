/**
 * The states of a request and what may happen in each, for every kind: the whole table (kind × state × event × actor → state). Every change of
 * `requests.state` goes through it. Prose and the same table for readers: docs/spec/requests.md.
 */
import type { RequestKind } from '#shared/contract/rest/orders.ts';
import { REQUEST_KINDS } from '#shared/contract/rest/orders.ts';
import type { RequestActor, RequestState } from '#shared/contract/rest/requests.ts';
import { AppError } from '#shared/errors/app-error.ts';

export const REQUEST_EVENTS = [
  'order', 'draft', 'submit', 'withdraw', 'claim', 'release-claim', 'approve', 'reject', 'ask-payment', 'pay', 'send-code', 'begin-writing', 'give-up-one', 'give-writing-up',
  'finish-one', 'finish-writing', 'confirm-by-key', 'confirm-by-code', 'carry-out', 'cancel', 'cancel-rest', 'cancel-by-staff', 'expire', 'expire-rest', 'pay-late',
] as const;
export type RequestEvent = (typeof REQUEST_EVENTS)[number];

export interface RequestTransition {
  readonly kinds: readonly RequestKind[];
  readonly from: RequestState | null;
  readonly event: RequestEvent;
  readonly by: readonly RequestActor[];
  readonly to: RequestState;
}

const ALL = REQUEST_KINDS;
/** Ended or suspended by the holder's own word, without review. */
const AT_ONCE = ['revocation', 'suspension'] as const satisfies readonly RequestKind[];
/** Carried out on a key with an authorization code. */
const ON_A_KEY = ['new-issue', 'renewal', 'change', 'unlock', 'reissue', 'key-recovery'] as const satisfies readonly RequestKind[];
/** What the tool has begun of these nobody but that tool can end, and it may be lost. */
const BEGUN_BY_ONE_TOOL = ['unlock', 'key-recovery'] as const satisfies readonly RequestKind[];
/** May have a price. */
const PRICED = ['new-issue', 'renewal', 'change', 'unlock', 'reissue'] as const satisfies readonly RequestKind[];
const REVIEWED = [...ON_A_KEY, 'release'] as const satisfies readonly RequestKind[];

const row = (kinds: readonly RequestKind[], from: RequestState | null, event: RequestEvent, by: RequestActor | readonly RequestActor[], to: RequestState): RequestTransition => ({ kinds, from, event, by: typeof by === 'string' ? [by] : by, to });

export const REQUEST_TRANSITIONS: readonly RequestTransition[] = [
  // Beginning. A new issue that is ordered needs no review: what is bought is on the price list.
  row(ALL, null, 'draft', 'applicant', 'draft'),
  row(['new-issue'], null, 'order', 'applicant', 'awaiting-payment'),
  row(REVIEWED, 'draft', 'submit', 'applicant', 'submitted'),
  row(REVIEWED, 'rejected', 'submit', 'applicant', 'submitted'),
  row(AT_ONCE, 'draft', 'submit', 'applicant', 'submitted'),
  row(REVIEWED, 'draft', 'withdraw', 'applicant', 'withdrawn'),
  row(REVIEWED, 'submitted', 'withdraw', 'applicant', 'withdrawn'),
  row(REVIEWED, 'rejected', 'withdraw', 'applicant', 'withdrawn'),
  row(AT_ONCE, 'draft', 'withdraw', 'applicant', 'withdrawn'),
  row(AT_ONCE, 'code-sent', 'withdraw', 'applicant', 'withdrawn'),
  // Review.
  row(REVIEWED, 'submitted', 'claim', 'staff', 'in-review'),
  row(REVIEWED, 'in-review', 'release-claim', 'staff', 'submitted'),
  row(REVIEWED, 'in-review', 'approve', 'staff', 'approved'),
  row(REVIEWED, 'in-review', 'reject', 'staff', 'rejected'),
  // Payment and code.
  row(PRICED, 'approved', 'ask-payment', 'system', 'awaiting-payment'),
  row(PRICED, 'awaiting-payment', 'pay', 'system', 'paid'),
  row(PRICED, 'paid', 'send-code', 'system', 'code-sent'),
  row(ON_A_KEY, 'approved', 'send-code', 'system', 'code-sent'),
  row(AT_ONCE, 'submitted', 'send-code', 'system', 'code-sent'),
  // Writing. With several keys the request is in writing from the first begun key to the last completed one.
  row(ON_A_KEY, 'code-sent', 'begin-writing', 'tool', 'writing'),
  row(['new-issue'], 'writing', 'begin-writing', 'tool', 'writing'),
  row(ON_A_KEY, 'writing', 'give-writing-up', 'tool', 'code-sent'),
  row(['new-issue'], 'writing', 'give-up-one', 'tool', 'writing'),
  row(['new-issue'], 'writing', 'finish-one', 'tool', 'writing'),
  row(ON_A_KEY, 'writing', 'finish-writing', 'tool', 'completed'),
  // The holder's own word, and what staff approved without a key.
  row(AT_ONCE, 'draft', 'confirm-by-key', 'tool', 'completed'),
  row(AT_ONCE, 'code-sent', 'confirm-by-key', 'tool', 'completed'),
  row(AT_ONCE, 'code-sent', 'confirm-by-code', 'applicant', 'completed'),
  row(['release'], 'approved', 'carry-out', 'system', 'completed'),
  // Giving up. What was paid for keys that are not written is given back.
  row(PRICED, 'awaiting-payment', 'cancel', 'applicant', 'cancelled'),
  row(ON_A_KEY, 'code-sent', 'cancel', 'applicant', 'cancelled'),
  row(['key-recovery'], 'approved', 'cancel', 'applicant', 'cancelled'),
  row(['new-issue'], 'writing', 'cancel-rest', 'applicant', 'completed'),
  row(BEGUN_BY_ONE_TOOL, 'writing', 'cancel-by-staff', 'staff', 'cancelled'),
  // The clock.
  row(ALL, 'draft', 'expire', 'system', 'expired'),
  row(REVIEWED, 'rejected', 'expire', 'system', 'expired'),
  row(PRICED, 'awaiting-payment', 'expire', 'system', 'expired'),
  row(['key-recovery'], 'approved', 'expire', 'system', 'expired'),
  row([...ON_A_KEY, ...AT_ONCE], 'code-sent', 'expire', 'system', 'expired'),
  row(['new-issue'], 'writing', 'expire-rest', 'system', 'completed'),
  // Money that was on its way when the order ended: it is taken, and given back at once.
  row(PRICED, 'cancelled', 'pay-late', 'system', 'cancelled'),
  row(PRICED, 'expired', 'pay-late', 'system', 'expired'),
];

/** @throws REQUEST_STATE when the table has no such row */
export function nextRequestState(kind: RequestKind, from: RequestState | null, event: RequestEvent, actor: RequestActor): RequestState {
  const found = REQUEST_TRANSITIONS.find((transition) => transition.from === from && transition.event === event && transition.kinds.includes(kind) && transition.by.includes(actor));
  if (found === undefined) throw new AppError('REQUEST_STATE', { state: from, event, kind });
  return found.to;
}

/** Under way: a key has one request of a sort in these. A draft is not yet, and what has ended is no longer. */
export const OPEN_STATES: readonly RequestState[] = ['submitted', 'in-review', 'approved', 'awaiting-payment', 'paid', 'code-sent', 'writing'];
export const ENDED_STATES: readonly RequestState[] = ['completed', 'withdrawn', 'expired', 'cancelled'];
/** The applicant may still change it. */
export const EDITABLE_STATES: readonly RequestState[] = ['draft', 'rejected'];
