/** The service's own documentation: OpenAPI 3.1 for programs, readable pages for people. No script, no foreign assets. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { buildOpenApi } from '../openapi/build-openapi.ts';
import { apiPage } from '../openapi/api-page.ts';
import { errorsPage } from '../openapi/errors-page.ts';
import type { CaPorts } from '../ports.ts';

const PAGE_POLICY = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

export function serveDocuments(app: FastifyInstance, ports: CaPorts): void {
  const openApi = buildOpenApi(ports.service.version);
  const withServer = JSON.stringify({ ...openApi, servers: [{ url: ports.service.publicUrl }] });
  const pages = { '/docs': apiPage(openApi), '/docs/errors': errorsPage() };
  app.get('/openapi.json', async (_request, reply) => reply.type('application/json; charset=utf-8').header('cache-control', 'public, max-age=300').send(withServer));
  for (const [path, html] of Object.entries(pages)) app.get(path, async (_request, reply) => sendPage(reply, html, PAGE_POLICY));
}

export function sendPage(reply: FastifyReply, html: string, contentSecurityPolicy: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').header('content-security-policy', contentSecurityPolicy).header('cache-control', 'no-store').send(html);
}
