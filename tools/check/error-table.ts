/** The error table, docs/errors.md and the locale texts must say the same. `--write` makes docs/errors.md from the table and the texts. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_AREAS } from '../../src-shared/errors/error-table.ts';
import type { ErrorTable } from '../../src-shared/errors/error-row.ts';
import { repositoryRoot } from './imports.ts';

interface ErrorText { readonly title: string; readonly cause: string; readonly next: string }
const documentPath = join(repositoryRoot, 'docs', 'errors.md');
const LANGUAGES = ['zh-CN', 'en-US'] as const;

function readTexts(language: string, area: string): Record<string, ErrorText> {
  const file = join(repositoryRoot, 'resources', 'locales', language, 'errors', `${area}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, ErrorText>) : {};
}

export function renderErrorDocument(): string {
  const parts = Object.entries(ERROR_AREAS).map(([area, table]) => {
    const texts = readTexts('zh-CN', area);
    const rows = Object.entries(table as ErrorTable).map(([code, row]) => `| \`${code}\` | ${row.when} | ${row.status} | ${texts[code]?.title ?? ''} | ${texts[code]?.next ?? ''} |`);
    return [`## ${area}`, '', '| code | when | HTTP | 标题 | 下一步 |', '|---|---|---|---|---|', ...rows, ''].join('\n');
  });
  return `# Error table\n\nEvery code that BidKey can answer with. Made from \`src-shared/errors/table\` and the texts in \`resources/locales\` by\n\`npx tsx tools/check/error-table.ts --write\`; \`npm run check\` refuses a difference. HTTP is the status when the error crosses the REST edge.\n\n${parts.join('\n')}`;
}

export function checkErrorTable(): string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const [area, table] of Object.entries(ERROR_AREAS)) {
    for (const code of Object.keys(table)) {
      if (seen.has(code)) problems.push(`error code ${code} stands in two areas`);
      seen.add(code);
    }
    for (const language of LANGUAGES) problems.push(...checkTexts(language, area, Object.keys(table)));
  }
  const written = existsSync(documentPath) ? readFileSync(documentPath, 'utf8') : '';
  if (written !== renderErrorDocument()) problems.push('docs/errors.md is not what the error table says: run `npx tsx tools/check/error-table.ts --write`');
  return problems;
}

function checkTexts(language: string, area: string, codes: readonly string[]): string[] {
  const texts = readTexts(language, area);
  const missing = codes.filter((code) => !texts[code]?.title || !texts[code].cause || !texts[code].next).map((code) => `${language}: ${code} has no title, cause or next step`);
  const extra = Object.keys(texts).filter((code) => !codes.includes(code)).map((code) => `${language}: text for ${code}, which is not in the table`);
  return [...missing, ...extra];
}

if (process.argv[1]?.endsWith('error-table.ts') && process.argv.includes('--write')) writeFileSync(documentPath, renderErrorDocument());
