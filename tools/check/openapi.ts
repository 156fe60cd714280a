/** Whether docs/openapi.json and the generated tables in docs/spec are what the REST contract makes today, and whether every reference leads somewhere. `--write` writes both. */
import { readFileSync, writeFileSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import packageFile from '../../package.json' with { type: 'json' };
import { CA_CONTRACT } from '../../src-shared/contract/rest/ca-contract.ts';
import type { Endpoint } from '../../src-shared/contract/rest/endpoint.ts';
import { REQUEST_KINDS } from '../../src-shared/contract/rest/orders.ts';
import { AUDIT_EVENTS } from '../../src-ca/audit/audit-events.ts';
import { ISSUANCE_TRANSITIONS } from '../../src-ca/issuance/issuance-states.ts';
import { buildOpenApi } from '../../src-ca/openapi/build-openapi.ts';
import { ORDER_TRANSITIONS } from '../../src-ca/orders/order-states.ts';
import { REQUEST_TRANSITIONS } from '../../src-ca/requests/request-transitions.ts';

const docs = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'docs');
const file = join(docs, 'openapi.json');
const SPECS = ['ca-api.md', 'requests.md'] as const;
const specFile = (name: string) => join(docs, 'spec', name);
const ALL_KINDS = REQUEST_KINDS.length;
const WRITE_HINT = 'node --import tsx tools/check/openapi.ts --write';

function openApiText(): string {
  return `${JSON.stringify(buildOpenApi(packageFile.version), null, 2)}\n`;
}

/** The problems, one line each; none when both documents are up to date. */
export async function checkOpenApi(): Promise<string[]> {
  const wanted = openApiText();
  return [...danglingReferences(JSON.parse(wanted) as object), ...differences('docs/openapi.json', file, wanted), ...SPECS.flatMap((name) => differences(`docs/spec/${name}`, specFile(name), specText(name)))];
}

function differences(name: string, path: string, wanted: string): string[] {
  const found = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return found === wanted ? [] : [`${name} differs from the contract at line ${firstDifference(found, wanted)}: ${WRITE_HINT}`];
}

const GENERATED = /(<!-- generated: (\w+) -->\n)[\s\S]*?(<!-- end of generated -->)/g;

/** Generated parts of the prose document, by the name in their mark. */
const PARTS: Readonly<Record<string, () => string>> = { endpoints: endpointTable, orders: () => transitionTable(ORDER_TRANSITIONS), issuances: () => transitionTable(ISSUANCE_TRANSITIONS), events: eventTable, requests: requestTable };

function specText(spec: string): string {
  return readFileSync(specFile(spec), 'utf8').replaceAll(GENERATED, (_, begin: string, name: string, end: string) => `${begin}${PARTS[name]?.() ?? ''}${end}`);
}

function endpointTable(): string {
  const rows = Object.entries(CA_CONTRACT).map(([name, row]) => {
    const endpoint: Endpoint = row;
    return `| \`${name}\` | ${endpoint.method} \`${endpoint.path}\` | ${endpoint.access}${endpoint.idempotent ? ', Idempotency-Key' : ''} | ${endpoint.summary} | ${endpoint.errors.map((code) => `\`${code}\``).join(' ')} |\n`;
  });
  return `| name | address | who | what | own codes |\n|---|---|---|---|---|\n${rows.join('')}`;
}

function transitionTable(table: Readonly<Record<string, Readonly<Partial<Record<string, string>>>>>): string {
  const rows = Object.entries(table).flatMap(([state, events]) => (Object.keys(events).length === 0 ? [`| ${state} | – | – |\n`] : Object.entries(events).map(([event, next]) => `| ${state} | ${event} | ${next ?? ''} |\n`)));
  return `| state | event | next state |\n|---|---|---|\n${rows.join('')}`;
}

function requestTable(): string {
  const rows = REQUEST_TRANSITIONS.map(({ kinds, from, event, by, to }) => `| ${from ?? '(none)'} | ${event} | ${by.join(', ')} | ${to} | ${kinds.length === ALL_KINDS ? 'all' : kinds.join(', ')} |\n`);
  return `| state | event | who | next state | kinds |\n|---|---|---|---|---|\n${rows.join('')}`;
}

function eventTable(): string {
  return `| event | when |\n|---|---|\n${Object.entries(AUDIT_EVENTS).map(([event, when]) => `| \`${event}\` | ${when} |\n`).join('')}`;
}

function firstDifference(found: string, wanted: string): number {
  const foundLines = found.split('\n');
  return wanted.split('\n').findIndex((line, index) => line !== foundLines[index]) + 1;
}

function danglingReferences(document: object): string[] {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path ?? '');
  const resolves = (path: string) => path.split('/').reduce<unknown>((part, name) => (part as Record<string, unknown> | undefined)?.[name], document) !== undefined;
  return [...new Set(references)].filter((path) => !resolves(path)).map((path) => `docs/openapi.json refers to #/${path}, which is not there`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--write')) {
    writeFileSync(file, openApiText());
    for (const name of SPECS) writeFileSync(specFile(name), specText(name));
  }
  const problems = await checkOpenApi();
  for (const problem of problems) console.log(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
