/** What a route is: a row of the REST contract and the one deed behind it. The edge (`serve-route.ts`) does the rest for all of them alike. */
import { CA_CONTRACT, type CaContract, type CaEndpointName } from '#shared/contract/rest/ca-contract.ts';
import type { Endpoint, EndpointBody, EndpointParams, EndpointQuery, EndpointResponse } from '#shared/contract/rest/endpoint.ts';
import type { Caller } from '../caller.ts';
import type { OnceCall } from '../once/idempotency-port.ts';
import type { CaPorts } from '../ports.ts';

export interface RouteCall<E extends Endpoint> {
  readonly ports: CaPorts;
  readonly params: EndpointParams<E>;
  readonly query: EndpointQuery<E>;
  readonly body: EndpointBody<E>;
  /** Present where the contract asks for a signed-in account. */
  readonly caller: E['access'] extends 'account' | 'staff' ? Caller : null;
  /** Present where the contract asks for an Idempotency-Key. */
  readonly once: E extends { readonly idempotent: true } ? OnceCall : null;
}

/** A call whose parts have been checked against the contract, before the types of one endpoint are put on it. */
export type CheckedCall = { readonly [part in keyof RouteCall<Endpoint>]: unknown };

export interface Route {
  readonly name: CaEndpointName;
  readonly endpoint: Endpoint;
  run(call: CheckedCall): Promise<unknown>;
}

/** As tables, so that the compiler works out one row at a time (a conditional type over all of them is too deep for it). */
type RouteCalls = { [N in CaEndpointName]: RouteCall<CaContract[N]> };
type RouteAnswers = { [N in CaEndpointName]: EndpointResponse<CaContract[N]> };

export function route<N extends CaEndpointName>(name: N, deed: (call: RouteCalls[N]) => Promise<RouteAnswers[N]>): Route {
  return {
    name,
    endpoint: CA_CONTRACT[name],
    // The parts were checked against the schemas from which the deed's types are made.
    run: deed as unknown as Route['run'],
  };
}

const DEFAULT_PAGE = 20;

/** The page that a query asks for. */
export function pageAsked(query: { limit?: number; after?: string }): { limit: number; after: string | undefined } {
  return { limit: query.limit ?? DEFAULT_PAGE, after: query.after };
}
