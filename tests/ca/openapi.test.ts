/** The OpenAPI document: what the service answers is what is committed, every schema in it is a JSON Schema, every reference leads somewhere, and it says what the edge demands. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CA_CONTRACT } from '#shared/contract/rest/ca-contract.ts';
import { checkOpenApi } from '../../tools/check/openapi.ts';
import { testCa, type TestCa } from './support/test-ca.ts';

interface Operation {
  readonly operationId: string;
  readonly security: readonly object[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean; readonly schema: object }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: object }>> }>>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

let ca: TestCa;
let served: Document;
let operations: { path: string; method: string; operation: Operation }[];
beforeAll(async () => {
  ca = await testCa();
  served = (await (await ca.raw('/openapi.json')).json()) as Document;
  operations = Object.entries(served.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));
});
afterAll(() => ca.stop());

describe('OpenAPI', () => {
  it('ok: the committed document is the one that the contract makes, and the one that is served', async () => {
    expect(await checkOpenApi()).toEqual([]);
    const committed = JSON.parse(await readFile(new URL('../../docs/openapi.json', import.meta.url), 'utf8')) as Document;
    expect(served.paths).toEqual(committed.paths);
    expect(served.components).toEqual(committed.components);
    expect(served.openapi).toBe('3.1.0');
  });

  it('ok: every endpoint stands in it once, and path parameters match their path', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const name of Object.keys(CA_CONTRACT)) expect(ids).toContain(name);
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path').map(({ name }) => name).sort();
      expect(declared, path).toEqual(inPath);
    }
  });

  it('ok: every schema is one of JSON Schema 2020-12 with its references resolved', () => {
    const ajv = new Ajv2020({ strict: false });
    ajv.addSchema({ $id: 'https://ca.invalid/openapi.json', components: served.components });
    const absolute = (schema: object) => JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"https://ca.invalid/openapi.json#/components')) as object;
    const schemas = operations.flatMap(({ operation }) => [
      ...(operation.parameters ?? []).map(({ schema }) => schema),
      ...Object.values(operation.requestBody?.content ?? {}).map(({ schema }) => schema),
      ...Object.values(operation.responses).flatMap(({ content }) => Object.values(content ?? {}).flatMap(({ schema }) => (schema === undefined ? [] : [schema]))),
    ]);
    expect(schemas.length).toBeGreaterThan(100);
    for (const schema of schemas) expect(() => ajv.compile(absolute(schema))).not.toThrow();
  });

  it('ok: says which calls need a token and which an Idempotency-Key, as the edge demands', async () => {
    for (const [name, endpoint] of Object.entries(CA_CONTRACT)) {
      const operation = operations.find(({ operation: { operationId } }) => operationId === name)?.operation;
      const signedIn = endpoint.access === 'account' || endpoint.access === 'staff';
      expect(operation?.security.length === 1, name).toBe(signedIn);
      const demandsKey = operation?.parameters?.some((parameter) => parameter.name === 'Idempotency-Key' && parameter.required) ?? false;
      expect(demandsKey, name).toBe('idempotent' in endpoint);
      if (signedIn) expect((await ca.raw(endpoint.path.replaceAll(/:\w+/g, 'abcdefgh'), { method: endpoint.method })).status, name).toBe(401);
    }
  });
});
