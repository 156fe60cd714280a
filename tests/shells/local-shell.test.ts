/** The local shell when it cannot start whole: a clear refusal, and what was begun is ended. */
import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createLog } from '../../src-main/report/log.ts';
import { createDispatch } from '../../src-main/shells/dispatch.ts';
import { startLocalShell } from '../../src-main/shells/local/local-shell.ts';
import { standInEngine } from './stand-in-engine.ts';

it('refuses: a port that another program listens on, and ends the engine that was started', async () => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'bidkey-local-'));
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const engine = standInEngine();
  let closed = 0;
  try {
    const starting = startLocalShell({
      dataFolder, screensFolder: dataFolder, port, version: 'test', open: false, print: () => undefined,
      launch: async () => ({
        engine, dispatch: createDispatch(engine), dataFolder, log: createLog({ now: () => new Date(), file: null }), embeddedCa: null, demoKey: null, demoKeyError: null,
        close: async () => { closed += 1; },
      }),
    });
    await expect(starting).rejects.toMatchObject({ code: 'USAGE', details: { option: '--port', port, systemCode: 'EADDRINUSE' } });
    expect(closed).toBe(1);
  } finally {
    other.close();
    await rm(dataFolder, { recursive: true, force: true });
  }
});
