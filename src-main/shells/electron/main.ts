/** Entry of the Electron shell: flags and Electron connected to the shell. Nothing is awaited before the shell has registered its scheme. */
import * as electron from 'electron';
import { join } from 'node:path';
import { toAppError } from '#shared/errors/app-error.ts';
import packageFile from '../../../package.json' with { type: 'json' };
import { chooseLanguage, errorText } from '../launch/error-texts.ts';
import { launchBidKey } from '../launch/launch-bidkey.ts';
import { programFolders } from '../launch/program-folders.ts';
import { readShellFlags } from '../launch/shell-flags.ts';
import { startElectronShell } from './electron-shell.ts';
import { utilityHostSpawner, utilityProgramSpawner } from './spawn-utility-program.ts';

const folders = programFolders(import.meta.url);

async function run(): Promise<void> {
  // Electron's own switches (--inspect, --no-sandbox …) stand among the arguments too; ours begin after the app's folder.
  const flags = readShellFlags(process.argv.slice(electron.app.isPackaged ? 1 : 2), electron.app.isPackaged);
  await startElectronShell(electron, {
    dataFolder: flags.dataFolder, screensFolder: folders.screensFolder, preload: join(folders.programFolder, 'electron-preload.cjs'), title: '标钥 BidKey',
    launch: () => launchBidKey({
      shell: 'electron', ...folders, ...flags, version: packageFile.version,
      programSpawner: utilityProgramSpawner(electron.utilityProcess),
      hostSpawner: utilityHostSpawner(electron.utilityProcess, join(folders.programFolder, 'token-host.js'), 'BidKey token host'),
      pdfReaderSpawner: utilityHostSpawner(electron.utilityProcess, join(folders.programFolder, 'pdf-reader.js'), 'BidKey PDF reader'),
    }),
  });
}

run().catch((thrown: unknown) => {
  const error = toAppError(thrown);
  const text = errorText(error.code, chooseLanguage(undefined, process.env), folders.resourcesFolder);
  if (error.code === 'INTERNAL') process.stderr.write(`${thrown instanceof Error ? thrown.stack : String(thrown)}\n`);
  electron.dialog.showErrorBox(text.title, `${text.cause}\n${text.next}\n\n${error.code}`);
  electron.app.exit(1);
});
