/** The API as a page to read, made from the OpenAPI document. */
import { escapeHtml } from './escape-html.ts';
import type { OpenApiDocument, OpenApiOperation } from './build-openapi.ts';

export function apiPage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags))];
  const chapters = tags.map((tag) => `<h2>${escapeHtml(tag)}</h2>${operations.filter(({ operation }) => operation.tags.includes(tag)).map(({ path, method, operation }) => article(path, method, operation)).join('')}`);
  const schemas = Object.entries(document.components.schemas).map(([name, schema]) => `<details><summary id="schema-${escapeHtml(name)}"><code>${escapeHtml(name)}</code></summary>${json(schema)}</details>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>BidKey CA service: API</title><link rel="stylesheet" href="/docs/page.css"></head>
<body><h1>BidKey CA service: API</h1>
<p>For programs: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1). Codes of refusals: <a href="/docs/errors">/docs/errors</a>.</p>
${chapters.join('\n')}
<h2>Schemas</h2><section>${schemas.join('\n')}</section>
</body></html>
`;
}

function article(path: string, method: string, operation: OpenApiOperation): string {
  const { responses, requestBody, parameters, security } = operation as { responses?: Record<string, { description: string }>; requestBody?: unknown; parameters?: unknown; security?: readonly unknown[] };
  const rows = Object.entries(responses ?? {}).map(([status, { description }]) => `<tr><td><code>${escapeHtml(status)}</code></td><td>${escapeHtml(description)}</td></tr>`);
  return `<article id="${escapeHtml(operation.operationId)}"><p><span class="method">${escapeHtml(method.toUpperCase())}</span> <code>${escapeHtml(path)}</code>${security?.length ? ' <span class="tag">access token</span>' : ''}</p>
<p>${escapeHtml(operation.summary)}</p>
${parameters ? `<details><summary>Parameters</summary>${json(parameters)}</details>` : ''}${requestBody ? `<details><summary>Body</summary>${json(requestBody)}</details>` : ''}
<details><summary>Answers</summary><table>${rows.join('')}</table>${json(responses)}</details></article>
`;
}

function json(value: unknown): string {
  return `<pre>${escapeHtml(JSON.stringify(value, null, 2))}</pre>`;
}
