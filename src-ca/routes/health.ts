/** Whether the service lives, whether it can serve, and its self-tests. */
import type { FastifyInstance } from 'fastify';
import { limitRate } from '../http/serve-route.ts';
import { isReady, runSelfTests, type OnCheckFault } from '../health/self-tests.ts';
import { shareRun } from '../health/share-run.ts';
import type { RateLimiter } from '../limits/rate-limiter.ts';
import type { CaPorts } from '../ports.ts';

export function serveHealth(app: FastifyInstance, ports: CaPorts, limiter: RateLimiter): void {
  const onFault: OnCheckFault = (name, thrown) => app.log.error({ err: thrown, check: name }, 'check failed');
  // Anyone may ask, and the tests walk through the whole audit log: whoever asks while they run gets that run's answer.
  const runShared = shareRun(() => runSelfTests(ports, onFault));

  app.get('/livez', async (_request, reply) => reply.header('cache-control', 'no-store').send({ alive: true }));
  app.get('/readyz', async (_request, reply) => {
    const ready = await isReady(ports, onFault);
    return reply.code(ready ? 200 : 503).header('cache-control', 'no-store').send({ ready });
  });
  app.post('/selftests/run', async (request, reply) => {
    limitRate(limiter, 'self-test', request, reply);
    const report = await runShared();
    return reply.code(report.passed ? 200 : 503).header('cache-control', 'no-store').send(report);
  });
}
