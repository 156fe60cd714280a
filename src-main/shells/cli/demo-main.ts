/** Entry of `npm run demo`: the whole main job without a screen, on demo keys, through the real CA service and the real token host. Reads the arguments, runs, says how it ended. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { AppError, toAppError } from '#shared/errors/app-error.ts';
import { programFolders } from '../launch/program-folders.ts';
import { chooseDemoKind, type DemoKind } from './headless-demo/demo-kinds.ts';
import { runHeadlessDemo } from './headless-demo/run-demo.ts';

const USAGE = `Usage: npm run demo -- --dir OUT [--alg rsa|sm2] [--token softhsm2|soft-ukey|soft-ukey-skf]
  OUT: empty, new, or left by an earlier demo. RSA goes to softhsm2 or soft-ukey, SM2 to soft-ukey or soft-ukey-skf.`;

interface DemoRequest {
  readonly folder: string;
  readonly kind: DemoKind;
}

/** @returns null when the arguments are not understood */
function readRequest(): DemoRequest | null {
  try {
    const { values } = parseArgs({ options: { dir: { type: 'string' }, alg: { type: 'string' }, token: { type: 'string' } }, strict: true });
    return values.dir === undefined || values.dir === '' ? null : { folder: resolve(values.dir), kind: chooseDemoKind(values.alg, values.token) };
  } catch (thrown) {
    console.error(thrown instanceof AppError ? String(thrown.details['reason']) : thrown instanceof Error ? thrown.message : '');
    return null;
  }
}

const request = readRequest();
if (request === null) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  try {
    await runHeadlessDemo({ ...request, ...programFolders(import.meta.url), say: (line) => console.log(line) });
  } catch (thrown) {
    const error = toAppError(thrown);
    console.error(`✘ ${error.code}: ${error.message} ${JSON.stringify(error.details)}`);
    if (error.code === 'INTERNAL') console.error(error.cause);
    process.exitCode = 1;
  }
}
