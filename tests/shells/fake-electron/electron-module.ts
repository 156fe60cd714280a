/** The module `electron` for the built main program in plain Node. Prints the address under which a browser sees the window. */
import { createFakeElectron } from './fake-electron.ts';
import { hostPages } from './page-host.ts';

// Electron's arguments are [electron, app folder, …]; Node has put the program between them.
process.argv.splice(1, 1);

const fake = createFakeElectron((window) => {
  window.on('fake-load', () => {
    void hostPages(window, fake.ipcMain).then((host) => {
      process.stdout.write(`${JSON.stringify({ event: 'window', url: `${host.origin}/` })}\n`);
      fake.app.once('quit', () => host.close());
    });
  });
});
fake.app.once('quit', (_event, code: number) => process.exit(code));

export const { app, BrowserWindow, ipcMain, Menu, protocol, session, shell, utilityProcess } = fake.apis;
export const dialog = { showErrorBox: (title: string, content: string) => void process.stderr.write(`${title}\n${content}\n`) };
