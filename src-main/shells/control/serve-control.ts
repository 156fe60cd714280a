/**
 * The private channel of a running BidKey: a second start asks it for a new link, the CLI sends it its calls, so that one journal and one set of
 * drivers serve both. Rule: it is opened only by the holder of the data folder's lock.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { DesktopEngine } from '#shared/contract/desktop/desktop-contract.ts';
import { settle } from '#shared/errors/result.ts';
import type { Dispatch } from '../dispatch.ts';
import { CONTROL_ADDRESS_FILE, readLines, writeLine } from './control-lines.ts';

/** Length of sun_path on the systems that we run on, less the end mark. */
const MAX_SOCKET_PATH = 100;

export interface ControlOptions {
  readonly dataFolder: string;
  readonly engine: Pick<DesktopEngine, 'onEvent'>;
  readonly dispatch: Dispatch;
  /** A new link of the local shell; null when a window came to the front instead. */
  readonly open: () => string | null;
}

export interface Control {
  close(): Promise<void>;
}

export async function serveControl(options: ControlOptions): Promise<Control> {
  const address = chooseAddress(options.dataFolder);
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    serveConnection(socket, options);
    socket.once('close', () => connections.delete(socket));
  });
  server.listen(address.path);
  await once(server, 'listening');
  const addressFile = join(options.dataFolder, CONTROL_ADDRESS_FILE);
  writeFileSync(addressFile, address.path, { mode: 0o600 });
  return { close: () => closeControl(server, connections, [addressFile, ...address.leftovers]) };
}

/** On Windows a random name, readable only in our folder; else a socket file: in our folder, or in a closed one of its own when that path is too long. */
function chooseAddress(dataFolder: string): { path: string; leftovers: string[] } {
  if (process.platform === 'win32') return { path: `\\\\.\\pipe\\bidkey-${randomBytes(16).toString('hex')}`, leftovers: [] };
  const here = join(dataFolder, 'control.sock');
  if (Buffer.byteLength(here) <= MAX_SOCKET_PATH) {
    // Left by a BidKey that was killed; the lock says that it is nobody's.
    rmSync(here, { force: true });
    return { path: here, leftovers: [] };
  }
  const path = join(mkdtempSync(join(tmpdir(), 'bidkey-')), 'control.sock');
  return { path, leftovers: [dirname(path)] };
}

function serveConnection(socket: Socket, options: ControlOptions): void {
  const stopEvents = options.engine.onEvent((event) => writeLine(socket, { event }));
  socket.once('close', stopEvents);
  // A client that is killed resets the connection; `close` follows.
  socket.on('error', () => socket.destroy());
  readLines(socket, (value) => void answerLine(socket, value, options));
}

async function answerLine(socket: Socket, value: unknown, options: ControlOptions): Promise<void> {
  if (typeof value !== 'object' || value === null || !('id' in value) || typeof value.id !== 'number') {
    socket.destroy();
    return;
  }
  const { id } = value;
  const result = 'open' in value ? await settle(() => options.open()) : await options.dispatch('call' in value ? value.call : null, 'input' in value ? value.input : null);
  writeLine(socket, { id, result });
}

async function closeControl(server: Server, connections: ReadonlySet<Socket>, leftovers: readonly string[]): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  for (const socket of connections) socket.destroy();
  await closed;
  for (const path of leftovers) rmSync(path, { recursive: true, force: true });
}
