/** The HTTP side put together: the server, every route of the contract, the standard addresses of a PKI, and the pages. Only connects. */
import type { FastifyInstance } from 'fastify';
import { createServer, type ServerOptions } from './http/create-server.ts';
import { limitRate, serveRoute } from './http/serve-route.ts';
import { RateLimiter, type RatePolicy, type RatePolicyName } from './limits/rate-limiter.ts';
import type { CaPorts } from './ports.ts';
import { serveDocuments } from './routes/documents.ts';
import { serveHealth } from './routes/health.ts';
import { servePkiAddresses } from './routes/pki-addresses.ts';
import { ROUTES } from './routes/route-table.ts';
import { serveSandboxPage } from './routes/sandbox-page.ts';
import { serveStaffPage } from './routes/staff-page.ts';

export interface HttpOptions extends Omit<ServerOptions, 'publicUrl' | 'sandbox'> {
  readonly ratePolicies?: Readonly<Record<RatePolicyName, RatePolicy>>;
}

export async function serveCa(ports: CaPorts, options: HttpOptions): Promise<FastifyInstance> {
  const app = await createServer({ ...options, publicUrl: ports.service.publicUrl, sandbox: ports.service.sandbox !== null });
  const limiter = new RateLimiter(ports.clock, options.ratePolicies);
  app.addHook('onRequest', async (request, reply) => limitRate(limiter, 'general', request, reply));
  for (const route of Object.values(ROUTES)) serveRoute(app, route, ports, limiter);
  servePkiAddresses(app, ports);
  serveHealth(app, ports, limiter);
  serveDocuments(app, ports);
  serveSandboxPage(app, ports);
  serveStaffPage(app);
  return app;
}
