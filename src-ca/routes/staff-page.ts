/** GET /staff and its style and script: the plain page on which CA staff review requests. Whoever opens it sees nothing before a staff account is logged in. */
import type { FastifyInstance } from 'fastify';
import { SCRIPTED_PAGE_POLICY } from '../openapi/page-style.ts';
import { STAFF_HTML, STAFF_SCRIPT, STAFF_STYLE } from '../staff/staff-page.ts';
import { sendPage } from './documents.ts';

const STAFF_PATH = '/staff';

export function serveStaffPage(app: FastifyInstance): void {
  app.get(STAFF_PATH, async (_request, reply) => sendPage(reply, STAFF_HTML, SCRIPTED_PAGE_POLICY));
  app.get(`${STAFF_PATH}/staff.css`, async (_request, reply) => reply.type('text/css; charset=utf-8').send(STAFF_STYLE));
  app.get(`${STAFF_PATH}/staff.js`, async (_request, reply) => reply.type('text/javascript; charset=utf-8').send(STAFF_SCRIPT));
}
