/** Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): the same key gets the same answer, and the deed happens once. Key and answer are stored in the deed's own transaction. */
import { AppError } from '#shared/errors/app-error.ts';
import type { Clock } from '../clock.ts';
import { KeptRefusal, type Transactions } from '../transactions.ts';
import type { IdempotencyRecords, OnceCall } from './idempotency-port.ts';

export interface OncePorts<Scope> {
  readonly transactions: Transactions<Scope & { idempotency: IdempotencyRecords }>;
  readonly clock: Clock;
  readonly callsInFlight: CallsInFlight;
}

/** Calls being carried out right now, by account and key. One service per data folder, so memory is enough; the unique index of the store stands behind it. */
export class CallsInFlight {
  readonly #calls = new Set<string>();

  /** @throws IDEMPOTENCY_IN_FLIGHT */
  async hold<T>(call: OnceCall, work: () => Promise<T>): Promise<T> {
    const name = `${call.accountId}\n${call.idempotencyKey}`;
    if (this.#calls.has(name)) throw new AppError('IDEMPOTENCY_IN_FLIGHT');
    this.#calls.add(name);
    try {
      return await work();
    } finally {
      this.#calls.delete(name);
    }
  }
}

/**
 * Refusals are not stored: nothing was spent, so after mending what was refused the caller may use a new key, or repeat the same request.
 * The answer of the deed must hold no secret, for it is kept.
 * @throws IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_FLIGHT, and what the deed refuses
 */
export function callOnce<Scope, T>(ports: OncePorts<Scope>, call: OnceCall, deed: (scope: Scope) => Promise<T | KeptRefusal>): Promise<T> {
  return ports.callsInFlight.hold(call, () => carryOut(ports, call, deed));
}

/** As above, for a deed that needs something outside of the records first: a call that is answered already does not do it again. */
export function prepareAndCallOnce<Scope, T>(ports: OncePorts<Scope>, call: OnceCall, prepare: () => Promise<void>, deed: (scope: Scope) => Promise<T | KeptRefusal>): Promise<T> {
  return ports.callsInFlight.hold(call, async () => {
    const kept = await ports.transactions.read(({ idempotency }) => keptAnswer(idempotency, call));
    if (kept !== null) return JSON.parse(kept) as T;
    await prepare();
    return await carryOut(ports, call, deed);
  });
}

function carryOut<Scope, T>(ports: OncePorts<Scope>, call: OnceCall, deed: (scope: Scope) => Promise<T | KeptRefusal>): Promise<T> {
  return ports.transactions.write<T>(async (scope) => {
    const kept = await keptAnswer(scope.idempotency, call);
    if (kept !== null) return JSON.parse(kept) as T;
    const answer = await deed(scope);
    if (!(answer instanceof KeptRefusal)) await scope.idempotency.insert({ ...call, responseJson: JSON.stringify(answer), createdAtMs: ports.clock().getTime() });
    return answer;
  });
}

/** As JSON; null when the call was not answered yet. @throws IDEMPOTENCY_KEY_REUSED */
async function keptAnswer(idempotency: IdempotencyRecords, call: OnceCall): Promise<string | null> {
  const before = await idempotency.find(call.accountId, call.idempotencyKey);
  if (before !== null && before.requestMacHex !== call.requestMacHex) throw new AppError('IDEMPOTENCY_KEY_REUSED');
  return before?.responseJson ?? null;
}
