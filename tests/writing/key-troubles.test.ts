/**
 * Trouble with the key itself while a new issue is written, on the software UKey through both faces: the PIN locks, the key is full, its call fails, it is pulled inside
 * a call. Rule proved: nothing is lost, the code says what it is, and the deed goes on when the trouble is over.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DesktopEngine } from '#shared/contract/desktop/desktop-contract.ts';
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import { toAppError } from '#shared/errors/app-error.ts';
import { KEY_KINDS, refOf, type KeyKind, type TestKey } from '../support/key-kinds.ts';
import { allFaults } from '../faults/fault-kinds.ts';
import { openWritingWorld, refusal, type Desk, type Order, type WritingWorld } from './writing-world.ts';

let world: WritingWorld;
beforeAll(async () => {
  world = await openWritingWorld();
});
afterAll(() => world?.close());

const bytes = (text: string) => new TextEncoder().encode(text);
const SOFT_KINDS = KEY_KINDS.filter((kind) => kind.modelId === 'bidkey-soft-ukey');

/** The calls by which a deed reaches the key; what a kind never calls ends its sweep at once. Reading calls come by the dozen: these are struck at some of them. */
const CALLS: Readonly<Record<KeyKind['interface'], { readonly each: readonly string[]; readonly some: readonly string[] }>> = {
  pkcs11: {
    each: ['C_Login', 'C_GenerateKeyPair', 'C_SignInit', 'C_Sign', 'C_UnwrapKey', 'C_CreateObject', 'C_DecryptInit', 'C_Decrypt', 'C_Logout'],
    some: ['C_OpenSession', 'C_FindObjectsInit', 'C_FindObjects', 'C_GetAttributeValue', 'C_GetTokenInfo', 'C_GetMechanismList'],
  },
  skf: {
    each: ['SKF_VerifyPIN', 'SKF_CreateContainer', 'SKF_GenECCKeyPair', 'SKF_ECCSignData', 'SKF_ImportECCKeyPair', 'SKF_ImportCertificate', 'SKF_ImportSessionKey', 'SKF_DecryptInit', 'SKF_Decrypt', 'SKF_ECCPrvKeyDecrypt'],
    some: ['SKF_ConnectDev', 'SKF_OpenApplication', 'SKF_OpenContainer', 'SKF_EnumContainer', 'SKF_ExportPublicKey', 'SKF_ExportCertificate', 'SKF_GetDevInfo', 'SKF_GetPINInfo'],
  },
};
const SOME_OF_MANY = [1, 2, 5, 9];
const MOST_CALLS = 30;
/** What a pulled key may be called; never INTERNAL, never a driver's breakdown. */
const PULLED = ['TOKEN_REMOVED', 'TOKEN_NOT_PRESENT', 'TOKEN_NOT_LOGGED_IN'];

