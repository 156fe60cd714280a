/** Entry of the CA service (and of `lint`, its one other command): reads its configuration, composes, listens, says that it is ready, ends in order. Standard output carries exactly one line; logs go to standard error. */
import { mkdirSync } from 'node:fs';
import { AppError } from '#shared/errors/app-error.ts';
import packageFile from '../package.json' with { type: 'json' };
import { systemClock } from './clock.ts';
import { composeCa } from './compose.ts';
import { readConfig, USAGE, type CaConfig } from './config.ts';
import { noFaults } from './issuance/fault-points.ts';
import { choosePort, rememberPort } from './listen-port.ts';
import { LINT_USAGE, runLint } from './main-lint.ts';
import { maintain, MAINTENANCE_EVERY_MS } from './maintenance.ts';
import { serveCa } from './server.ts';

const END_LIMIT_MS = 4_000;

async function run(config: CaConfig): Promise<void> {
  mkdirSync(config.dataFolder, { recursive: true, mode: 0o700 });
  const port = await choosePort(config.dataFolder, config.host, config.port);
  const listenUrl = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`;
  const killAt = config.testOnlyKillAt;
  const onFault = (thrown: unknown) => void process.stderr.write(`${JSON.stringify({ level: 50, msg: 'background work failed', reason: String(thrown) })}\n`);
  const composed = await composeCa({
    ...config,
    publicUrl: config.publicUrl ?? listenUrl,
    version: packageFile.version,
    clock: systemClock,
    onFault,
    reachFaultPoint: killAt === null ? noFaults : (point) => void (point === killAt && process.kill(process.pid, 'SIGKILL')),
  });
  // What cannot be tidied now must not keep the service from starting.
  await maintain(composed.ports).catch(onFault);
  await composed.ports.crlPublisher.start();
  const app = await serveCa(composed.ports, { logLevel: config.logLevel, trustedProxies: config.trustedProxies });
  await app.listen({ host: config.host, port });
  rememberPort(config.dataFolder, port);
  for (const notice of composed.notices) app.log.warn(notice, 'notice');
  const timer = setInterval(() => void maintain(composed.ports).catch((thrown: unknown) => app.log.error({ err: thrown }, 'maintenance failed')), MAINTENANCE_EVERY_MS);

  let ending = false;
  const end = async (reason: string) => {
    if (ending) return;
    ending = true;
    app.log.info({ reason }, 'ending');
    clearInterval(timer);
    // A caller that never finishes must not keep the service from ending; every transaction is whole at any moment.
    setTimeout(() => process.exit(1), END_LIMIT_MS).unref();
    await app.close();
    await composed.close();
    process.exit(0);
  };
  process.once('SIGTERM', () => void end('SIGTERM'));
  process.once('SIGINT', () => void end('SIGINT'));
  if (config.exitWithParent) {
    process.stdin.resume();
    process.stdin.once('end', () => void end('standard input ended'));
    process.stdin.once('error', () => void end('standard input failed'));
  }
  process.stdout.write(`${JSON.stringify({ event: 'ready', url: listenUrl, pid: process.pid })}\n`);
}

const args = process.argv.slice(2);
const lints = args[0] === 'lint';
try {
  if (lints) process.exitCode = await runLint(args.slice(1), process.env, (line) => process.stdout.write(`${line}\n`));
  else await run(readConfig(args, process.env));
} catch (thrown) {
  const usage = thrown instanceof AppError && thrown.code === 'USAGE';
  const reason = thrown instanceof AppError ? `${thrown.code}: ${thrown.message} ${JSON.stringify(thrown.details)}` : thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  process.stderr.write(`${reason}\n${usage ? `${lints ? LINT_USAGE : USAGE}\n` : ''}`);
  process.exit(usage ? 2 : 1);
}
