/** Entry of `npm run demo`: the whole main job without a screen, on demo keys, through the real CA service and the real token host. Reads the arguments, runs, says how it ended. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { toAppError } from '#shared/errors/app-error.ts';
import { programFolders } from '../launch/program-folders.ts';
import { runHeadlessDemo } from './headless-demo/run-demo.ts';

const USAGE = 'Usage: npm run demo -- --dir OUT   (OUT: empty, new, or left by an earlier demo)';

function outputFolder(): string | null {
  try {
    const { values } = parseArgs({ options: { dir: { type: 'string' } }, strict: true });
    return values.dir === undefined || values.dir === '' ? null : resolve(values.dir);
  } catch {
    return null;
  }
}

const folder = outputFolder();
if (folder === null) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  try {
    await runHeadlessDemo({ folder, ...programFolders(import.meta.url), say: (line) => console.log(line) });
  } catch (thrown) {
    const error = toAppError(thrown);
    console.error(`✘ ${error.code}: ${error.message} ${JSON.stringify(error.details)}`);
    if (error.code === 'INTERNAL') console.error(error.cause);
    process.exitCode = 1;
  }
}
