/** The pages of a fake window for a real Chromium: `app://bidkey/…` over HTTP through the shell's own protocol handler, the preload script before the page, IPC over HTTP. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { FakeBrowserWindow, FakeIpcMain } from './fake-electron.ts';

const RENDERER_SIDE = readFileSync(fileURLToPath(new URL('./renderer-side.js', import.meta.url)), 'utf8');
const APP_ORIGIN = 'app://bidkey';

export interface PageHost {
  readonly origin: string;
  close(): void;
}

export async function hostPages(window: FakeBrowserWindow, ipcMain: FakeIpcMain): Promise<PageHost> {
  const server = createServer((request, response) => {
    answer(window, ipcMain, request, response).catch((thrown: unknown) => response.writeHead(500).end(String(thrown)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function answer(window: FakeBrowserWindow, ipcMain: FakeIpcMain, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '/';
  if (path === '/__preload.js') return void response.writeHead(200, { 'content-type': 'text/javascript' }).end(preloadScript(window.options.webPreferences.preload));
  if (path === '/__ipc/invoke') return await answerInvoke(window, ipcMain, request, response);
  if (path === '/__ipc/events') return streamMessages(window, response);
  await answerPage(window, path, response);
}

/** The preload script in a function of its own: the page sees only what goes over the context bridge. */
function preloadScript(file: string): string {
  return `(() => {\n${RENDERER_SIDE}\nconst { electronForRenderer } = globalThis;\ndelete globalThis.electronForRenderer;\n((require) => {\n${readFileSync(file, 'utf8')}\n})((name) => { if (name !== 'electron') throw new Error('module not found: ' + name); return electronForRenderer(window); });\n})();`;
}

async function answerInvoke(window: FakeBrowserWindow, ipcMain: FakeIpcMain, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const { channel, args } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { channel: string; args: unknown[] };
  const event = { sender: window.webContents, senderFrame: window.webContents.mainFrame };
  const value = await ipcMain.invoke(event, channel, ...args);
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ value }));
}

function streamMessages(window: FakeBrowserWindow, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write('\n');
  const pass = (message: unknown[]) => response.write(`data: ${JSON.stringify(message)}\n\n`);
  window.webContents.on('fake-sent', pass);
  response.once('close', () => window.webContents.off('fake-sent', pass));
}

async function answerPage(window: FakeBrowserWindow, path: string, response: ServerResponse): Promise<void> {
  const { session } = window.options.webPreferences;
  const handler = session.protocol.handlers.get('app');
  const url = APP_ORIGIN + path;
  if (handler === undefined || !session.allowsRequest(url)) return void response.writeHead(403).end();
  const page = await handler(new Request(url));
  const bytes = Buffer.from(await page.arrayBuffer());
  const isDocument = page.headers.get('content-type')?.startsWith('text/html') === true;
  response.writeHead(page.status, Object.fromEntries(page.headers));
  response.end(isDocument ? bytes.toString('utf8').replace('<head>', '<head><script src="/__preload.js"></script>') : bytes);
}