for (const kind of SOFT_KINDS) {
  describe.skipIf(kind.missing !== null)(`key troubles on ${kind.name}`, () => {
    let desk: Desk;
    let engine: DesktopEngine;
    const soft = (key: TestKey = desk.key) => key.soft ?? expect.unreachable('a software UKey');
    beforeEach(async () => {
      desk = await world.openDesk(kind);
      ({ engine } = desk.composed);
    });
    afterEach(() => world.endTest());

    /** Begins; a refusal before anything began leaves no deed. */
    async function tryToWrite(order: Order, key = desk.key): Promise<{ readonly code: string | null; readonly deed: Deed | null }> {
      try {
        const deed = await desk.write(order, key);
        return { code: deed.error?.code ?? null, deed };
      } catch (thrown) {
        return { code: toAppError(thrown).code, deed: null };
      }
    }

    async function expectOnePair(order: Order, key = desk.key, remaining = 1): Promise<void> {
      expect(await world.statesOnKey(key.serial)).toEqual(['active', 'active']);
      expect(await world.remainingOf(order.requestId)).toBe(remaining);
      const certificates = await desk.certificates(key);
      expect([certificates.length, new Set(certificates.map((one) => one.containerId)).size]).toEqual([2, 1]);
    }

    it('refuses: the last try of the PIN locks the key, which spends no code; ok: unblocked, the same code works', async () => {
      const order = await desk.order();
      await soft().ukeyctl('set-counters', desk.key.serial, '--user', '1');
      await desk.rescan();
      await desk.untilSeen();
      expect((await refusal(engine.call('writing.startNewIssue', { ...desk.input(order), pin: '00000000' }))).code).toBe('PIN_NOT_CONFIRMED');
      expect((await refusal(engine.call('writing.startNewIssue', { ...desk.input(order), pin: '00000000', confirmedFewTries: true }))).code).toBe('PIN_LOCKED');
      expect((await soft().status()).userPin).toMatchObject({ triesLeft: 0, locked: true });
      // The right PIN does not help any more, and the driver is not asked again.
      expect((await refusal(engine.call('writing.startNewIssue', { ...desk.input(order), confirmedFewTries: true }))).code).toBe('PIN_LOCKED');
      expect([await engine.call('writing.listUnfinished', undefined as never), await world.remainingOf(order.requestId)]).toEqual([[], 2]);
      await desk.composed.tokens.unblockPin(refOf(desk.key), bytes(soft().adminPin), bytes(desk.key.pin));
      expect((await tryToWrite(order)).code).toBe(null);
      await expectOnePair(order);
    });

    it('ok: a PIN that another program locks during the writing does not stop it; stopped otherwise, it waits for the unblocking', async () => {
      const [order, later] = [await desk.order(), await desk.order()];
      const locked = desk.onStep('request', () => soft().lock());
      expect((await tryToWrite(order)).code).toBe(null);
      await locked;
      await expectOnePair(order);

      const second = await desk.addKey('second');
      const stopped = desk.onStep('import-keys', async () => {
        world.gate.cut();
        await soft(second).lock();
      });
      const { deed, code } = await tryToWrite(later, second);
      await stopped;
      world.gate.mend();
      expect(code).toBe('CA_UNREACHABLE');
      const waiting = deed ?? expect.unreachable();
      await desk.rescan();
      await desk.untilSeen(second);
      expect((await refusal(engine.call('writing.resume', { deedId: waiting.id, pin: second.pin }))).code).toBe('PIN_LOCKED');
      await desk.composed.tokens.unblockPin(refOf(second), bytes(soft(second).adminPin), bytes('62841937'));
      const resumed = await desk.ended(await engine.call('writing.resume', { deedId: waiting.id, pin: '62841937' }));
      expect([resumed.state, resumed.error]).toEqual(['completed', null]);
      await expectOnePair(later, second);
    });

    it.each([64, 1_200, 2_200, 3_000, 3_600])('refuses: a key with %i bytes left, as TOKEN_FULL, whatever did not fit; ok: goes on when there is room', async (free) => {
      const order = await desk.order();
      await soft().setFreeSpace(free);
      const { code, deed } = await tryToWrite(order);
      expect([null, 'TOKEN_FULL']).toContain(code);
      if (free === 64) expect([code, deed?.step]).toEqual(['TOKEN_FULL', 'generate']);
      await soft().setFreeSpace(100_000);
      if (deed && code !== null) expect(await desk.resume(deed)).toMatchObject({ state: 'completed', error: null });
      await expectOnePair(order);
    });

    it('ok: a call that fails once stops the deed with a code of the key, and the deed goes on', async () => {
      const { each } = CALLS[kind.interface];
      const deviceError = kind.interface === 'skf' ? '0x0A000001' : '0x30';
      for (const [index, call] of each.entries()) {
        const key = await desk.addKey(`fails ${index}`);
        const order = await desk.order();
        await soft(key).fault(call, 1, 'return', deviceError);
        const { code, deed } = await tryToWrite(order, key);
        expect([call, ['INTERNAL', 'DRIVER_CRASHED', 'DRIVER_HUNG'].includes(code ?? '')]).toEqual([call, false]);
        await soft(key).clearFaults();
        await goOn(order, key, deed);
        await expectOnePair(order, key);
        await key.remove();
      }
    }, 600_000);

    it('ok: pulled inside each call of the deed, the key is told as pulled; back in, the deed goes on, and one pair is active', async () => {
      const { each } = CALLS[kind.interface];
      // Reading is the same for both algorithms of a driver, and RSA keys take long to make: they are read with SM2, or with everything (npm run faults).
      const some = kind.algorithm === 'sm2' || allFaults ? CALLS[kind.interface].some : [];
      const struck = new Map<string, number>();
      for (const call of [...each, ...some]) {
        for (const at of each.includes(call) ? Array.from({ length: MOST_CALLS }, (_, index) => index + 1) : SOME_OF_MANY) {
          if (!(await pulledInside(call, at))) break;
          struck.set(call, (struck.get(call) ?? 0) + 1);
        }
      }
      console.log(`pulled inside ${[...struck].map(([call, times]) => `${call} ×${times}`).join(', ')} on ${kind.name}`);
      // These every deed must make: a login, two keys, a request and two proofs, two certificates.
      const least = kind.interface === 'skf' ? { SKF_GenECCKeyPair: 1, SKF_ECCSignData: 3, SKF_ImportECCKeyPair: 1, SKF_ImportCertificate: 2 } : { C_GenerateKeyPair: 1, C_Sign: 3, C_UnwrapKey: 1, C_CreateObject: 2 };
      for (const [call, times] of Object.entries(least)) expect([call, struck.get(call) ?? 0]).toEqual([call, Math.max(times, struck.get(call) ?? 0)]);
    }, 600_000);

    /** @returns whether the fault struck; when not, the deed does not make that call so often */
    async function pulledInside(call: string, at: number): Promise<boolean> {
      const key = await desk.addKey(`${call} ${at}`.slice(0, 30));
      const order = await desk.order();
      await soft(key).fault(call, at, 'unplug');
      const { code, deed } = await tryToWrite(order, key);
      const { present } = await soft(key).status();
      expect(present ? [null] : [null, ...PULLED], `${call} ${at}`).toContain(code);
      await soft(key).clearFaults();
      if (!present) await key.insert();
      await goOn(order, key, deed);
      await expectOnePair(order, key);
      await key.remove();
      return !present;
    }

    /** What the person does when the key is back: goes on, or begins anew when nothing was begun. */
    async function goOn(order: Order, key: TestKey, deed: Deed | null): Promise<void> {
      if (deed?.state === 'completed') return;
      await desk.untilSeen(key);
      const done = deed ? await desk.resume(deed, key) : await desk.write(order, key);
      expect([done.state, done.error]).toEqual(['completed', null]);
    }
  });
}

