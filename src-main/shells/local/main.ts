/** Entry of the local shell: flags in, shell started, ended by SIGINT or SIGTERM. */
import { toAppError } from '#shared/errors/app-error.ts';
import packageFile from '../../../package.json' with { type: 'json' };
import { nodeProgramSpawner } from '../../demo/spawn-program.ts';
import { chooseLanguage, errorText } from '../launch/error-texts.ts';
import { launchBidKey } from '../launch/launch-bidkey.ts';
import { programFolders } from '../launch/program-folders.ts';
import { readShellFlags } from '../launch/shell-flags.ts';
import { startLocalShell } from './local-shell.ts';

const folders = programFolders(import.meta.url);
const print = (line: string) => void process.stdout.write(`${line}\n`);

async function run(): Promise<void> {
  const flags = readShellFlags(process.argv.slice(2));
  const shell = await startLocalShell({
    dataFolder: flags.dataFolder, screensFolder: folders.screensFolder, port: flags.port, version: packageFile.version, open: flags.open, print,
    launch: () => launchBidKey({ shell: 'local', ...folders, ...flags, version: packageFile.version, programSpawner: nodeProgramSpawner }),
  });
  if (shell === null) return;
  void shell.launched.embeddedCa?.failed.then(printError);
  let closing = false;
  const end = () => {
    if (closing) return;
    closing = true;
    shell.close().then(() => process.exit(0), (thrown: unknown) => {
      printError(thrown);
      process.exit(1);
    });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
}

function printError(thrown: unknown): void {
  const error = toAppError(thrown);
  const text = errorText(error.code, chooseLanguage(undefined, process.env), folders.resourcesFolder);
  process.stderr.write(`${text.title}\n${text.cause}\n${text.next}\n${error.code} ${JSON.stringify(error.details)}\n`);
  // What is no error of ours is a mistake of ours: show where.
  if (error.code === 'INTERNAL') process.stderr.write(`${thrown instanceof Error ? thrown.stack : String(thrown)}\n`);
}

run().catch((thrown: unknown) => {
  printError(thrown);
  process.exit(toAppError(thrown).code === 'USAGE' ? 2 : 1);
});
