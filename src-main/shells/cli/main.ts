/** Entry of the command line: terminal and launcher connected, exit code handed over. */
import packageFile from '../../../package.json' with { type: 'json' };
import { nodeProgramSpawner } from '../../demo/spawn-program.ts';
import { launchBidKey } from '../launch/launch-bidkey.ts';
import type { LaunchedBidKey } from '../launch/launched-bidkey.ts';
import { programFolders } from '../launch/program-folders.ts';
import { runCli, type Interrupt } from './cli-program.ts';
import { EXIT } from './exit-codes.ts';
import { createTerminal } from './terminal.ts';

const folders = programFolders(import.meta.url);
let launched: LaunchedBidKey | null = null;
const interrupted = new AbortController();
const interrupt: Interrupt = { signal: interrupted.signal, endsByItself: false };

// A command that is interrupted ends in order: the journal keeps the step, the CA service and the drivers end with us.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    interrupted.abort();
    if (!interrupt.endsByItself) void (launched?.close() ?? Promise.resolve()).finally(() => process.exit(EXIT.interrupted));
  });
}

const code = await runCli(process.argv.slice(2), {
  terminal: createTerminal(process.stdin, process.stdout, process.stderr),
  environment: process.env,
  resourcesFolder: folders.resourcesFolder,
  version: packageFile.version,
  interrupt,
  launch: async ({ mode, dataFolder, caBaseUrl }) => {
    launched = await launchBidKey({
      shell: 'cli', mode, dataFolder, caBaseUrl, ...folders, version: packageFile.version,
      embeddedCa: mode === 'demo' && caBaseUrl === null, programSpawner: nodeProgramSpawner,
    });
    return launched;
  },
});
// Everything is closed; a terminal that was asked for input would keep the process alive.
process.exitCode = code;
process.stdin.unref?.();