describe.skipIf(SOFT_KINDS.some((kind) => kind.missing !== null))('one key through both faces', () => {
  afterEach(() => world.endTest());

  it('ok: begun over PKCS#11, interrupted, and gone on with over SKF; the pair is in one container and works through both', async () => {
    const face = (wanted: KeyKind['interface']) => SOFT_KINDS.find((kind) => kind.interface === wanted && kind.algorithm === 'sm2') ?? expect.unreachable();
    const desk = await world.openDesk(face('pkcs11'));
    const order = await desk.order();
    const deed = await desk.interruptedAt('import-keys', order);
    await desk.composed.close();
    const overSkf: TestKey = { ...desk.key, driver: { ...desk.key.driver, interface: 'skf' } };
    const later = await world.openDesk(face('skf'), overSkf, desk.dataFolder);
    expect(await later.resume(deed)).toMatchObject({ state: 'completed', error: null });
    expect(await world.statesOnKey(desk.key.serial)).toEqual(['active', 'active']);
    const again = await world.openDesk(face('pkcs11'), desk.key);
    const seen = async (one: Desk) => (await one.certificates()).map(({ sha256Hex, containerId }) => `${containerId} ${sha256Hex}`).sort();
    expect(await seen(again)).toEqual(await seen(later));
    expect(await seen(again)).toHaveLength(2);
  });
});
