/** GET /sandbox and its style and script: the page where a person sees messages and decides payments. Exists only while the sandbox is on. */
import type { FastifyInstance } from 'fastify';
import type { CaPorts } from '../ports.ts';
import { SANDBOX_PATH } from '../sandbox/sandbox-providers.ts';
import { PAGE_STYLE, SCRIPTED_PAGE_POLICY } from '../openapi/page-style.ts';
import { SANDBOX_HTML, SANDBOX_SCRIPT, SANDBOX_STYLE } from '../sandbox/sandbox-page.ts';
import { sendPage } from './documents.ts';


export function serveSandboxPage(app: FastifyInstance, ports: CaPorts): void {
  app.get('/docs/page.css', async (_request, reply) => reply.type('text/css; charset=utf-8').send(PAGE_STYLE));
  if (ports.service.sandbox === null) return;
  app.get(SANDBOX_PATH, async (_request, reply) => sendPage(reply, SANDBOX_HTML, SCRIPTED_PAGE_POLICY));
  app.get(`${SANDBOX_PATH}/sandbox.css`, async (_request, reply) => reply.type('text/css; charset=utf-8').send(SANDBOX_STYLE));
  app.get(`${SANDBOX_PATH}/sandbox.js`, async (_request, reply) => reply.type('text/javascript; charset=utf-8').send(SANDBOX_SCRIPT));
}
