/**
 * What goes wrong in the life of a certificate, on the software UKey through both faces: the key is full, a PIN locks in the midst, the administrator PIN is locked, another
 * account, a clock that was set back. Rule proved: it is told by a code before anything is spent, or the deed waits and goes on; a locked administrator PIN is a clear end.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DesktopEngine } from '#shared/contract/desktop/desktop-contract.ts';
import { KEY_KINDS, refOf } from '../support/key-kinds.ts';
import type { ReadyRequest } from '../support/life.ts';
import { expectAllOpen, NEW_PIN, UNBLOCK_FAILS, pinsFor, readyFor, sealSecrets, startInput, type SealedSecret } from './life-desk.ts';
import { openWritingWorld, refusal, type Desk, type WritingWorld } from './writing-world.ts';

let world: WritingWorld;
beforeAll(async () => {
  world = await openWritingWorld();
});
afterAll(() => world?.close());

const KINDS = KEY_KINDS.filter(({ modelId, algorithm }) => modelId === 'bidkey-soft-ukey' && algorithm === 'sm2');
const PAIR_BYTES = 8_000;
const A_YEAR_MS = 366 * 86_400_000;

for (const kind of KINDS) {
  describe.skipIf(kind.missing !== null)(`troubles in the life of a certificate on ${kind.name}`, () => {
    let desk: Desk;
    let engine: DesktopEngine;
    let secrets: SealedSecret[];
    const soft = () => desk.key.soft ?? expect.unreachable('a software UKey');
    const ready = (what: 'renewal' | 'unlock', policy: 'new-keys' | 'same-keys' = 'new-keys') => readyFor({ life: world.life, customer: world.customer, engine, keyKind: kind, about: desk.key, pin: desk.key.pin }, what, policy);
    const input = (what: 'renewal' | 'unlock', asked: ReadyRequest) => startInput(what, asked, kind, desk.key, desk.key.pin);
    const start = async (what: 'renewal' | 'unlock', asked: ReadyRequest, more: object = {}) => desk.ended(await engine.call('writing.start', { ...input(what, asked), ...more }));
    const stateOf = async ({ request }: ReadyRequest) => (await world.life.now(request)).state;
    const room = (pin?: string) => engine.call('writing.room', { token: refOf(desk.key), keyAlgorithm: kind.algorithm, ...(pin === undefined ? {} : { pin }) });

    beforeEach(async () => {
      desk = await world.openDesk(kind);
      ({ engine } = desk.composed);
      expect((await desk.write(await desk.order(1))).error).toBe(null);
      secrets = await sealSecrets(world.customer, kind, desk.key.serial);
    });
    afterEach(() => world.endTest());

    it('refuses: a renewal on a full key, before the code is spent; only pairs that have ended may go, and with consent; ok: then it goes through', async () => {
      expect((await start('renewal', await ready('renewal'))).state).toBe('completed');
      const sealed = await sealSecrets(world.customer, kind, desk.key.serial);
      const asked = await ready('renewal');
      await soft().setFreeSpace(PAIR_BYTES / 2);
      const { fits, removable } = await room(desk.key.pin);
      expect([fits, removable.length]).toEqual([false, 1]);
      expect((await refusal(engine.call('writing.start', input('renewal', asked)))).details['choices']).toEqual(['remove-old-pairs', 'another-key']);
      const old = removable[0]?.containerId ?? expect.unreachable();
      const current = (await desk.certificates()).find(({ containerId }) => containerId !== old)?.containerId ?? expect.unreachable();
      expect((await refusal(engine.call('writing.start', { ...input('renewal', asked), removeFirst: [old] }))).code).toBe('DEED_ESCROW_NOT_AGREED');
      expect((await refusal(engine.call('writing.start', { ...input('renewal', asked), removeFirst: [current], agreedToEscrowOnly: true }))).code).toBe('DEED_NOT_REMOVABLE');
      expect([await engine.call('writing.listUnfinished', undefined as never), await stateOf(asked)]).toEqual([[], 'code-sent']);

      // What was taken off makes room: the fixed fill of the test key is taken away with it.
      const freed = desk.onStep('generate', () => soft().setFreeSpace(100_000));
      await soft().setFreeSpace(PAIR_BYTES / 2);
      const begun = await engine.call('writing.start', { ...input('renewal', asked), removeFirst: [old], agreedToEscrowOnly: true });
      const stopped = await desk.ended(begun);
      if (stopped.state !== 'completed') {
        expect([stopped.step, stopped.error?.code]).toEqual(['room', 'TOKEN_FULL']);
        await soft().setFreeSpace(100_000);
        expect((await desk.resume(stopped)).state).toBe('completed');
      }
      await freed;
      expect((await desk.certificates()).some(({ containerId }) => containerId === old)).toBe(false);
      await expectAllOpen(desk.composed.tokens, desk.key, desk.key.pin, sealed.filter(({ certificateSha256Hex }) => certificateSha256Hex !== removable[0]?.encryptionCertificateSha256Hex));
    });

    it('ok: the PIN locks in the midst of a renewal; the deed waits for the unblocking, and the old pair is in force meanwhile', async () => {
      const asked = await ready('renewal');
      const stopped = desk.onStep('import-keys', async () => {
        world.gate.cut();
        await soft().lock();
      });
      const begun = await engine.call('writing.start', input('renewal', asked));
      await stopped;
      const deed = await desk.ended(begun);
      world.gate.mend();
      expect([deed.state, deed.error?.code]).toEqual(['interrupted', 'CA_UNREACHABLE']);
      expect((await world.statesOnKey(desk.key.serial)).filter((state) => state === 'active')).toHaveLength(2);
      await desk.rescan();
      await desk.untilSeen();
      expect((await refusal(engine.call('writing.resume', { deedId: deed.id, pin: desk.key.pin }))).code).toBe('PIN_LOCKED');
      await desk.composed.tokens.unblockPin(refOf(desk.key), bytes(soft().adminPin), bytes(NEW_PIN));
      expect((await refusal(engine.call('writing.resume', { deedId: deed.id, pin: desk.key.pin }))).code).toBe('PIN_INCORRECT');
      expect((await desk.ended(await engine.call('writing.resume', { deedId: deed.id, pin: NEW_PIN, confirmedFewTries: true }))).state).toBe('completed');
      await expectAllOpen(desk.composed.tokens, desk.key, NEW_PIN, secrets);
    });

    it('refuses: another account goes on with a deed; ok: the one that began it does', async () => {
      const asked = await ready('renewal');
      const cut = desk.onStep('request', () => world.gate.cut());
      const begun = await engine.call('writing.start', input('renewal', asked));
      await cut;
      const deed = await desk.ended(begun);
      world.gate.mend();
      const { password } = world.customer.login;
      await engine.call('session.logIn', { loginName: 'demo-staff', password });
      expect((await refusal(engine.call('writing.resume', { deedId: deed.id, pin: desk.key.pin }))).code).toBe('DEED_OTHER_ACCOUNT');
      expect((await refusal(engine.call('writing.cancel', { deedId: deed.id, pin: desk.key.pin }))).code).toBe('DEED_OTHER_ACCOUNT');
      await engine.call('session.logIn', world.customer.login);
      expect((await desk.resume(deed)).state).toBe('completed');
    });

    it('ok: a clock that was set back a year stops no deed', async () => {
      await desk.composed.close();
      const wrong = await world.openDesk(kind, desk.key, desk.dataFolder, () => new Date(Date.now() - A_YEAR_MS));
      const asked = await readyFor({ life: world.life, customer: world.customer, engine: wrong.composed.engine, keyKind: kind, about: desk.key, pin: desk.key.pin }, 'renewal');
      const cut = wrong.onStep('complete', () => world.gate.cut());
      const begun = await wrong.composed.engine.call('writing.start', input('renewal', asked));
      await cut;
      const deed = await wrong.ended(begun);
      world.gate.mend();
      expect(deed.state === 'completed' ? deed.state : (await wrong.resume(deed)).state).toBe('completed');
      await expectAllOpen(wrong.composed.tokens, desk.key, desk.key.pin, secrets);
    });

    it('refuses: an unlock with a locked administrator PIN, before the code is spent and in the midst: a clear end, only initialising the key anew helps', async () => {
      const [newIssue] = (await world.customer.session.ca.listRequests({ query: { kind: 'new-issue', limit: 1 } })).items;
      const adopted = await engine.call('writing.adoptAdministratorPin', { requestId: newIssue?.id ?? '', token: refOf(desk.key), tokenModelId: kind.modelId, administratorPin: desk.key.adminPin });
      expect((await desk.ended(adopted)).state).toBe('completed');
      const asked = await ready('unlock');
      await soft().lock();
      const [call, failure] = UNBLOCK_FAILS[kind.interface];
      await soft().fault(call, 1, 'return', failure);
      const deed = await start('unlock', asked);
      expect([deed.state, deed.step]).toEqual(['interrupted', 'unblock']);
      await soft().clearFaults();
      await lockAdministrator(desk);
      const again = await desk.ended(await engine.call('writing.resume', { deedId: deed.id, ...pinsFor(deed, NEW_PIN), confirmedFewTries: true }));
      expect([again.state, again.error?.code]).toEqual(['interrupted', 'ADMIN_PIN_LOCKED']);

      // Another key of the same person, locked beforehand: nothing is spent.
      const second = await world.openDesk(kind);
      expect((await second.write(await second.order(1))).error).toBe(null);
      const later = await readyFor({ life: world.life, customer: world.customer, engine: second.composed.engine, keyKind: kind, about: second.key, pin: second.key.pin }, 'unlock');
      await lockAdministrator(second);
      expect((await refusal(second.composed.engine.call('writing.start', startInput('unlock', later, kind, second.key, second.key.pin)))).code).toBe('ADMIN_PIN_LOCKED');
      expect(await stateOf(later)).toBe('code-sent');
    });
  });
}

const bytes = (text: string) => new TextEncoder().encode(text);

/** Really: with wrong tries, until the key refuses. */
async function lockAdministrator({ key, composed }: Desk): Promise<void> {
  for (let tries = 0; tries < 30; tries += 1) {
    const code = await composed.tokens.unblockPin(refOf(key), bytes('00000000'), bytes('62841937')).then(() => 'in', (thrown: { code: string }) => thrown.code);
    if (code === 'ADMIN_PIN_LOCKED') return;
    expect(code).toBe('ADMIN_PIN_INCORRECT');
  }
  throw new Error('the administrator PIN does not lock');
}
