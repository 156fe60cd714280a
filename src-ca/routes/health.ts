/** Whether the service lives, whether it can serve, and its self-tests. */
import type { FastifyInstance } from 'fastify';
import { limitRate } from '../http/serve-route.ts';
import { isReady, runSelfTests } from '../health/self-tests.ts';
import type { RateLimiter } from '../limits/rate-limiter.ts';
import type { CaPorts } from '../ports.ts';

export function serveHealth(app: FastifyInstance, ports: CaPorts, limiter: RateLimiter): void {
  app.get('/livez', async (_request, reply) => reply.header('cache-control', 'no-store').send({ alive: true }));
  app.get('/readyz', async (_request, reply) => {
    const ready = await isReady(ports);
    return reply.code(ready ? 200 : 503).header('cache-control', 'no-store').send({ ready });
  });
  app.post('/selftests/run', async (request, reply) => {
    limitRate(limiter, 'self-test', request, reply);
    const report = await runSelfTests(ports);
    return reply.code(report.passed ? 200 : 503).header('cache-control', 'no-store').send(report);
  });
}
