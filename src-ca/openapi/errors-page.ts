/** Every code of the error table as a page: where the `type` of a problem document points. */
import { ERROR_AREAS } from '#shared/errors/error-table.ts';
import { escapeHtml } from './escape-html.ts';

export function errorsPage(): string {
  const areas = Object.entries(ERROR_AREAS).map(([area, table]) => `<h2>${escapeHtml(area)}</h2><section><table><tr><th>Code</th><th>Status</th><th>When</th></tr>${rowsOf(table)}</table></section>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>BidKey: error codes</title><link rel="stylesheet" href="/docs/page.css"></head>
<body><h1>Error codes</h1>${areas.join('\n')}</body></html>
`;
}

function rowsOf(table: Readonly<Record<string, { readonly status: number; readonly when: string }>>): string {
  return Object.entries(table).map(([code, { status, when }]) => `<tr id="${escapeHtml(code)}"><td><code>${escapeHtml(code)}</code></td><td>${status}</td><td>${escapeHtml(when)}</td></tr>`).join('');
}
