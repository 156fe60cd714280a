/** Whether docs/openapi.json is the OpenAPI document that the REST contract makes today, and whether every reference in it leads somewhere. `--write` writes it. */
import { readFileSync, writeFileSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import packageFile from '../../package.json' with { type: 'json' };
import { buildOpenApi } from '../../src-ca/openapi/build-openapi.ts';

const file = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'docs', 'openapi.json');

function openApiText(): string {
  return `${JSON.stringify(buildOpenApi(packageFile.version), null, 2)}\n`;
}

/** The problems, one line each; none when the document is up to date. */
export async function checkOpenApi(): Promise<string[]> {
  const wanted = openApiText();
  const dangling = danglingReferences(JSON.parse(wanted) as object);
  if (!existsSync(file)) return [...dangling, 'docs/openapi.json is missing: node --import tsx tools/check/openapi.ts --write'];
  const found = readFileSync(file, 'utf8');
  return found === wanted ? dangling : [...dangling, `docs/openapi.json differs from the contract at line ${firstDifference(found, wanted)}: node --import tsx tools/check/openapi.ts --write`];
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
  if (process.argv.includes('--write')) writeFileSync(file, openApiText());
  const problems = await checkOpenApi();
  for (const problem of problems) console.log(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
