/** What an endpoint of the CA REST service is, as data: routes, client and OpenAPI are all made from it. */
import type { Static, TObject, TSchema } from '@sinclair/typebox';
import type { ErrorCode } from '../../errors/error-table.ts';

/** Who may call: anyone; a signed-in account; CA staff; only while the sandbox is on. */
export type EndpointAccess = 'public' | 'account' | 'staff' | 'sandbox';

export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Fastify-style path, `:name` for parameters. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly access: EndpointAccess;
  /** Header Idempotency-Key is required (draft-ietf-httpapi-idempotency-key-header): on everything that spends or issues. */
  readonly idempotent?: true;
  readonly params?: TObject;
  readonly query?: TObject;
  readonly body?: TSchema;
  /** Where the body may be larger than elsewhere. */
  readonly maxBodyBytes?: number;
  /** Success status and its body; a body of `null` means none (204). */
  readonly status: 200 | 201 | 202 | 204;
  readonly response: TSchema | null;
  /** Codes that this endpoint adds to the general ones (input, sign-in, limits). */
  readonly errors: readonly ErrorCode[];
}

/** Keeps the exact types of one row. */
export const endpoint = <const E extends Endpoint>(row: E): E => row;

type StaticOf<S> = S extends TSchema ? Static<S> : undefined;
export type EndpointParams<E extends Endpoint> = StaticOf<E['params']>;
export type EndpointQuery<E extends Endpoint> = StaticOf<E['query']>;
export type EndpointBody<E extends Endpoint> = StaticOf<E['body']>;
export type EndpointResponse<E extends Endpoint> = E extends { readonly response: infer S extends TSchema } ? Static<S> : void;
