/** Parsing by schema: parameters, query and body of a call, checked against the contract. Unknown fields are refused; only the query turns text into numbers. */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { TSchema } from '#shared/contract/schema.ts';
import type { Endpoint } from '#shared/contract/rest/endpoint.ts';
import { AppError } from '#shared/errors/app-error.ts';

/** An INPUT_INVALID that says which field; becomes `errors[]` of the problem document. */
export class InputError extends AppError {
  readonly fields: readonly { pointer: string; message: string }[];

  constructor(fields: readonly { pointer: string; message: string }[]) {
    super('INPUT_INVALID');
    this.fields = fields;
  }
}

export interface InputParser {
  params(value: unknown): unknown;
  query(value: unknown): unknown;
  body(value: unknown): unknown;
}

const exact = new Ajv({ strict: false, allErrors: false });
const fromText = new Ajv({ strict: false, allErrors: false, coerceTypes: true });

export function inputParser(endpoint: Endpoint): InputParser {
  return {
    params: checker(exact, endpoint.params, '/path'),
    query: checker(fromText, endpoint.query, '/query'),
    body: checker(exact, endpoint.body, ''),
  };
}

function checker(ajv: Ajv, schema: TSchema | undefined, base: string): (value: unknown) => unknown {
  if (schema === undefined) return (value) => (isNothing(value) ? undefined : refuseField(base, 'nothing is expected here'));
  const validate: ValidateFunction = ajv.compile(withoutIds(schema));
  return (value) => (validate(value) ? value : refuseField(`${base}${pointerOf(validate.errors?.[0])}`, validate.errors?.[0]?.message ?? 'is not valid'));
}

function refuseField(pointer: string, message: string): never {
  throw new InputError([{ pointer, message }]);
}

/** For a missing or unknown member the pointer names the member, not the object around it. */
function pointerOf(error: ErrorObject | undefined): string {
  const params = (error?.params ?? {}) as { missingProperty?: string; additionalProperty?: string };
  const member = params.missingProperty ?? params.additionalProperty;
  return `${error?.instancePath ?? ''}${member === undefined ? '' : `/${member.slice(0, 64)}`}`;
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

/** Named schemas stand inside others several times; a validator would take each name for a second definition. */
export function withoutIds(schema: TSchema): object {
  return JSON.parse(JSON.stringify(schema), (name, value: unknown) => (name === '$id' && typeof value === 'string' ? undefined : value)) as object;
}
