/** OpenAPI 3.1 made from the REST contract: TypeBox schemas are JSON Schema, so what stands here is exactly what the edge checks. Named schemas become components. */
import { CA_CONTRACT } from '#shared/contract/rest/ca-contract.ts';
import type { Endpoint } from '#shared/contract/rest/endpoint.ts';
import { Problem, PROBLEM_MEDIA_TYPE } from '#shared/contract/rest/problem.ts';
import type { TSchema } from '#shared/contract/schema.ts';
import { ERROR_TABLE, type ErrorCode } from '#shared/errors/error-table.ts';
import { PLAIN_ADDRESSES } from './plain-addresses.ts';

type Json = { [name: string]: unknown };

export interface OpenApiOperation extends Json {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
}

export interface OpenApiDocument extends Json {
  readonly openapi: '3.1.0';
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: { readonly schemas: Json; readonly securitySchemes: Json };
}

/** Codes that every endpoint of this kind can answer with, beside those of its row. */
const GENERAL_CODES: readonly ErrorCode[] = ['INPUT_INVALID', 'RATE_LIMITED', 'FORBIDDEN', 'INTERNAL'];
const BODY_CODES: readonly ErrorCode[] = ['INPUT_TOO_LARGE', 'MEDIA_TYPE_UNSUPPORTED'];

const DESCRIPTION = `REST service of a certificate authority for UKeys with dual certificates.

Every refusal is a problem document (RFC 9457) with a \`code\` of the error table; \`/docs/errors\` explains each. Calls that spend or issue carry an \`Idempotency-Key\`; lists are read with opaque cursors.`;

export function buildOpenApi(version: string): OpenApiDocument {
  const schemas: Json = {};
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const [name, endpoint] of Object.entries(CA_CONTRACT)) {
    const path = endpoint.path.replaceAll(/:([A-Za-z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operationOf(name, endpoint, schemas) };
  }
  referTo(Problem, schemas);
  for (const { path, method, ...operation } of PLAIN_ADDRESSES) paths[path] = { ...paths[path], [method]: operation };
  return {
    openapi: '3.1.0',
    info: { title: 'BidKey CA service', version, description: DESCRIPTION, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    tags: [...new Set(Object.values(paths).flatMap((methods) => Object.values(methods).flatMap(({ tags }) => tags)))].map((name) => ({ name })),
    paths,
    components: { schemas, securitySchemes: { accessToken: { type: 'http', scheme: 'bearer', description: 'access token of a session; lives 15 minutes' } } },
  };
}

function operationOf(name: string, endpoint: Endpoint, schemas: Json): OpenApiOperation {
  const parameters = [...parametersOf(endpoint.params, 'path', schemas), ...parametersOf(endpoint.query, 'query', schemas), ...(endpoint.idempotent ? [IDEMPOTENCY_HEADER] : [])];
  return {
    operationId: name,
    summary: endpoint.summary,
    tags: [endpoint.tag],
    ...(endpoint.access === 'staff' ? { description: 'CA staff only.' } : {}),
    security: endpoint.access === 'account' || endpoint.access === 'staff' ? [{ accessToken: [] }] : [],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(endpoint.body ? { requestBody: { required: true, content: { 'application/json': { schema: referTo(endpoint.body, schemas) } } } } : {}),
    responses: { [endpoint.status]: successOf(endpoint, schemas), ...problemsOf(endpoint) },
  };
}

const IDEMPOTENCY_HEADER = {
  name: 'Idempotency-Key', in: 'header', required: true, schema: { type: 'string', pattern: '^[\\x21-\\x7e]{8,128}$' },
  description: 'a fresh value for each deed; the same value again gets the same answer and the deed happens once',
};

function parametersOf(schema: Endpoint['params'], place: 'path' | 'query', schemas: Json): Json[] {
  const required: readonly string[] = schema?.required ?? [];
  return Object.entries(schema?.properties ?? {}).map(([name, property]) => ({ name, in: place, required: place === 'path' || required.includes(name), schema: referTo(property, schemas) }));
}

function successOf(endpoint: Endpoint, schemas: Json): Json {
  if (endpoint.response === null) return { description: 'done' };
  return { description: 'done', content: { 'application/json': { schema: referTo(endpoint.response, schemas) } } };
}

function codesOf(endpoint: Endpoint): readonly ErrorCode[] {
  const signedIn: readonly ErrorCode[] = endpoint.access === 'account' || endpoint.access === 'staff' ? ['UNAUTHENTICATED'] : [];
  return [...new Set<ErrorCode>([...GENERAL_CODES, ...(endpoint.body ? BODY_CODES : []), ...signedIn, ...endpoint.errors])];
}

/** One response per status, naming the codes that come with it. */
function problemsOf(endpoint: Endpoint): Json {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codesOf(endpoint)) byStatus.set(ERROR_TABLE[code].status, [...(byStatus.get(ERROR_TABLE[code].status) ?? []), code]);
  const rows = [...byStatus].sort(([a], [b]) => a - b);
  return Object.fromEntries(rows.map(([status, codes]) => [String(status), { description: codes.sort().join(', '), content: { [PROBLEM_MEDIA_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } } }]));
}

/** The schema with every named part replaced by a reference; the named parts are gathered on the way. */
function referTo(schema: TSchema, schemas: Json): unknown {
  return gather(JSON.parse(JSON.stringify(schema)) as unknown, schemas);
}

function gather(value: unknown, schemas: Json): unknown {
  if (Array.isArray(value)) return value.map((part) => gather(part, schemas));
  if (typeof value !== 'object' || value === null) return value;
  const { $id, ...rest } = value as { $id?: unknown };
  const plain = Object.fromEntries(Object.entries(rest).map(([name, part]) => [name, gather(part, schemas)]));
  if (typeof $id !== 'string') return plain;
  schemas[$id] = plain;
  return { $ref: `#/components/schemas/${$id}` };
}
