/** The private channel of a running BidKey and the lock of its data folder, over real sockets and files. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DesktopEngine, DesktopEvent } from '#shared/contract/desktop/desktop-contract.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { createDispatch } from '../dispatch.ts';
import { lockDataFolder } from '../launch/lock-data-folder.ts';
import { connectRunningBidKey } from './connect-control.ts';
import { serveControl, type Control } from './serve-control.ts';

let folder: string;
let control: Control | null;
let emit: (event: DesktopEvent) => void;
let listening: () => number;

async function serve(dataFolder = folder): Promise<void> {
  const listeners = new Set<(event: DesktopEvent) => void>();
  emit = (event) => listeners.forEach((listener) => listener(event));
  listening = () => listeners.size;
  const engine: DesktopEngine = {
    call: (async (method: string, input: unknown) => {
      if (method === 'session.get') throw new AppError('NOT_SIGNED_IN', { hint: 'x' });
      return { method, input };
    }) as DesktopEngine['call'],
    onEvent: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  control = await serveControl({ dataFolder, engine, dispatch: createDispatch(engine), open: () => 'http://127.0.0.1:1/open#x' });
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidkey-control-'));
  control = null;
});
afterEach(async () => {
  await control?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the private channel', () => {
  it('ok: carries calls, errors, events and the wish for a link', async () => {
    await serve();
    const running = await connectRunningBidKey(folder);
    expect(await running?.engine.call('writing.get', { deedId: '标钥-deed' })).toEqual({ method: 'writing.get', input: { deedId: '标钥-deed' } });
    await expect(running?.engine.call('session.get', undefined)).rejects.toMatchObject({ code: 'NOT_SIGNED_IN', details: { hint: 'x' } });
    expect(await running?.open()).toBe('http://127.0.0.1:1/open#x');
    const heard = new Promise((done) => running?.engine.onEvent(done));
    emit({ name: 'session.changed', data: { account: null } });
    expect(await heard).toEqual({ name: 'session.changed', data: { account: null } });
    running?.close();
  });

  it('ok: nobody runs: no folder, no address, or one that was left behind', async () => {
    expect(await connectRunningBidKey(join(folder, 'none'))).toBeNull();
    expect(await connectRunningBidKey(folder)).toBeNull();
    writeFileSync(join(folder, 'control.address'), join(folder, 'control.sock'));
    expect(await connectRunningBidKey(folder)).toBeNull();
    writeFileSync(join(folder, 'control.sock'), 'no socket');
    expect(await connectRunningBidKey(folder)).toBeNull();
  });

  it('ok: a folder whose path is too long for a socket', async () => {
    const deep = join(folder, 'a'.repeat(120));
    mkdirSync(deep, { mode: 0o700 });
    await serve(deep);
    expect(statSync(join(deep, 'control.address')).mode & 0o077).toBe(0);
    const running = await connectRunningBidKey(deep);
    expect(await running?.open()).toContain('#x');
    running?.close();
  });

  it('ok: an answer that is waited for when BidKey ends is an error, not a hanging call', async () => {
    await serve();
    const running = await connectRunningBidKey(folder);
    await control?.close();
    control = null;
    await expect(running?.engine.call('app.info', undefined)).rejects.toMatchObject({ code: 'SHELL_UNREACHABLE' });
  });

  it.each(['no json\n', '[]\n', '{"id":"x","call":"app.info"}\n', 'null\n'])('refuses: %j by closing', async (line) => {
    await serve();
    const socket = connect(readFileSync(join(folder, 'control.address'), 'utf8'));
    socket.write(line);
    await new Promise((done) => socket.once('close', done).resume());
    expect(socket.destroyed).toBe(true);
  });
});

describe('a client that reads nothing', () => {
  it('refuses: more events than it may leave unread, by closing', async () => {
    await serve();
    const socket = connect(readFileSync(join(folder, 'control.address'), 'utf8'));
    socket.pause();
    socket.on('error', () => socket.destroy());
    await once(socket, 'connect');
    while (listening() === 0) await new Promise((done) => setImmediate(done));
    const long = { name: 'session.changed', data: { account: null, filler: 'x'.repeat(1024 * 1024) } } as unknown as DesktopEvent;
    let sent = 0;
    while (listening() > 0 && sent < 64) {
      emit(long);
      sent += 1;
      await new Promise((done) => setImmediate(done));
    }
    expect(sent).toBeLessThan(64);
    socket.destroy();
  });
});

describe('the lock of the data folder', () => {
  it('refuses: a second holder until the first lets go', () => {
    const first = lockDataFolder(folder);
    expect(() => lockDataFolder(folder)).toThrow(expect.objectContaining({ code: 'DATA_FOLDER_LOCKED' }));
    first.release();
    lockDataFolder(folder).release();
  });
});
