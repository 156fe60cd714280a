/** The store under power cuts and killed processes: old state or new state, nothing between, and no try given back. */
import { execFile, spawn } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { envelopedKeyDer, makeEnvelope, makeSm2Key } from '../conformance/support/openssl.ts';
import { SOFT_UKEY_LIBRARY, USER_PIN, createSoftUkey, softUkeyMissing, type SoftUkey } from './support/soft-ukey.ts';

const CHILD = fileURLToPath(new URL('support/child-program.mjs', import.meta.url));
const POWER_LOST = 137;
const CKR_PIN_INCORRECT = 160, CKR_PIN_LOCKED = 164;
const missing = softUkeyMissing();

describe.skipIf(missing !== null)(`crash safety of the software UKey${missing === null ? '' : ` (${missing})`}`, () => {
  let key: SoftUkey;
  beforeEach(async () => {
    key = await createSoftUkey('--serial', 'CRASH');
  });
  afterEach(() => key.dispose());

  /** Runs one deed in its own process. @returns exit code and the last line it printed */
  const child = (deed: string, pin: string, more = '') => new Promise<{ exit: number | null; said: string }>((resolve) => {
    execFile(process.execPath, [CHILD, deed, SOFT_UKEY_LIBRARY, pin, more], { env: { ...process.env, ...key.env } }, (error, stdout) => {
      resolve({ exit: error === null ? 0 : typeof error.code === 'number' ? error.code : null, said: stdout.trim().split('\n').at(-1) ?? '' });
    });
  });

  /** Cuts the power at write step 1, 2, 3 … of a deed until it survives. @returns how many cuts there were */
  async function cutAtEveryWrite(deed: string, pin: string, more: string, check: (step: number) => Promise<void>): Promise<number> {
    const file = join(key.folder, 'CRASH.ukey'), before = join(key.folder, 'before'), plan = join(key.folder, 'CRASH.faults');
    copyFileSync(file, before);
    for (let step = 1; ; step++) {
      copyFileSync(before, file);
      writeFileSync(plan, `write ${step} power-loss\n`);
      const { exit } = await child(deed, pin, more);
      rmSync(plan);
      if (exit === 0) return step - 1;
      expect(exit).toBe(POWER_LOST);
      await check(step);
    }
  }

  it('ok: power cut at any write of a key generation leaves no pair or a whole pair', async () => {
    const pairs = new Set<string>();
    const cuts = await cutAtEveryWrite('generate-sm2', USER_PIN, 'pair', async () => {
      const { exit, said } = await child('use-all-keys', USER_PIN);
      expect(exit).toBe(0);
      expect(['0 of 0', '1 of 1']).toContain(said);
      pairs.add(said);
    });
    expect(cuts).toBe(18); // three saves (try counted down, try given back, keys) of six steps each
    expect(pairs).toEqual(new Set(['0 of 0', '1 of 1']));
  });

  it('ok: power cut at any write of an import of the encryption key leaves it out or whole', async () => {
    await child('generate-sm2', USER_PIN, 'sign');
    const point = Buffer.from((await child('public-point', USER_PIN)).said, 'hex');
    const envelope = envelopedKeyDer(makeEnvelope(point, makeSm2Key())).toString('hex');
    const seen = new Set<string>();
    expect(await cutAtEveryWrite('import', USER_PIN, envelope, async () => {
      const { said } = await child('use-all-keys', USER_PIN);
      expect(['1 of 1', '2 of 1']).toContain(said);
      seen.add(said);
    })).toBe(18);
    expect(seen).toEqual(new Set(['1 of 1', '2 of 1']));
  });

  it('ok: power cut at any write of a PIN change leaves the old PIN or the new one valid, never both, never none', async () => {
    const next = '56473829';
    const seen = new Set<string>();
    const cuts = await cutAtEveryWrite('change-pin', USER_PIN, next, async (step) => {
      const { said } = await child('try-both', USER_PIN, next);
      expect([`0 ${CKR_PIN_INCORRECT}`, `${CKR_PIN_INCORRECT} 0`], `cut at write ${step}`).toContain(said);
      seen.add(said);
    });
    expect(cuts).toBe(30);
    expect(seen.size).toBe(2);
  });

  it('ok: the try is counted before the PIN is looked at: a cut during a wrong guess costs it', async () => {
    for (let guess = 1; guess <= 3; guess++) {
      // Step 6 is the end of the first save, that of the counter.
      await key.ukeyctl('fault', 'CRASH', 'clear');
      await key.ukeyctl('fault', 'CRASH', 'add', 'write', '6', 'power-loss');
      expect((await child('login', '00000000')).exit).toBe(POWER_LOST);
      expect((await key.status()).userPin.triesLeft).toBe(10 - guess);
    }
  });

  it('ok: kill -9 in a storm of guesses never gives a try back, and the key ends locked', async () => {
    let left = (await key.status()).userPin.triesLeft;
    for (let round = 0; round < 20 && left > 0; round++) {
      const storm = spawn(process.execPath, [CHILD, 'guess-for-ever', SOFT_UKEY_LIBRARY, '00000000'], { env: { ...process.env, ...key.env }, stdio: ['ignore', 'pipe', 'ignore'] });
      await new Promise<void>((resolve) => storm.stdout.on('data', (said: Buffer) => {
        if (said.includes('CKR_PIN')) resolve();
      }));
      const gone = new Promise((resolve) => storm.once('exit', resolve));
      storm.kill('SIGKILL');
      await gone;
      const now = (await key.status()).userPin.triesLeft;
      expect(now).toBeLessThan(left);
      left = now;
    }
    expect(left).toBe(0);
    expect((await child('login', USER_PIN)).said).toBe(`code ${CKR_PIN_LOCKED}`);
  });

  it('ok: a process that dies with the lock in hand blocks nobody', async () => {
    // The first save of a login happens under the lock; the power goes in the middle of it.
    await key.ukeyctl('fault', 'CRASH', 'add', 'write', '2', 'power-loss');
    expect((await child('login', USER_PIN)).exit).toBe(POWER_LOST);
    await key.ukeyctl('fault', 'CRASH', 'clear');
    expect((await child('login', USER_PIN)).said).toBe('done');
  });

  it('ok: four processes writing at once lose nothing', async () => {
    const all = await Promise.all(['a', 'b', 'c', 'd'].map((label) => child('create-data', USER_PIN, label)));
    expect(all.map((one) => one.said)).toEqual(['done', 'done', 'done', 'done']);
    expect((await child('count-objects', USER_PIN)).said).toBe('4');
  });

  it('refuses: a damaged key file, cut or changed, and says so', async () => {
    const file = join(key.folder, 'CRASH.ukey'), whole = readFileSync(file);
    truncateSync(file, whole.length - 10);
    expect((await key.status()).damaged).toBe(true);
    for (const at of [3, 40, whole.length >> 1, whole.length - 1]) {
      const changed = Buffer.from(whole);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      writeFileSync(file, changed);
      expect((await key.status()).damaged, `byte ${at}`).toBe(true);
    }
    writeFileSync(file, whole);
    expect((await child('login', USER_PIN)).said).toBe('done');
    expect(existsSync(file)).toBe(true);
  });
});
