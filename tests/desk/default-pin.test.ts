/** A key with the PIN it was handed out with: told after a login, knowingly kept, or changed. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeEngine, type ComposedEngine } from '../../src-main/engine/compose-engine.ts';
import { root } from '../faults/fault-world.ts';
import { createTestSoftUkey, softUkeyMissing, type TestSoftUkey } from '../support/soft-ukey.ts';
import { builtHostSpawner } from '../support/token-host-program.ts';

const DEFAULT_PIN = '111111';
const missing = softUkeyMissing();
let soft: TestSoftUkey;
let serial = '';
let folder = '';
const engines: ComposedEngine[] = [];

beforeAll(async () => {
  if (missing !== null) return;
  folder = mkdtempSync(join(tmpdir(), 'bidkey-default-pin-'));
  soft = await createTestSoftUkey();
  // The key of the helper has a PIN of its own; this one is as it comes from the counter.
  serial = await soft.ukeyctl('create', '--test', '--kdf-log2', '10', '--user-pin', DEFAULT_PIN, '--admin-pin', '73916428', '--label', 'fresh');
});
afterAll(async () => {
  for (const engine of engines) await engine.close();
  await soft?.dispose();
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
});

async function open() {
  const composed = await composeEngine({
    dataFolder: folder, resourcesFolder: join(root, 'resources'), shell: 'cli', version: '0', demo: false, caBaseUrl: null, useInstalledDrivers: false, hostSpawner: await builtHostSpawner(),
    drivers: [{ driverId: 'test', modelId: 'bidkey-soft-ukey', libraryPath: soft.libraryPath, interface: 'pkcs11', environment: soft.env }],
  });
  engines.push(composed);
  const token = { driverId: 'test', serial };
  const state = async () => (await composed.engine.call('tokens.list', undefined as never)).tokens.find(({ ref }) => ref.serial === serial)?.defaultPin;
  const told: (string | undefined)[] = [];
  composed.engine.onEvent((event) => {
    if (event.name === 'tokens.changed') told.push(event.data.tokens.find(({ ref }) => ref.serial === serial)?.defaultPin);
  });
  while ((await composed.engine.call('tokens.list', undefined as never)).tokens.length < 2) await new Promise((resolve) => setTimeout(resolve, 50));
  return { ...composed, token, state, told };
}

describe('default PIN', () => {
  it.skipIf(missing)('ok: told after a login and not before; kept on the word of the person, also after a restart; gone with a change', async () => {
    const first = await open();
    expect(await first.state()).toBe(undefined);
    await first.engine.call('tokens.checkPin', { token: first.token, pin: DEFAULT_PIN });
    expect(await first.state()).toBe('change-it');
    await first.engine.call('keys.keepDefaultPin', { token: first.token, keep: true });
    expect(await first.state()).toBe('kept');
    expect((JSON.parse(readFileSync(join(folder, 'settings.json'), 'utf8')) as { keptDefaultPins: string[] }).keptDefaultPins).toEqual([serial]);
    expect(first.told).toContain('change-it');
    await first.close();
    engines.pop();

    const second = await open();
    await second.engine.call('tokens.checkPin', { token: second.token, pin: DEFAULT_PIN });
    expect(await second.state()).toBe('kept');
    await second.engine.call('keys.keepDefaultPin', { token: second.token, keep: false });
    expect(await second.state()).toBe('change-it');
    await second.engine.call('tokens.changePin', { token: second.token, oldPin: DEFAULT_PIN, newPin: '462857' });
    expect(await second.state()).toBe(undefined);
    await second.engine.call('tokens.checkPin', { token: second.token, pin: '462857' });
    expect(await second.state()).toBe(undefined);
    expect((await second.engine.call('settings.get', undefined as never)).keptDefaultPins).toEqual([]);
  });
});
